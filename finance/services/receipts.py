"""Payments of invoices that employees saw coming in, and invoices that nobody paid."""

import logging
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from common import outbox
from common.money import format_money, round_money
from finance import access, errors, events, policies
from finance.enums import InvoiceKind, InvoiceStatus
from finance.models import Invoice, InvoicePayment
from finance.services import ledger
from finance.services.supplier_invoices import event_values

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)
NOTE_MAX = 200


def invoice_payment_record(
    *,
    actor: "User",
    invoice_id: int,
    amount: Decimal,
    received_on: date,
    now: datetime,
    note: str = "",
    seen_paid_amount: Decimal | None = None,
    attempt_id: UUID | None = None,
) -> InvoicePayment:
    """
    Record that money for an invoice came in: a part of it, or all.

    Args:
        amount: in the invoice's currency, at most what is open.
        note: for the colleagues, such as the bank's reference; up to 200 characters.
        seen_paid_amount: what had come in when the actor looked: a form sent twice, or a colleague who was faster, is
            noticed by it.
        attempt_id: the same whenever this request is done again; what it has recorded is then returned as it stands.
    Raises: Forbidden, InvoiceNotFound, InvoiceClosed, ReceiptRefused.
    """
    access.money_desk_check(actor)
    with transaction.atomic():
        invoice = Invoice.objects.select_for_update().filter(pk=invoice_id).first()
        if invoice is None:
            raise errors.InvoiceNotFound
        if attempt_id and (made := InvoicePayment.objects.filter(attempt_id=attempt_id, invoice=invoice).first()):
            return made
        if seen_paid_amount is not None and seen_paid_amount != invoice.paid_amount:
            raise errors.ReceiptOvertaken
        _check(invoice, amount, received_on, note, now)
        receipt = InvoicePayment.objects.create(
            invoice=invoice,
            amount=amount,
            received_on=received_on,
            note=note.strip(),
            recorded_by=actor,
            recorded_at=now,
            attempt_id=attempt_id,
        )
        invoice.paid_amount += amount
        invoice.status = policies.invoice_status(status=invoice.status, amount=invoice.amount, paid=invoice.paid_amount)
        invoice.save(update_fields=["paid_amount", "status"])
        ledger.receipt_post(
            receipt_id=receipt.pk, launch_id=invoice.launch_id, amount=amount, currency=invoice.currency, now=now
        )
        outbox.publish(
            events.InvoicePaymentRecorded(**event_values(invoice), received_amount=amount, status=invoice.status),
            actor_id=actor.pk,
        )
        return receipt


def _check(invoice: Invoice, amount: Decimal, received_on: date, note: str, now: datetime) -> None:
    if why := closed_because(invoice):
        raise errors.InvoiceClosed(invoice=invoice.code, why=why)
    left, fields = invoice.amount - invoice.paid_amount, {}
    said = format_money(left, invoice.currency)
    if amount <= 0 or amount != round_money(amount, invoice.currency):
        fields["amount"] = f"Give an amount in {invoice.currency}, more than 0 and at most {said}, like 250.50."
    elif amount > left:
        fields["amount"] = f"Only {said} of this invoice is open. Record at most that; the rest is not its payment."
    if received_on > now.date():
        fields["received_on"] = "This day is still to come. Give the day the money came in."
    if len(note) > NOTE_MAX:
        fields["note"] = f"Keep the note within {NOTE_MAX} characters."
    if fields:
        raise errors.ReceiptRefused(fields=fields)


def closed_because(invoice: Invoice) -> str:
    """Say why an invoice takes no payment; '' when it does."""
    if invoice.kind != InvoiceKind.SUPPLIER:
        return "it was settled by card when it was issued"
    if invoice.status not in policies.UNPAID_INVOICES:
        return f"it is {invoice.get_status_display().lower()}"
    if hasattr(invoice, "statement"):
        return "its amount is kept from the payout of the statement"
    return ""


def invoices_chase(*, now: datetime) -> int:
    """
    Mark what was due as overdue and remind of it, again every `settings.INVOICE_REMINDER_DAYS`; return how many.

    What is kept from a payout is ours to settle, so it is never overdue.
    """
    again = now - timedelta(days=settings.INVOICE_REMINDER_DAYS)
    newly = Q(status__in=[InvoiceStatus.PENDING, InvoiceStatus.PARTIALLY_PAID], due_on__lt=now.date())
    due = Invoice.objects.filter(newly | Q(status=InvoiceStatus.OVERDUE, reminded_at__lte=again))
    due = due.filter(kind=InvoiceKind.SUPPLIER, statement=None)
    reminded = 0
    for invoice_id in list(due.order_by("pk").values_list("pk", flat=True)):
        try:
            reminded += _remind(invoice_id, again, now)
        except Exception:  # one that cannot be told must not keep the others waiting
            log.exception("Invoice %s could not be chased", invoice_id)
    return reminded


def _remind(invoice_id: int, again: datetime, now: datetime) -> bool:
    with transaction.atomic():
        invoice = Invoice.objects.select_for_update().get(pk=invoice_id)
        is_told = invoice.reminded_at is not None and invoice.reminded_at > again
        if invoice.status not in policies.UNPAID_INVOICES or is_told:
            return False
        invoice.status, invoice.reminded_at = InvoiceStatus.OVERDUE, now
        invoice.save(update_fields=["status", "reminded_at"])
        outbox.publish(events.SupplierInvoiceOverdue(**event_values(invoice)))
        return True
