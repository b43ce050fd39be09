"""Pure rules: how long to wait between attempts, and when to give up."""

from datetime import datetime, timedelta

# The schedule that Standard Webhooks suggests ("Deliverability and reliability"): at once, then after these pauses.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
GIVE_UP_AFTER = timedelta(hours=72)
# After a rotation both secrets sign for so long.
SECRET_OVERLAP = timedelta(hours=24)
# A lease outlives the attempt it is for by this: time to record what came of it.
LEASE_MARGIN = timedelta(seconds=45)
ANSWER_SHOWN = 500  # bytes of a receiver's answer that are kept


def next_attempt_at(*, now: datetime, failures: int, failing_since: datetime) -> datetime | None:
    """
    Return when to try again after so many failures in a row (1 or more); None when the time is up.

    The last attempt is made when the 72 hours end, however long the pause before it would have been.
    """
    ends_at = failing_since + GIVE_UP_AFTER
    if now >= ends_at:
        return None
    return min(now + PAUSES[min(failures, len(PAUSES)) - 1], ends_at)


def is_success(status_code: int | None) -> bool:
    """Tell whether the receiver took it: any 2xx, nothing else; a redirect is none."""
    return status_code is not None and 200 <= status_code < 300
