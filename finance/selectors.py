"""Reads of money; each starts from the actor."""

from typing import TYPE_CHECKING

from common.errors import Forbidden
from finance import errors
from finance.enums import PaymentStatus
from finance.gateways.sandbox import CHALLENGE_CODE, TEST_CARDS, TestCard
from finance.models import Invoice, Payment, Refund
from finance.policies import OPEN_PAYMENTS

if TYPE_CHECKING:
    from accounts.models import User


def payment_of_booking(*, customer: "User", reference: str) -> Payment | None:
    """Return the latest payment of a customer's booking."""
    return (
        Payment.objects.filter(booking__customer=customer, booking__reference=reference.upper())
        .order_by("-created_at", "-pk")
        .first()
    )


def payment_get(*, customer: "User", reference: str) -> Payment:
    """Return the latest payment of a customer's booking. Raises: PaymentNotFound."""
    payment = payment_of_booking(customer=customer, reference=reference)
    if payment is None:
        raise errors.PaymentNotFound
    return payment


def refunds_of_booking(*, customer: "User", reference: str) -> list[Refund]:
    """Return the refunds of a customer's booking, the oldest first."""
    rows = Refund.objects.filter(booking__customer=customer, booking__reference=reference.upper())
    return list(rows.order_by("created_at", "pk"))


def payments_in_check(*, customer: "User") -> list[Payment]:
    """Return a customer's payments whose outcome is not known yet, or that wait for a code, with their bookings."""
    rows = Payment.objects.filter(booking__customer=customer, status__in=OPEN_PAYMENTS)
    rows = rows.select_related("booking__launch__rocket", "booking__launch__destination")
    return list(rows.order_by("created_at", "pk"))


def invoices_of_booking(*, customer: "User", booking_id: int) -> list[Invoice]:
    """Return the invoice and credit notes of a customer's booking, the oldest first."""
    return list(Invoice.objects.filter(customer=customer, booking_id=booking_id).order_by("pk"))


def money_of_booking(*, actor: "User", booking_id: int) -> tuple[list[Payment], list[Refund], list[Invoice]]:
    """Return all movements of a booking for an employee. Raises: Forbidden. Three queries."""
    if actor.kind != "employee":
        raise Forbidden
    return (
        list(Payment.objects.filter(booking_id=booking_id).order_by("created_at", "pk")),
        list(Refund.objects.filter(booking_id=booking_id).order_by("created_at", "pk")),
        list(Invoice.objects.filter(booking_id=booking_id).order_by("pk")),
    )


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


def payment_open_count() -> int:
    """Count payments whose outcome is not known yet."""
    return Payment.objects.filter(status=PaymentStatus.PROCESSING).count()


def sandbox_cards() -> tuple[tuple[TestCard, ...], str]:
    """Return the test cards and the challenge's code, for the pay page while the sandbox is on."""
    return TEST_CARDS, CHALLENGE_CODE
