"""Issuing invoices and credit notes with numbers that leave no gap."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from bookings import selectors as booking_selectors
from common import outbox
from finance import events
from finance.enums import InvoiceKind, InvoiceStatus
from finance.models import Invoice, InvoiceSeries

CUSTOMER_SERIES = "C"
CREDIT_SERIES = "CN"


def invoice_issue(*, booking_id: int, event_id: int, today: date) -> Invoice:
    """Issue the one invoice of a confirmed and paid booking; the one that exists is returned."""
    with transaction.atomic():
        if existing := Invoice.objects.filter(booking_id=booking_id, kind=InvoiceKind.CUSTOMER).first():
            return existing
        trip = booking_selectors.trip_record(booking_id=booking_id)
        lines = [
            {"text": f"Seat {seat.label}, {trip.launch_title}", "amount": str(seat.price_amount)} for seat in trip.seats
        ]
        return _issue(
            kind=InvoiceKind.CUSTOMER,
            series=CUSTOMER_SERIES,
            booking_id=booking_id,
            event_id=event_id,
            amount=trip.total_amount,
            lines=lines,
            today=today,
            corrects=None,
        )


def credit_note_issue(*, booking_id: int, event_id: int, amount: Decimal, reason: str, today: date) -> Invoice | None:
    """Issue a credit note over a refund, naming the invoice it corrects; None when nothing goes back."""
    if amount <= 0:
        return None
    with transaction.atomic():
        if existing := Invoice.objects.filter(event_id=event_id).first():
            return existing
        invoice = invoice_issue(booking_id=booking_id, event_id=-event_id, today=today)
        return _issue(
            kind=InvoiceKind.CREDIT_NOTE,
            series=CREDIT_SERIES,
            booking_id=booking_id,
            event_id=event_id,
            amount=amount,
            lines=[{"text": f"Refund for invoice {invoice.code}: {reason}", "amount": str(amount)}],
            today=today,
            corrects=invoice,
        )


def _issue(
    *,
    kind: str,
    series: str,
    booking_id: int,
    event_id: int,
    amount: Decimal,
    lines: list[dict[str, Any]],
    today: date,
    corrects: Invoice | None,
) -> Invoice:
    facts = booking_selectors.booking_for_invoice(booking_id=booking_id)
    # The counter's row is locked until commit: a rollback gives the number back, so there is never a gap.
    InvoiceSeries.objects.get_or_create(series=series, year=today.year)
    counter = InvoiceSeries.objects.select_for_update().get(series=series, year=today.year)
    counter.latest_number += 1
    counter.save(update_fields=["latest_number"])
    invoice = Invoice.objects.create(
        kind=kind,
        series=series,
        year=today.year,
        number=counter.latest_number,
        booking_id=booking_id,
        customer_id=facts.customer_id,
        launch_id=facts.launch_id,
        supplier_id=facts.supplier_id,
        corrects=corrects,
        event_id=event_id,
        amount=amount,
        currency=facts.currency,
        lines=lines,
        issued_on=today,
        due_on=today + timedelta(days=settings.INVOICE_DUE_DAYS),
        # Seats are paid before they are confirmed, and a refund goes to the card: both are settled when issued.
        status=InvoiceStatus.PAID,
    )
    outbox.publish(
        events.InvoiceIssued(
            booking_id=booking_id,
            customer_id=facts.customer_id,
            amount=amount,
            currency=facts.currency,
            invoice_id=invoice.pk,
            code=invoice.code,
            kind=kind,
        )
    )
    return invoice
