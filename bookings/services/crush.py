"""Telling those who come too late for a launch so, by a look."""

import time
from datetime import datetime
from typing import TYPE_CHECKING

from bookings import errors, statements

if TYPE_CHECKING:
    from accounts.models import User

# Launches that this process saw sold out, and until when (monotonic seconds) late comers are told so by a look: seats
# that come free are sold at once, and what else may have happened to the launch is said a second later.
_crushed: dict[int, float] = {}
CRUSHED_FOR_S = 1.0
CRUSHED_UP_TO = 1000


def crush_check(*, customer: "User", launch_id: int, seats: int, now: datetime) -> None:
    """
    Tell those who come too late for a launch so by one look, without a lock; only if it was sold out a moment ago.

    Raises: NotEnoughSeats.
    """
    if time.monotonic() >= _crushed.get(launch_id, 0.0):
        return
    left = statements.seats_left(launch_id=launch_id, customer_id=customer.pk, wanted=seats, now=now)
    if left < seats:
        raise errors.NotEnoughSeats(left=left, wanted=seats)


def crush_note(launch_id: int) -> None:
    """Remember that a launch was sold out just now."""
    if len(_crushed) >= CRUSHED_UP_TO:
        _crushed.clear()
    _crushed[launch_id] = time.monotonic() + CRUSHED_FOR_S
