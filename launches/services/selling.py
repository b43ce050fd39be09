"""Locks for those who sell a launch's seats; see launches.locks, Note [Three strengths of locks on a launch]."""

from collections.abc import Collection

from launches import locks, selectors
from launches.models import LaunchSeat
from launches.selectors import LaunchBrief


def launch_share_lock(*, launch_id: int) -> LaunchBrief:
    """
    Keep a launch as it is until the transaction ends, and say what it is.

    Any number of sellers may hold it at once; whoever changes the launch waits for them. Needs a transaction.
    Raises: LaunchNotFound, Busy.
    """
    locks.launch_share_lock(launch_id=launch_id)
    return selectors.launch_brief(launch_id=launch_id)


def launch_seats_lock(*, launch_id: int, seat_ids: Collection[int], skip_locked: bool = False) -> list[LaunchSeat]:
    """
    Lock seats of a launch, in the order of their ids, until the transaction ends; needs one.

    Returns: the seats, fewer than asked for when some are not of this launch or, with `skip_locked`, are locked by
        somebody else. Withdrawn ones are among them: look at `is_blocked`.
    Raises: Busy.
    """
    return locks.launch_seats_lock(launch_id=launch_id, seat_ids=seat_ids, skip_locked=skip_locked)
