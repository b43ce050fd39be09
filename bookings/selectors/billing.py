"""What invoices and statements say of bookings; the callers are services, who ask for nobody in particular."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from bookings import errors
from bookings.enums import BookingStatus, CancelCause, RebookingStatus
from bookings.models import Booking, Passenger, Rebooking


@dataclass(frozen=True, kw_only=True)
class BilledSeat:
    """A seat and its price."""

    label: str
    price_amount: Decimal
    is_cancelled: bool


@dataclass(frozen=True, kw_only=True)
class BilledBooking:
    """A booking as an invoice needs it; amounts in `currency`."""

    id: int
    reference: str
    customer_id: int
    launch_id: int
    leg: int
    price_amount: Decimal
    refund_amount: Decimal
    currency: str
    is_called_off: bool
    seats: tuple[BilledSeat, ...]


def booking_billed(*, booking_id: int) -> BilledBooking:
    """Read one. Raises: BookingNotFound. Two queries."""
    found = bookings_billed(booking_ids=[booking_id])
    if not found:
        raise errors.BookingNotFound
    return found[0]


def bookings_billed(*, booking_ids: Collection[int]) -> list[BilledBooking]:
    """Read some, in the order of their references. Two queries."""
    return _billed(Booking.objects.filter(pk__in=booking_ids))


def bookings_of_ended_launch(*, launch_id: int) -> list[BilledBooking] | None:
    """Read those that were ever paid, by reference; None while one is not at rest. Three queries."""
    rows = Booking.objects.filter(launch_id=launch_id)
    if rows.filter(status__in=[BookingStatus.PENDING, BookingStatus.CONFIRMED]).exists():
        return None
    return _billed(rows.filter(confirmed_at__isnull=False))


@dataclass(frozen=True, kw_only=True)
class BilledMove:
    """A booking's move from or to a launch; `amount` is what its moved seats had cost, which goes with them."""

    id: UUID
    booking_id: int
    amount: Decimal


def moves_of_launch(*, launch_id: int) -> list[BilledMove]:
    """Read the moves that were made from or to a launch, the oldest first. One query."""
    rows = Rebooking.objects.filter(Q(from_launch_id=launch_id) | Q(to_launch_id=launch_id))
    rows = rows.filter(status=RebookingStatus.DONE).order_by("created_at", "pk")
    return [BilledMove(id=row.pk, booking_id=row.booking_id, amount=row.old_price_amount) for row in rows]


def _billed(rows: QuerySet[Booking]) -> list[BilledBooking]:
    seats = Prefetch("passengers", Passenger.objects.order_by("seat_label", "pk"))
    return [
        BilledBooking(
            id=row.pk,
            reference=row.reference,
            customer_id=row.customer_id,
            launch_id=row.launch_id,
            leg=row.leg,
            price_amount=row.price_amount,
            refund_amount=row.refund_amount,
            currency=row.price_currency,
            is_called_off=row.cancel_cause == CancelCause.SUPPLIER,
            seats=tuple(
                BilledSeat(
                    label=one.seat_label, price_amount=one.price_amount, is_cancelled=one.cancelled_at is not None
                )
                for one in row.passengers.all()
            ),
        )
        for row in rows.prefetch_related(seats).order_by("reference")
    ]
