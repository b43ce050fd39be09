"""Passengers of a booking and their seats, as the pages that change them show them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from bookings import selectors as booking_selectors
from common.dates import local_date
from portals.shared import cabin

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.models import Booking, Passenger
    from bookings.selectors import PassengerView


@dataclass(frozen=True, kw_only=True)
class PartySight:
    """Who flies, each with why nothing changes any more ('' while it may); the last day of changes."""

    booking: "Booking"
    passengers: "list[tuple[Passenger, str]]"
    latest_day: date

    @property
    def may_change(self) -> bool:
        """Whether anybody's details or seat may still change."""
        return any(not why for _, why in self.passengers)

    @property
    def why(self) -> str:
        """Why nobody's do."""
        return self.passengers[0][1] if self.passengers else ""


def party_sight(*, customer: "User", reference: str, now: datetime) -> PartySight:
    """Read the passengers of a customer's booking. Raises: BookingNotFound."""
    booking = booking_selectors.booking_get_for_customer(customer=customer, reference=reference)
    launch = booking.launch
    return PartySight(
        booking=booking,
        passengers=[
            (one, booking_selectors.fixed_why(booking=booking, passenger=one, now=now))
            for one in booking.passengers.all()
        ],
        latest_day=local_date(launch.departure_at, launch.spaceport.time_zone)
        - timedelta(days=settings.PASSENGER_CHANGE_DAYS),
    )


def choosable(*, view: "PassengerView", chosen: int) -> list[cabin.SeatView]:
    """Return the cabin for choosing one seat: the passenger's own is shown, and the neighbours' are named."""
    names = {seat_id: one.full_name for seat_id, one in view.neighbours}
    own = view.passenger.seat_label
    seats = []
    for seat in view.seats:
        note = names.get(seat.id, "")
        is_fixed = seat.label == own or bool(note)
        state = cabin.MINE if is_fixed else seat.state
        if seat.label == own:
            note = f"{view.passenger.full_name} sits here now"
        elif seat.id == chosen and state == cabin.FREE:
            state = cabin.MINE
        seats.append(
            cabin.SeatView(
                id=seat.id,
                label=seat.label,
                row=seat.row,
                column=seat.column,
                state=state,
                is_window=seat.is_window,
                is_exit=seat.is_exit,
                note=note,
                is_fixed=is_fixed,
            )
        )
    return seats
