"""What happens to holds and bookings. Amounts are decimal texts."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar


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
    """Wholly (`is_whole`) or for some passengers; `refund_amount` (maybe 0) is owed for this one move."""

    name: ClassVar[str] = "bookings.booking.cancelled"
    is_whole: bool
    passenger_ids: tuple[int, ...]
    refund_amount: Decimal
    refund_currency: str
    cause: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class BookingCompleted(BookingEvent):
    """Flown."""

    name: ClassVar[str] = "bookings.booking.completed"
