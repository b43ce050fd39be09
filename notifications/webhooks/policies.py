"""Pure rules: how long to wait between attempts, and when to give up."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

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
# Answers with which a receiver may say when to come again (RFC 6585, section 4; RFC 9110, section 15.6.4).
BUSY_ANSWERS = frozenset({429, 503})
# After a rotation both secrets sign for so long.
SECRET_OVERLAP = timedelta(hours=24)
# A lease outlives the attempt it is for by this: time to record what came of it.
LEASE_MARGIN = timedelta(seconds=45)
ANSWER_SHOWN = 500  # bytes of a receiver's answer that are kept


def next_attempt_at(
    *, now: datetime, failures: int, failing_since: datetime, asked_for: datetime | None = None
) -> datetime | None:
    """
    Return when to try again after so many failures in a row (1 or more); None when the time is up.

    The last attempt is made when the 72 hours end, however long the pause before it would have been.

    asked_for: when the receiver wants to be called again; that is never sooner than our own pause would end.
    """
    ends_at = failing_since + GIVE_UP_AFTER
    if now >= ends_at:
        return None
    own = now + PAUSES[min(failures, len(PAUSES)) - 1]
    return min(max(own, asked_for or own), ends_at)


def retry_after_at(value: str, *, now: datetime) -> datetime | None:
    """
    Read a `Retry-After`: seconds from now, or an HTTP date (RFC 9110, section 10.2.3); None when it is neither.

    Seconds beyond the time after which we give up are cut to it.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        most_s = int(GIVE_UP_AFTER.total_seconds())
        return now + timedelta(seconds=min(int(text), most_s) if len(text) < 10 else most_s)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def is_success(status_code: int | None) -> bool:
    """Tell whether the receiver took it: any 2xx, nothing else; a redirect is none."""
    return status_code is not None and 200 <= status_code < 300
