"""
Customers' invoices and credit notes.

Each leg of a booking (a move to another launch begins a new one) has one invoice; what goes back, for whatever cause,
is a credit note that names the invoice it lowers and never lowers it below nothing. So invoices less credit notes are
what the booking has cost its customer: the price less what was refunded.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import DecimalField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from bookings import selectors as booking_selectors
from bookings.selectors import BilledBooking
from common import outbox
from common.money import round_money
from finance import errors, events, policies
from finance.enums import InvoiceKind, InvoiceStatus
from finance.models import Invoice
from finance.services.numbering import CREDIT_SERIES, CUSTOMER_SERIES, number_draw
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from launches.models import Launch


@dataclass(frozen=True, kw_only=True)
class Leg:
    """What is billed: the price of a booking on one launch, as it was when it was paid for."""

    number: int
    launch_id: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class _Why:
    """What a credit note is for: in words, and the values in them."""

    text: str
    values: dict[str, str]


def invoice_issue(*, booking_id: int, event_id: int, today: date, leg: Leg | None = None) -> Invoice:
    """
    Issue the one invoice of a leg of a paid booking; the one that exists is returned.

    Args:
        leg: the first one as it was confirmed; none means the booking as it is now.
    Raises: BookingNotFound.
    """
    with transaction.atomic():
        booking = booking_selectors.booking_billed(booking_id=booking_id)
        leg = leg or Leg(number=booking.leg, launch_id=booking.launch_id, amount=booking.price_amount)
        if existing := _of_leg(booking_id, leg.number):
            return existing
        return _customer_invoice(booking, leg, event_id, today)


def invoices_for_moved(
    *, booking_id: int, event_id: int, leg: Leg, old_price_amount: Decimal, today: date
) -> list[Invoice]:
    """
    Issue the invoice of a new leg and credit what the moved seats had cost before; once a leg.

    Args:
        leg: the new one.
        old_price_amount: what the moved seats had cost. What was kept of seats cancelled before stays billed.
    Returns: the new invoice and the credit notes; [] when they were issued before.
    Raises: InvoiceNotFound, when the first leg's invoice is still to come.
    """
    with transaction.atomic():
        earlier = _invoices_lock(booking_id)
        if any(one.leg == leg.number for one in earlier):
            return []
        if not earlier:
            raise errors.InvoiceNotFound
        booking = booking_selectors.booking_billed(booking_id=booking_id)
        invoice = _customer_invoice(booking, leg, event_id, today)
        why = _Why(text=f"Moved to another launch, see invoice {invoice.code}", values={"moved_to": invoice.code})
        # Goodwill may have lowered the old invoice already; then the rest comes off the new one.
        return [invoice, *_credit([*earlier, invoice], old_price_amount, None, why, today)]


def credit_note_issue(*, booking_id: int, event_id: int, amount: Decimal, reason: str, today: date) -> list[Invoice]:
    """
    Issue credit notes over a refund, once an event: the latest leg first, each invoice up to what remains of it.

    Returns: one note, more when several legs are lowered, [] when nothing goes back.
    """
    if amount <= 0:
        return []
    with transaction.atomic():
        if existing := Invoice.objects.filter(event_id=event_id).first():
            return [existing]
        invoices = _invoices_lock(booking_id)
        if not invoices:
            invoice_issue(booking_id=booking_id, event_id=-event_id, today=today)
            invoices = _invoices_lock(booking_id)
        why = _Why(text=f"Refund: {reason}", values={"reason": reason})
        return _credit(invoices, amount, event_id, why, today)


def _of_leg(booking_id: int, leg: int) -> Invoice | None:
    return Invoice.objects.filter(booking_id=booking_id, kind=InvoiceKind.CUSTOMER, leg=leg).first()


def _invoices_lock(booking_id: int) -> list[Invoice]:
    """Lock a booking's invoices against other credits; the latest leg first, each with `credited`."""
    locked = Invoice.objects.select_for_update().filter(booking_id=booking_id, kind=InvoiceKind.CUSTOMER)
    ids = [one.pk for one in locked.order_by("pk")]
    return list(with_credited(Invoice.objects.filter(pk__in=ids)).order_by("-leg"))


def with_credited(rows: Any) -> Any:
    """Annotate invoices with `credited`: what their credit notes sum up to."""
    notes = Invoice.objects.filter(corrects=OuterRef("pk")).order_by().values("corrects")
    money = DecimalField(max_digits=14, decimal_places=3)
    return rows.annotate(
        credited=Coalesce(Subquery(notes.annotate(total=Sum("amount")).values("total")), 0, output_field=money)
    )


def _customer_invoice(booking: BilledBooking, leg: Leg, event_id: int, today: date) -> Invoice:
    launch = launch_selectors.launch_get(launch_id=leg.launch_id)
    percent = settings.TAX_PERCENT
    return _issue(
        today=today,
        kind=InvoiceKind.CUSTOMER,
        series=CUSTOMER_SERIES,
        booking_id=booking.id,
        customer_id=booking.customer_id,
        launch_id=launch.pk,
        supplier_id=launch.supplier_id,
        leg=leg.number,
        event_id=event_id,
        amount=leg.amount,
        currency=booking.currency,
        tax_percent=percent,
        tax_amount=policies.tax_contained(amount=leg.amount, percent=percent, currency=booking.currency),
        lines=_lines(booking, leg, launch),
    )


def _lines(booking: BilledBooking, leg: Leg, launch: "Launch") -> list[dict[str, Any]]:
    """A line a seat where the seats are still those of the leg; else one line, for their prices are gone."""
    title, detail, currency = launch.title, f"departs {launch.departure_text}", booking.currency
    flight = {
        "rocket": launch.rocket.name,
        "destination": launch.destination.name,
        "departure_at": launch.departure_at.isoformat(),
        "departure_precision": launch.departure_precision,
        "time_zone": launch.spaceport.time_zone,
    }
    live = [seat for seat in booking.seats if not seat.is_cancelled]
    for seats in (booking.seats, live):
        if booking.leg == leg.number and sum((seat.price_amount for seat in seats), Decimal(0)) == leg.amount:
            return [
                _line(f"Seat {seat.label}, {title}", detail, seat.price_amount, currency, seat=seat.label, **flight)
                for seat in seats
            ]
    return [_line(f"Seats, {title}", detail, leg.amount, currency, seat="", **flight)]


def _line(text: str, detail: str, amount: Decimal, currency: str, **values: str) -> dict[str, Any]:
    """Make a line. The values say the same as its words, for printing it in another language."""
    return {"text": text, "detail": detail, "amount": str(round_money(amount, currency)), "values": values}


def _credit(invoices: list[Any], amount: Decimal, event_id: int | None, why: _Why, today: date) -> list[Invoice]:
    """Credit an amount over locked invoices in their order; what is beyond all of them is not credited."""
    credited = [getattr(one, "credited", Decimal(0)) for one in invoices]
    remaining = [one.amount - before for one, before in zip(invoices, credited, strict=True)]
    shares = policies.credit_split(amount=amount, remaining=remaining)
    notes: list[Invoice] = []
    for invoice, before, share in zip(invoices, credited, shares, strict=True):
        if share:
            notes.append(_credit_note(invoice, before, share, None if notes else event_id, why, today))
    return notes


def _credit_note(
    invoice: Invoice, before: Decimal, amount: Decimal, event_id: int | None, why: _Why, today: date
) -> Invoice:
    return _issue(
        today=today,
        kind=InvoiceKind.CREDIT_NOTE,
        series=CREDIT_SERIES,
        booking_id=invoice.booking_id,
        customer_id=invoice.customer_id,
        launch_id=invoice.launch_id,
        supplier_id=invoice.supplier_id,
        leg=invoice.leg,
        corrects=invoice,
        event_id=event_id,
        amount=amount,
        currency=invoice.currency,
        tax_percent=invoice.tax_percent,
        tax_amount=policies.credit_tax(
            credited=before, amount=amount, percent=invoice.tax_percent, currency=invoice.currency
        ),
        lines=[
            _line(
                why.text,
                f"lowers invoice {invoice.code}",
                amount,
                invoice.currency,
                lowers=invoice.code,
                **why.values,
            )
        ],
    )


def _issue(*, today: date, series: str, amount: Decimal, **values: Any) -> Invoice:
    """Number and write a document; see Note [The counter is locked last]."""
    invoice = Invoice.objects.create(
        series=series,
        year=today.year,
        number=number_draw(series=series, year=today.year),
        amount=amount,
        # Seats are paid before they are confirmed, and a refund goes to the card: both are settled when issued.
        paid_amount=amount,
        status=InvoiceStatus.PAID,
        issued_on=today,
        due_on=today + timedelta(days=settings.INVOICE_DUE_DAYS),
        **values,
    )
    outbox.publish(
        events.InvoiceIssued(
            booking_id=values["booking_id"],
            customer_id=values["customer_id"],
            amount=amount,
            currency=invoice.currency,
            invoice_id=invoice.pk,
            code=invoice.code,
            kind=invoice.kind,
        )
    )
    return invoice
