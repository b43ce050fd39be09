"""Reads of invoices and credit notes."""

from typing import TYPE_CHECKING

from finance import errors
from finance.models import Invoice

if TYPE_CHECKING:
    from accounts.models import User


def invoices_of_booking(*, customer: "User", booking_id: int) -> list[Invoice]:
    """Return the invoice and credit notes of a customer's booking, the oldest first."""
    return list(Invoice.objects.filter(customer=customer, booking_id=booking_id).order_by("pk"))


def invoices_of_customer(*, customer: "User") -> list[Invoice]:
    """Return a customer's invoices and credit notes, the latest first."""
    rows = Invoice.objects.filter(customer=customer).select_related("corrects", "booking")
    return list(rows.order_by("-issued_on", "-pk")[:200])


def invoice_get(*, customer: "User", invoice_id: int) -> Invoice:
    """Return one of a customer's invoices. Raises: InvoiceNotFound."""
    rows = Invoice.objects.select_related("corrects", "booking", "customer", "supplier", "launch__rocket")
    invoice = rows.filter(pk=invoice_id, customer=customer).first()
    if invoice is None:
        raise errors.InvoiceNotFound
    return invoice
