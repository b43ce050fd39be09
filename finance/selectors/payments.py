"""Reads of payments and refunds."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db.models import Q, Sum

from common.errors import Forbidden
from finance import errors
from finance.access import refund_desk_check
from finance.enums import PaymentStatus, RefundStatus
from finance.gateways.sandbox import CHALLENGE_CODE, TEST_CARDS, SandboxGateway, TestCard
from finance.models import Invoice, Payment, Refund
from finance.policies import OPEN_PAYMENTS

if TYPE_CHECKING:
    from accounts.models import User


REFUND_STUCK_AFTER = timedelta(hours=1)


def payment_of_booking(*, customer: "User", reference: str) -> Payment | None:
    """Return the latest payment of a customer's booking; those for a move to another launch have their own."""
    return (
        Payment.objects.filter(booking__customer=customer, booking__reference=reference.upper(), rebooking=None)
        .select_related("booking")
        .order_by("-created_at", "-pk")
        .first()
    )


def payments_of_booking(*, customer: "User", reference: str) -> list[Payment]:
    """Return all payments of a customer's booking, the latest first; those with `rebooking_id` are for its moves."""
    rows = Payment.objects.filter(booking__customer=customer, booking__reference=reference.upper())
    return list(rows.order_by("-created_at", "-pk"))


def payment_of_rebooking(*, customer: "User", rebooking_id: UUID | str) -> Payment | None:
    """Return the latest payment of the fare difference of a customer's move to another launch."""
    rows = Payment.objects.filter(booking__customer=customer, rebooking_id=rebooking_id).select_related("booking")
    return rows.order_by("-created_at", "-pk").first()


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
    rows = Payment.objects.filter(booking__customer=customer, rebooking=None, status__in=OPEN_PAYMENTS)
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


def refundable_amount(*, actor: "User", booking_id: int) -> Decimal:
    """Return what is left of a booking's payments, for an employee. Raises: Forbidden. Two queries."""
    if actor.kind != "employee":
        raise Forbidden
    paid = Payment.objects.filter(booking_id=booking_id, status=PaymentStatus.SUCCEEDED)
    back = Refund.objects.filter(payment__in=paid)
    totals = (rows.aggregate(total=Sum("amount"))["total"] or Decimal(0) for rows in (paid, back))
    return next(totals) - next(totals)


def refunds_failing(*, actor: "User", now: datetime) -> list[Refund]:
    """
    Return the refunds that need a person, the oldest first: failed ones, and those without an outcome for too long.

    Raises: Forbidden.
    """
    refund_desk_check(actor)
    is_stuck = Q(status=RefundStatus.REQUESTED, created_at__lt=now - REFUND_STUCK_AFTER)
    rows = Refund.objects.filter(is_stuck | Q(status=RefundStatus.FAILED)).select_related("booking", "payment")
    return list(rows.order_by("created_at", "pk")[:200])


def refund_get(*, actor: "User", refund_id: UUID | str) -> Refund:
    """Return a refund for the refund desk. Raises: Forbidden, RefundNotFound."""
    refund_desk_check(actor)
    refund = Refund.objects.select_related("booking", "payment").filter(pk=refund_id).first()
    if refund is None:
        raise errors.RefundNotFound
    return refund


def refund_is_failed(*, refund_id: UUID | str) -> bool:
    """Tell whether a refund waits for a person because the gateway refused it; for mails."""
    return Refund.objects.filter(pk=refund_id, status=RefundStatus.FAILED).exists()


def refunds_failing_count(*, now: datetime) -> int:
    """Count the refunds that need a person."""
    is_stuck = Q(status=RefundStatus.REQUESTED, created_at__lt=now - REFUND_STUCK_AFTER)
    return Refund.objects.filter(is_stuck | Q(status=RefundStatus.FAILED)).count()


def payment_open_count() -> int:
    """Count payments whose outcome is not known yet."""
    return Payment.objects.filter(status=PaymentStatus.PROCESSING).count()


def asks_for_cards() -> bool:
    """Whether our own pages ask for card numbers: only test cards, only while the sandbox is on."""
    return bool(SandboxGateway.name == settings.PAYMENT_GATEWAY)


def stripe_publishable_key() -> str:
    """Return the key that Stripe's form in the browser is opened with; it is no secret."""
    return str(settings.STRIPE_PUBLISHABLE_KEY)


def sandbox_cards() -> tuple[tuple[TestCard, ...], str]:
    """Return the test cards and the challenge's code, for the pay page; nothing unless the sandbox is on."""
    if not asks_for_cards():
        return (), ""
    return TEST_CARDS, CHALLENGE_CODE
