"""What may still be changed: holds and their time, passengers and their seats, seats on sale."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from bookings import errors, policies
from bookings.enums import UNPAID_HOLDS, BookingStatus
from bookings.models import Booking, Hold, Passenger
from bookings.selectors.lists import booking_get_for_customer
from bookings.selectors.seats import SeatState, seat_map
from launches.enums import LaunchStatus

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, kw_only=True)
class HoldStanding:
    """Where a hold stands at an instant; `reference` is '' while no passengers are named."""

    is_unpaid: bool
    is_extendable: bool
    reference: str
    expires_at: datetime


def hold_standing(*, hold_id: UUID | str, now: datetime) -> HoldStanding:
    """Read a hold for those who tell its customer of it. Raises: HoldNotFound."""
    hold = Hold.objects.filter(pk=hold_id).first()
    if hold is None:
        raise errors.HoldNotFound
    booking = Booking.objects.filter(hold=hold).first()
    is_paid = booking is not None and booking.status != BookingStatus.PENDING
    return HoldStanding(
        is_unpaid=hold.status in UNPAID_HOLDS and hold.expires_at > now and not is_paid,
        is_extendable=hold.is_extendable,
        reference=booking.reference if booking else "",
        expires_at=hold.expires_at,
    )


@dataclass(frozen=True, kw_only=True)
class PassengerView:
    """
    A passenger and what may be changed.

    fixed_why: why details and seat do not change any more; '' while they may. seats: of the whole launch. neighbours:
    others of the booking, with whom the seat can be exchanged.
    """

    booking: Booking
    passenger: Passenger
    fixed_why: str
    seats: list[SeatState]
    neighbours: list[tuple[int, Passenger]]


def passenger_view(*, customer: "User", reference: str, passenger_id: int, now: datetime) -> PassengerView:
    """Read a passenger of a customer's booking. Raises: BookingNotFound, PassengerNotFound. Six queries."""
    booking = booking_get_for_customer(customer=customer, reference=reference)
    passengers = list(booking.passengers.select_related("claim").order_by("seat_label", "pk"))
    passenger = next((one for one in passengers if one.pk == passenger_id), None)
    if passenger is None:
        raise errors.PassengerNotFound
    return PassengerView(
        booking=booking,
        passenger=passenger,
        fixed_why=fixed_why(booking=booking, passenger=passenger, now=now),
        seats=seat_map(launch_id=booking.launch_id, now=now),
        neighbours=[
            (one.claim.launch_seat_id, one) for one in passengers if one.pk != passenger.pk and one.cancelled_at is None
        ],
    )


def fixed_why(*, booking: Booking, passenger: Passenger, now: datetime) -> str:
    """Say why a passenger's details and seat do not change any more; '' while they may."""
    launch = booking.launch
    return policies.passenger_fixed_why(
        status=booking.status,
        status_words=booking.get_status_display().lower(),
        is_cancelled=passenger.cancelled_at is not None,
        is_off=launch.status in (LaunchStatus.ABORTED, LaunchStatus.FAILED),
        departure_at=launch.departure_at,
        zone=launch.spaceport.time_zone,
        days=settings.PASSENGER_CHANGE_DAYS,
        now=now,
    )
