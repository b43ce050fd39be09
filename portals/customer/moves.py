"""
Moves to another launch and questions about slips, as their pages show them.

The same pages serve the customer who is signed in and whoever has the signed link of a slip's mail; a `Way` knows
which of them it is.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bookings import selectors as booking_selectors
from bookings.enums import RebookingStatus, SlipStatus
from bookings.errors import RebookingNotFound
from common.dates import departure_text
from finance import selectors as finance_selectors
from finance.enums import PaymentStatus
from portals.shared import cabin

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.models import Booking, Rebooking, SlipDecision
    from bookings.selectors import RebookingGround, RebookingOption
    from finance.models import Payment
    from launches.models import Launch


@dataclass(frozen=True, kw_only=True)
class Way:
    """By which door somebody moves a booking: signed in, or with the token of a slip's link."""

    customer: "User"
    reference: str
    token: str = ""

    @property
    def start_url(self) -> str:
        """The page that lists where the booking could move to."""
        return self._url("trip-move", "slip")

    @property
    def back_url(self) -> str:
        """The page one came from."""
        return reverse("customer:slip", args=[self.token]) if self.token else self.trip_url

    @property
    def trip_url(self) -> str:
        """The trip, for who is signed in."""
        return reverse("customer:trip-detail", args=[self.reference])

    def seats_url(self, launch: "Launch") -> str:
        """The page that asks for seats on a launch."""
        return self._url("trip-move-seats", "slip-move-seats", launch.slug)

    def check_url(self, rebooking: "Rebooking") -> str:
        """The page that shows what a move does, and on which it is confirmed or paid."""
        return self._url("trip-move-check", "slip-move-check", rebooking.pk)

    def give_up_url(self, rebooking: "Rebooking") -> str:
        """The form's address that gives a move up."""
        return self._url("trip-move-give-up", "slip-move-give-up", rebooking.pk)

    def _url(self, signed_in: str, by_link: str, *args: Any) -> str:
        if self.token:
            return reverse(f"customer:{by_link}", args=[self.token, *args])
        return reverse(f"customer:{signed_in}", args=[self.reference, *args])


@dataclass(frozen=True)
class OptionSight:
    """A launch to move to, and the page where seats on it are chosen."""

    option: "RebookingOption"
    url: str

    @property
    def launch(self) -> "Launch":
        """The launch itself."""
        return self.option.entry.launch


@dataclass(frozen=True, kw_only=True)
class OptionsSight:
    """Where a booking could move to."""

    way: Way
    ground: "RebookingGround"
    options: list[OptionSight]

    @property
    def booking(self) -> "Booking":
        """The booking."""
        return self.ground.booking

    @property
    def seat_labels(self) -> list[str]:
        """The seats it has."""
        return [one.seat_label for one in self.ground.passengers]


def options_sight(*, way: Way, now: datetime) -> OptionsSight:
    """Collect where a booking could move to. Raises: BookingNotFound. Four queries, however many launches."""
    ground = booking_selectors.rebooking_ground(customer=way.customer, reference=way.reference, now=now)
    found = booking_selectors.rebooking_options(ground=ground, now=now)
    options = [OptionSight(one, way.seats_url(one.entry.launch)) for one in found]
    return OptionsSight(way=way, ground=ground, options=options)


def seat_views(*, launch: "Launch", chosen: tuple[int, ...], now: datetime) -> list[cabin.SeatView]:
    """Return the seats of a launch to choose from; those that a refused choice named are ticked again."""
    return [
        cabin.SeatView(
            id=seat.id,
            label=seat.label,
            row=seat.row,
            column=seat.column,
            state=cabin.MINE if seat.state == cabin.FREE and seat.id in chosen else seat.state,
            is_window=seat.is_window,
            is_exit=seat.is_exit,
        )
        for seat in booking_selectors.seat_map(launch_id=launch.pk, now=now)
    ]


class Stage(StrEnum):
    """How far a move has come."""

    CONFIRM = "confirm"
    PAY = "pay"
    CODE = "code"
    WAIT = "wait"
    DONE = "done"
    RETURNED = "returned"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class MoveSight:
    """A move of a booking: before and after, and what is to be done next."""

    way: Way
    move: "Rebooking"
    payment: "Payment | None"
    now: datetime

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        if self.move.status == RebookingStatus.DONE:
            return Stage.DONE
        paid = self.payment.status if self.payment else ""
        if paid in (PaymentStatus.SUCCEEDED, PaymentStatus.LATE):
            return Stage.RETURNED
        if paid == PaymentStatus.CHALLENGE:
            return Stage.CODE
        if paid in (PaymentStatus.CREATED, PaymentStatus.PROCESSING):
            return Stage.WAIT
        if self.move.status != RebookingStatus.OPEN or self.move.hold.expires_at <= self.now:
            return Stage.OVER
        return Stage.PAY if self.difference > 0 else Stage.CONFIRM

    @property
    def difference(self) -> Decimal:
        """What the seats cost more in the end; below 0 what comes back."""
        return self.move.new_price_amount - self.move.old_price_amount

    @property
    def comes_back(self) -> Decimal:
        """What is given back."""
        return max(-self.difference, Decimal(0))

    @property
    def list_price(self) -> Decimal:
        """What the seats cost on the new launch."""
        return self.move.hold.price_amount * len(self.seat_labels)

    @property
    def is_partly_back(self) -> bool:
        """Whether less comes back than the new launch is cheaper."""
        return self.list_price < self.move.new_price_amount

    @property
    def policy(self) -> list[Any]:
        """What a cancellation gives back after the move."""
        return booking_selectors.policy_after_move(rebooking=self.move, now=self.now)

    @property
    def seat_labels(self) -> list[str]:
        """The seats on the new launch."""
        return booking_selectors.rebooking_seats(self.move)

    @property
    def old_seats(self) -> list[str]:
        """The seats on the old launch, while they are the booking's."""
        return booking_selectors.seat_labels_of(booking_id=self.move.booking_id)

    @property
    def check_url(self) -> str:
        """This page."""
        return self.way.check_url(self.move)

    @property
    def give_up_url(self) -> str:
        """The form's address that gives the move up."""
        return self.way.give_up_url(self.move)

    @property
    def decline_reason(self) -> str:
        """Why the latest card was refused; '' when none was."""
        is_declined = self.payment is not None and self.payment.status == PaymentStatus.DECLINED
        return self.payment.decline_reason if self.payment and is_declined else ""


def move_sight(*, way: Way, rebooking_id: Any, now: datetime) -> MoveSight:
    """Read a move of this very booking. Raises: RebookingNotFound. Three queries."""
    move = booking_selectors.rebooking_get(customer=way.customer, rebooking_id=rebooking_id)
    if move.booking.reference != way.reference.upper():
        raise RebookingNotFound
    payment = finance_selectors.payment_of_rebooking(customer=way.customer, rebooking_id=move.pk)
    return MoveSight(way=way, move=move, payment=payment, now=now)


@dataclass(frozen=True, kw_only=True)
class SlipSight:
    """A question about a slip; nothing of the passengers, for whoever has the link may read it."""

    decision: "SlipDecision"
    token: str
    now: datetime

    @property
    def booking(self) -> "Booking":
        """The booking it is about."""
        return self.decision.booking

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return booking_selectors.is_answerable(self.decision, self.now)

    @property
    def amount(self) -> Decimal:
        """What comes back to who leaves."""
        return booking_selectors.slip_amount(self.decision)

    @property
    def old_departure(self) -> str:
        """When it was to leave, as exactly as it was known then."""
        decision, launch = self.decision, self.decision.launch
        known = decision.old_departure_precision or launch.departure_precision
        return departure_text(decision.old_departure_at, known, launch.spaceport.time_zone)

    @property
    def outcome(self) -> str:
        """How it ended, as a sentence."""
        if self.decision.status == SlipStatus.OPEN:
            return "The time to answer is over: the booking is kept."
        return {
            SlipStatus.KEPT: "You chose to keep the booking.",
            SlipStatus.MOVED: "The booking moved to another launch.",
            SlipStatus.REFUNDED: "You chose to leave, and everything comes back.",
            SlipStatus.LAPSED: "Nothing was answered in time: the booking is kept.",
            SlipStatus.OVERTAKEN: "Another change came after it; the latest mail tells how it stands.",
        }[SlipStatus(self.decision.status)]
