"""What a move is reckoned with: who is moved, what they paid, and both launches."""

from decimal import Decimal
from typing import TYPE_CHECKING

from bookings.models import Booking, Passenger
from launches import services as launch_services

if TYPE_CHECKING:
    from launches.selectors import LaunchBrief


def launches_lock(*launch_ids: int) -> dict[int, "LaunchBrief"]:
    """Share launches, by id, and return them by id; needs a transaction."""
    return {launch_id: launch_services.launch_share_lock(launch_id=launch_id) for launch_id in sorted(launch_ids)}


def passengers_live(booking: Booking) -> list[Passenger]:
    """Return who is not cancelled, in the cabin order of their seats."""
    rows = booking.passengers.filter(cancelled_at=None)
    return list(rows.order_by("claim__launch_seat__row", "claim__launch_seat__column", "pk"))


def price_of(passengers: list[Passenger]) -> Decimal:
    """Return what passengers paid for their seats together."""
    return sum((one.price_amount for one in passengers), Decimal(0))
