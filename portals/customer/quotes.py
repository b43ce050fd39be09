"""Cancellation quotes as their pages show them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from bookings import selectors as booking_selectors
from bookings.enums import BookingStatus
from bookings.errors import BookingNotFound, QuoteExpired
from common.money import format_money

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.models import Booking, CancellationQuote


@dataclass(frozen=True)
class Flying:
    """A passenger who can still be cancelled."""

    id: int
    words: str


def flying(*, booking: "Booking") -> list[Flying]:
    """Return the passengers who are not cancelled yet, with seat and price."""
    currency = booking.price_currency
    return [
        Flying(one.pk, f"{one.full_name}, seat {one.seat_label}, {format_money(one.price_amount, currency)}")
        for one in booking.passengers.all()
        if one.cancelled_at is None
    ]


def is_possible(*, booking: "Booking", now: datetime) -> bool:
    """Whether the booking can still be cancelled; the service has the last word."""
    return booking.status == BookingStatus.CONFIRMED and booking.launch.departure_at > now


@dataclass(frozen=True)
class QuoteLine:
    """What one passenger's seat brings back."""

    name: str
    seat: str
    price: Decimal
    percent: int
    refund: Decimal


@dataclass(frozen=True)
class QuoteSight:
    """A promise to pay back."""

    booking: "Booking"
    quote: "CancellationQuote"
    now: datetime

    @property
    def lines(self) -> list[QuoteLine]:
        """A line a passenger."""
        return [
            QuoteLine(one["name"], one["seat"], Decimal(one["price"]), one["percent"], Decimal(one["refund"]))
            for one in self.quote.lines
        ]

    @property
    def price(self) -> Decimal:
        """What the seats cost."""
        return sum((line.price for line in self.lines), Decimal(0))

    @property
    def is_used(self) -> bool:
        """Whether the cancellation is done."""
        return self.quote.used_at is not None

    @property
    def is_over(self) -> bool:
        """Whether the promise has ended."""
        return self.quote.expires_at <= self.now

    @property
    def is_whole(self) -> bool:
        """Whether nobody of the booking would fly (or flies) any more."""
        named = {one["passenger_id"] for one in self.quote.lines}
        return all(one.cancelled_at is not None or one.pk in named for one in self.booking.passengers.all())


def quote_sight(*, customer: "User", reference: str, quote_id: UUID, now: datetime) -> QuoteSight:
    """Read a quote of this very booking. Raises: BookingNotFound."""
    booking = booking_selectors.booking_get_for_customer(customer=customer, reference=reference)
    try:
        quote = booking_selectors.quote_get(customer=customer, quote_id=quote_id)
    except QuoteExpired as error:
        raise BookingNotFound("There is no such quote here.") from error
    if quote.booking_id != booking.pk:
        raise BookingNotFound("There is no such quote here.")
    return QuoteSight(booking, quote, now)
