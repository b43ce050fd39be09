"""Reads of payments and refunds."""

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


def money_of_booking(*, actor: "User", booking_id: int) -> tuple[list[Payment], list[Refund], list[Invoice]]:
    """Return all movements of a booking for an employee. Raises: Forbidden. Three queries."""
    if actor.kind != "employee":
        raise Forbidden
    return (
        list(Payment.objects.filter(booking_id=booking_id).order_by("created_at", "pk")),
        list(Refund.objects.filter(booking_id=booking_id).order_by("created_at", "pk")),
        list(Invoice.objects.filter(booking_id=booking_id).order_by("pk")),
    )


def payment_open_count() -> int:
    """Count payments whose outcome is not known yet."""
    return Payment.objects.filter(status=PaymentStatus.PROCESSING).count()


def sandbox_cards() -> tuple[tuple[TestCard, ...], str]:
    """Return the test cards and the challenge's code, for the pay page while the sandbox is on."""
    return TEST_CARDS, CHALLENGE_CODE
