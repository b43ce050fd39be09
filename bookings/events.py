"""What happens to holds and bookings. Amounts are decimal texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class SeatsHeld:
    """Seats are kept for a customer."""

    name: ClassVar[str] = "bookings.hold.opened"
    hold_id: str
    launch_id: int
    customer_id: int
    seat_labels: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class HoldReleased:
    """Seats are free again: given back, or lapsed (`is_lapsed`)."""

    name: ClassVar[str] = "bookings.hold.released"
    hold_id: str
    launch_id: int
    customer_id: int
    is_lapsed: bool


@dataclass(frozen=True, kw_only=True)
class HoldExtended:
    """Seats are kept for longer; it happens once."""

    name: ClassVar[str] = "bookings.hold.extended"
    hold_id: str
    launch_id: int
    customer_id: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class HoldLapsing:
    """Seats that are not paid are free again in a few minutes; `reference` is '' while no passengers are named."""

    name: ClassVar[str] = "bookings.hold.lapsing"
    hold_id: str
    reference: str
    launch_id: int
    customer_id: int
    seat_labels: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class BookingEvent:
    """Common to all: which booking, of whom, on which launch."""

    booking_id: int
    reference: str
    launch_id: int
    supplier_id: int
    customer_id: int


@dataclass(frozen=True, kw_only=True)
class BookingCreated(BookingEvent):
    """Passengers are named; it waits for payment."""

    name: ClassVar[str] = "bookings.booking.created"


@dataclass(frozen=True, kw_only=True)
class BookingConfirmed(BookingEvent):
    """Paid; the seats are sold."""

    name: ClassVar[str] = "bookings.booking.confirmed"
    price_amount: Decimal
    price_currency: str


@dataclass(frozen=True, kw_only=True)
class BookingExpired(BookingEvent):
    """Not paid in time."""

    name: ClassVar[str] = "bookings.booking.expired"


@dataclass(frozen=True, kw_only=True)
class BookingCancelled(BookingEvent):
    """
    Wholly (`is_whole`) or for some passengers; `refund_amount` (maybe 0) is owed for this one move.

    frees_seats: whether its seats can be sold again; not when it was too late, or the launch is off.
    """

    name: ClassVar[str] = "bookings.booking.cancelled"
    is_whole: bool
    passenger_ids: tuple[int, ...]
    refund_amount: Decimal
    refund_currency: str
    cause: str
    reason: str
    frees_seats: bool = False


@dataclass(frozen=True, kw_only=True)
class BookingChanged(BookingEvent):
    """
    Details of passengers, or their seats, are others; what the details were stands in PassengerChange alone.

    fields: full_name, email, phone, birth_date, seat. seat_labels: where those passengers sit now. is_replacement:
    another person flies. changes: of seats, {"seat_of_passenger_<id>": {"before": ..., "after": ...}}.
    """

    name: ClassVar[str] = "bookings.booking.changed"
    passenger_ids: tuple[int, ...]
    seat_labels: tuple[str, ...]
    fields: tuple[str, ...]
    is_replacement: bool
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class GoodwillGranted(BookingEvent):
    """
    Money goes back though nothing was cancelled; finance has made the refunds.

    refund_amount: of this one grant. changes: {"refund_amount": {"before": ..., "after": ...}}, of the whole booking.
    """

    name: ClassVar[str] = "bookings.booking.goodwill_granted"
    refund_amount: Decimal
    refund_currency: str
    reason: str
    changes: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class BookingCompleted(BookingEvent):
    """Flown."""

    name: ClassVar[str] = "bookings.booking.completed"


@dataclass(frozen=True, kw_only=True)
class BookingMoved(BookingEvent):
    """
    Its live seats are on another launch: `launch_id` is the new one.

    old_price_amount: what its live seats had cost; new_price_amount: what they cost now, which is what was paid for
        them less what goes back. refund_amount is owed by this move, at least 0; cause says who bears it. leg: the
        booking's after the move, from 2 on.
    """

    name: ClassVar[str] = "bookings.booking.moved"
    rebooking_id: str
    from_launch_id: int
    to_launch_id: int
    leg: int
    old_price_amount: Decimal
    new_price_amount: Decimal
    refund_amount: Decimal
    currency: str
    cause: str


@dataclass(frozen=True, kw_only=True)
class SlipEvent(BookingEvent):
    """Common to all: which question to the customer of a slipped launch."""

    decision_id: str


@dataclass(frozen=True, kw_only=True)
class SlipOpened(SlipEvent):
    """A customer is asked: keep, move or leave; keeps when nothing is answered by the deadline."""

    name: ClassVar[str] = "bookings.slip.opened"
    old_departure_at: datetime
    old_departure_precision: str
    departure_at: datetime
    deadline_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class SlipReminded(SlipEvent):
    """The deadline comes near and nothing is answered yet."""

    name: ClassVar[str] = "bookings.slip.reminded"
    deadline_at: datetime


@dataclass(frozen=True, kw_only=True)
class SlipClosed(SlipEvent):
    """It is decided: `outcome` is kept, moved, refunded, lapsed (so kept) or overtaken."""

    name: ClassVar[str] = "bookings.slip.closed"
    outcome: str


@dataclass(frozen=True, kw_only=True)
class SeatsFreed:
    """Seats that were sold can be sold again."""

    name: ClassVar[str] = "bookings.seats.freed"
    launch_id: int
    seat_labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WaitingEvent:
    """Common to all: which entry of a waiting list, of whom, for how many, on which launch."""

    entry_id: int
    launch_id: int
    customer_id: int
    party: int


@dataclass(frozen=True, kw_only=True)
class WaitingJoined(WaitingEvent):
    """A party waits."""

    name: ClassVar[str] = "bookings.waiting.joined"


@dataclass(frozen=True, kw_only=True)
class WaitingLeft(WaitingEvent):
    """It does not want to any more."""

    name: ClassVar[str] = "bookings.waiting.left"


@dataclass(frozen=True, kw_only=True)
class WaitingOffered(WaitingEvent):
    """Seats are held for it until an instant."""

    name: ClassVar[str] = "bookings.waiting.offered"
    hold_id: str
    seat_labels: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class WaitingAccepted(WaitingEvent):
    """It takes the offered seats; naming passengers and paying follow."""

    name: ClassVar[str] = "bookings.waiting.accepted"


@dataclass(frozen=True, kw_only=True)
class WaitingDeclined(WaitingEvent):
    """It does not want the offered seats; they pass on."""

    name: ClassVar[str] = "bookings.waiting.declined"


@dataclass(frozen=True, kw_only=True)
class WaitingLapsed(WaitingEvent):
    """It did not answer in time; the seats pass on."""

    name: ClassVar[str] = "bookings.waiting.lapsed"


@dataclass(frozen=True, kw_only=True)
class WaitingClosed(WaitingEvent):
    """Waiting ended without seats: `reason` is "launch" (it sells none any more) or "limit" (the customer has all)."""

    name: ClassVar[str] = "bookings.waiting.closed"
    reason: str


@dataclass(frozen=True, kw_only=True)
class PurchaseCalledOff:
    """
    A launch was called off under somebody who was about to take seats on it.

    kind: "hold", "booking" (it waited for payment) or "move" (of a booking from another launch, which stays).
    reference: of the booking; '' for a hold.
    """

    name: ClassVar[str] = "bookings.purchase.called_off"
    hold_id: str
    kind: str
    reference: str
    launch_id: int
    customer_id: int
