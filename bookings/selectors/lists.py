"""Bookings as customers, suppliers and employees look at them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from bookings import access, errors
from bookings.enums import ClaimStatus
from bookings.models import Booking, BookingHistory, CancellationQuote, Hold, Passenger, SeatClaim
from common import keyset

LATEST_FIRST = ("-created_at", "-id")

if TYPE_CHECKING:
    from accounts.models import User


def hold_get(*, customer: "User", hold_id: UUID | str) -> Hold:
    """Return a customer's hold with launch and held seats. Raises: HoldNotFound."""
    held = SeatClaim.objects.select_related("launch_seat").order_by("launch_seat__row", "launch_seat__column")
    hold = (
        Hold.objects.filter(pk=hold_id, customer=customer)
        .select_related("launch__supplier", "launch__rocket", "launch__destination", "launch__spaceport")
        .select_related("launch__cancellation_policy")
        .prefetch_related(Prefetch("claims", held))
        .first()
    )
    if hold is None:
        raise errors.HoldNotFound
    return hold


def _bookings() -> QuerySet[Booking]:
    return Booking.objects.select_related(
        "customer",
        "hold",
        "launch__supplier",
        "launch__rocket",
        "launch__destination",
        "launch__spaceport",
    ).prefetch_related(Prefetch("passengers", Passenger.objects.order_by("seat_label", "pk")))


def booking_get_for_customer(*, customer: "User", reference: str) -> Booking:
    """Return a customer's booking in any state. Raises: BookingNotFound."""
    booking = _bookings().filter(customer=customer, reference=reference.upper()).first()
    if booking is None:
        raise errors.BookingNotFound
    return booking


def booking_list_for_customer(*, customer: "User", cursor: str = "", limit: int = 25) -> keyset.Page:
    """List a customer's bookings in any state, the latest first, a page at a time."""
    return keyset.page(rows=_bookings().filter(customer=customer), order=LATEST_FIRST, cursor=cursor, limit=limit)


def quote_get(*, customer: "User", quote_id: UUID | str) -> CancellationQuote:
    """Return a customer's quote. Raises: QuoteExpired."""
    quote = CancellationQuote.objects.filter(pk=quote_id, booking__customer=customer).first()
    if quote is None:
        raise errors.QuoteExpired
    return quote


@dataclass(frozen=True, kw_only=True)
class BookingFilters:
    """What employees narrow bookings by; empty means any."""

    text: str = ""
    status: str = ""
    launch_id: int | None = None
    customer_id: int | None = None


def booking_list_for_employee(
    *, actor: "User", filters: BookingFilters, cursor: str = "", limit: int = 50
) -> keyset.Page:
    """List all bookings, the latest first, a page at a time. Raises: Forbidden."""
    access.employee_check(actor)
    rows = _bookings()
    if filters.text:
        rows = rows.filter(
            Q(reference__iexact=filters.text)
            | Q(customer__email__icontains=filters.text)
            | Q(pk__in=Passenger.objects.filter(full_name__icontains=filters.text).values("booking_id"))
            | Q(launch__mission_name__icontains=filters.text)
        )
    if filters.status:
        rows = rows.filter(status=filters.status)
    if filters.launch_id:
        rows = rows.filter(launch_id=filters.launch_id)
    if filters.customer_id:
        rows = rows.filter(customer_id=filters.customer_id)
    return keyset.page(rows=rows, order=LATEST_FIRST, cursor=cursor, limit=limit)


def booking_get_for_employee(*, actor: "User", reference: str) -> Booking:
    """Return any booking with its history. Raises: BookingNotFound, Forbidden."""
    access.employee_check(actor)
    history = Prefetch("history", BookingHistory.objects.select_related("actor").order_by("changed_at", "pk"))
    booking = _bookings().prefetch_related(history).filter(reference=reference.upper()).first()
    if booking is None:
        raise errors.BookingNotFound
    return booking


def booking_list_for_supplier(*, actor: "User", launch_id: int, cursor: str = "", limit: int = 50) -> keyset.Page:
    """List the paid bookings on a launch of the actor's supplier, the latest first; others' give an empty page."""
    rows = _bookings().filter(access.of_supplier(actor), launch_id=launch_id, confirmed_at__isnull=False)
    return keyset.page(rows=rows, order=LATEST_FIRST, cursor=cursor, limit=limit)


@dataclass(frozen=True, kw_only=True)
class Takings:
    """Seats and money of a launch: in `currency`; `net` is collected minus refunded."""

    launch_id: int
    seats_sold: int
    seats_held: int
    bookings: int
    collected: Decimal
    refunded: Decimal

    @property
    def net(self) -> Decimal:
        """What is left for the supplier before the fee."""
        return self.collected - self.refunded


def launch_takings(*, launch_ids: list[int], now: datetime) -> dict[int, Takings]:
    """Sum seats and money of launches; the caller has checked that the actor may see them. Two queries."""
    seats = {
        row["launch_id"]: row
        for row in SeatClaim.objects.filter(launch_id__in=launch_ids)
        .order_by()
        .values("launch_id")
        .annotate(
            sold=Count("pk", filter=Q(status=ClaimStatus.SOLD)),
            held=Count("pk", filter=Q(status=ClaimStatus.HELD, held_until__gt=now)),
        )
    }
    money = {
        row["launch_id"]: row
        for row in Booking.objects.filter(launch_id__in=launch_ids, confirmed_at__isnull=False)
        .order_by()
        .values("launch_id")
        .annotate(n=Count("pk"), collected=Sum("price_amount"), refunded=Sum("refund_amount"))
    }
    none: dict[str, Any] = {}
    return {
        launch_id: Takings(
            launch_id=launch_id,
            seats_sold=seats.get(launch_id, none).get("sold", 0),
            seats_held=seats.get(launch_id, none).get("held", 0),
            bookings=money.get(launch_id, none).get("n", 0),
            collected=money.get(launch_id, none).get("collected") or Decimal(0),
            refunded=money.get(launch_id, none).get("refunded") or Decimal(0),
        )
        for launch_id in launch_ids
    }


@dataclass(frozen=True, kw_only=True)
class InvoiceFacts:
    """What an invoice says of a booking besides its lines."""

    customer_id: int
    launch_id: int
    supplier_id: int
    currency: str


def booking_for_invoice(*, booking_id: int) -> InvoiceFacts:
    """Read a booking's parties. Raises: BookingNotFound."""
    booking = Booking.objects.select_related("launch").filter(pk=booking_id).first()
    if booking is None:
        raise errors.BookingNotFound
    return InvoiceFacts(
        customer_id=booking.customer_id,
        launch_id=booking.launch_id,
        supplier_id=booking.launch.supplier_id,
        currency=booking.price_currency,
    )
