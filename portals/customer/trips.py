"""Trips as their pages show them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bookings import selectors as booking_selectors
from bookings.enums import BookingStatus
from common.dates import Precision, departure_text, departure_text_short
from finance import selectors as finance_selectors
from finance.enums import PaymentStatus, RefundCause
from launches.enums import LaunchStatus
from portals.shared import cabin
from portals.shared.pictures.patch import PatchSpec
from portals.shared.templatetags.pictures import body_for

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.models import Rebooking, SlipDecision
    from documents.records import TripRecord, TripSeat
    from finance.models import Invoice, Payment, Refund


_PAID = (PaymentStatus.SUCCEEDED, PaymentStatus.LATE)


@dataclass(frozen=True)
class TripCard:
    """A trip in the list."""

    trip: "TripRecord"

    @property
    def patch(self) -> PatchSpec:
        """What its launch's patch shows."""
        trip = self.trip
        date = departure_text_short(trip.departure_at, trip.departure_precision, trip.spaceport_time_zone)
        return PatchSpec(
            seed=str(trip.launch_id),
            rocket_name=trip.rocket_name,
            destination_name=trip.destination_name,
            date_text=date,
            range=trip.destination_range,
            body=body_for(range_=trip.destination_range, destination_name=trip.destination_name),
        )

    @property
    def status_words(self) -> str:
        """Its state in a word."""
        return str(BookingStatus(self.trip.status).label)

    @property
    def departure(self) -> str:
        """When it leaves, as exactly as is honest."""
        return departure_text(self.trip.departure_at, self.trip.departure_precision, self.trip.spaceport_time_zone)

    @property
    def seats(self) -> "list[TripSeat]":
        """Seats that are not cancelled; all of them when the whole trip is."""
        kept = [seat for seat in self.trip.seats if seat.status != "cancelled"]
        return kept or list(self.trip.seats)

    @property
    def is_delayed(self) -> bool:
        """Whether its launch was moved back."""
        return self.trip.launch_status == LaunchStatus.DELAYED and self.trip.status == BookingStatus.CONFIRMED


@dataclass(frozen=True)
class InCheck:
    """A payment whose outcome is not known yet."""

    payment: "Payment"

    @property
    def needs_code(self) -> bool:
        """Whether it waits for the code that the card's bank sent."""
        return self.payment.status == PaymentStatus.CHALLENGE


def cards(trips: "Collection[TripRecord]") -> list[TripCard]:
    """Make cards of trips."""
    return [TripCard(trip) for trip in trips]


@dataclass(frozen=True, kw_only=True)
class TripSight:
    """Everything a trip's page shows."""

    trip: "TripRecord"
    card: TripCard
    seats: list[cabin.SeatView]
    payment: "Payment | None"
    differences: "list[Payment]"
    refunds: "list[Refund]"
    invoices: "list[Invoice]"
    policy: list[Any]
    kept_price: Decimal
    now: datetime
    slip: "SlipDecision | None" = None
    move: "Rebooking | None" = None

    @property
    def slip_url(self) -> str:
        """The page of the open question about a slip; '' when there is none."""
        return reverse("customer:slip", args=[booking_selectors.slip_token(self.slip.pk)]) if self.slip else ""

    @property
    def has_clock_time(self) -> bool:
        """Whether the departure is known so exactly that the reader's own time can stand beside it."""
        return Precision(self.trip.departure_precision).has_clock_time

    @property
    def is_paid(self) -> bool:
        """Whether the money came in."""
        return self.payment is not None and self.payment.status == PaymentStatus.SUCCEEDED

    @property
    def is_cancellable(self) -> bool:
        """Whether cancelling is still possible."""
        return self.trip.is_cancellable and self.trip.departure_at > self.now

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody of it flies any more."""
        return self.trip.status == BookingStatus.CANCELLED

    @property
    def is_flown(self) -> bool:
        """Whether it has flown."""
        return self.trip.status == BookingStatus.COMPLETED

    @property
    def is_off(self) -> bool:
        """Whether it was the launch that ended it, and not its customer before that."""
        is_called_off = self.trip.launch_status in (LaunchStatus.ABORTED, LaunchStatus.FAILED)
        return is_called_off and any(refund.cause == RefundCause.SUPPLIER for refund in self.refunds)


def trip_sight(*, customer: "User", reference: str, now: datetime) -> TripSight:
    """Collect a trip's page. Raises: BookingNotFound. Nine queries, however many seats."""
    trip = booking_selectors.trip_get(customer=customer, reference=reference)
    kept = [seat for seat in trip.seats if seat.status != "cancelled"]
    own = {seat.label: seat.passenger.full_name if seat.passenger else "" for seat in kept}
    cabin_seats = booking_selectors.seat_map(launch_id=trip.launch_id, now=now, viewer=customer)
    payments = finance_selectors.payments_of_booking(customer=customer, reference=reference)
    kept_price = sum((seat.price_amount for seat in kept), Decimal(0))
    return TripSight(
        trip=trip,
        card=TripCard(trip),
        # Who has no seat left needs no plan of the cabin.
        seats=[_seat(seat, own) for seat in cabin_seats] if own else [],
        payment=next((one for one in payments if one.rebooking_id is None), None),
        differences=[one for one in reversed(payments) if one.rebooking_id and one.status in _PAID],
        refunds=finance_selectors.refunds_of_booking(customer=customer, reference=reference),
        invoices=finance_selectors.invoices_of_booking(customer=customer, booking_id=trip.booking_id),
        policy=booking_selectors.policy_lines_for(
            tiers=[{"months": tier.months_before, "percent": tier.refund_percent} for tier in trip.policy],
            departure_at=trip.departure_at,
            zone=trip.spaceport_time_zone,
            price=kept_price,
            currency=trip.currency,
            now=now,
        ),
        kept_price=kept_price,
        now=now,
        slip=booking_selectors.slip_open_of(booking_id=trip.booking_id, now=now),
        move=booking_selectors.rebooking_open_of(customer=customer, reference=reference, now=now),
    )


def _seat(seat: Any, own: dict[str, str]) -> cabin.SeatView:
    is_own = seat.label in own
    # The reader's seats of other bookings, and what others hold, are all the same here: not this trip's.
    others = seat.state if seat.state in (cabin.FREE, cabin.BLOCKED) else cabin.SOLD
    return cabin.SeatView(
        id=seat.id,
        label=seat.label,
        row=seat.row,
        column=seat.column,
        state=cabin.MINE if is_own else others,
        is_window=seat.is_window,
        is_exit=seat.is_exit,
        note=own.get(seat.label, ""),
    )
