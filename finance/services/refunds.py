"""Giving money back to the payment it came from."""

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from common import outbox
from finance import errors, events, policies
from finance.enums import PaymentStatus, RefundStatus
from finance.models import Payment, Refund

log = logging.getLogger(__name__)
FAILED_AFTER = 6  # refusals; pauses of 1, 2, 4 ... minutes


def refund_request(*, payment: Payment, amount: Decimal, cause: str, dedupe_key: str, now: datetime) -> Refund:
    """
    Owe money back, once a `dedupe_key`; a job sends it. Needs the transaction of its cause.

    Raises: RuntimeError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("refund_request belongs to the transaction of its cause.")
    refund, is_new = Refund.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "payment": payment,
            "booking_id": payment.booking_id,
            "amount": amount,
            "currency": payment.currency,
            "cause": cause,
            "retry_at": now,
            "created_at": now,
        },
    )
    if is_new:
        outbox.publish(events.RefundRequested(**_values(refund), cause=cause))
    return refund


def refund_for_cancellation(
    *, booking_id: int, amount: Decimal, cause: str, event_id: int, now: datetime
) -> Refund | None:
    """Owe what a cancellation promised; None when that is nothing."""
    if amount <= 0:
        return None
    with transaction.atomic():
        payment = Payment.objects.select_for_update().get(booking_id=booking_id, status=PaymentStatus.SUCCEEDED)
        return refund_request(
            payment=payment, amount=amount, cause=cause, dedupe_key=f"cancellation:{event_id}", now=now
        )


def refunds_send_due(*, now: datetime) -> int:
    """Send every refund that is due; return how many went through."""
    due = Refund.objects.filter(status=RefundStatus.REQUESTED, retry_at__lte=now).order_by("created_at", "pk")
    sent = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            sent += refund_send(refund_id=pk, now=now)
        except Exception:  # one that cannot be sent must not keep the others waiting
            log.exception("Refund %s could not be sent", pk)
    return sent


def refund_send(*, refund_id: UUID | str, now: datetime) -> bool:
    """Ask the gateway to pay a refund, with the refund's id as key, and record the answer; true when paid."""
    from finance.services.payments import gateway  # noqa: PLC0415 - payments builds upon refunds

    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status == RefundStatus.SUCCEEDED:
        return True
    try:
        reference = gateway().refund(
            key=str(refund.pk), charge_reference=refund.payment.gateway_reference, amount=refund.amount
        )
    except errors.GatewayUnavailable as error:
        _record_failure(refund.pk, str(error), now, is_final=False)
        return False
    except errors.FinanceError as error:
        _record_failure(refund.pk, error.message, now, is_final=True)
        return False
    with transaction.atomic():
        refund = Refund.objects.select_for_update(of=("self",)).select_related("booking").get(pk=refund_id)
        if RefundStatus.SUCCEEDED in policies.REFUND_MOVES[refund.status]:
            refund.status = RefundStatus.SUCCEEDED
            refund.gateway_reference = reference
            refund.settled_at, refund.retry_at, refund.latest_error = now, None, ""
            refund.save()
            outbox.publish(events.RefundSucceeded(**_values(refund)))
    return True


def _record_failure(refund_id: UUID | str, sentence: str, now: datetime, *, is_final: bool) -> None:
    with transaction.atomic():
        refund = Refund.objects.select_for_update(of=("self",)).select_related("booking").get(pk=refund_id)
        if refund.status != RefundStatus.REQUESTED:
            return
        refund.attempts += 1
        refund.latest_error = sentence[:300]
        refund.retry_at = now + timedelta(minutes=2 ** min(refund.attempts - 1, 10))
        if is_final and refund.attempts >= FAILED_AFTER:
            refund.status, refund.retry_at = RefundStatus.FAILED, None
            outbox.publish(events.RefundFailed(**_values(refund), error=refund.latest_error))
        refund.save()
    log.warning("Refund %s did not go through: %s", refund_id, sentence)


def _values(refund: Refund) -> dict[str, Any]:
    return {
        "booking_id": refund.booking_id,
        "customer_id": refund.booking.customer_id,
        "amount": refund.amount,
        "currency": refund.currency,
        "refund_id": str(refund.pk),
    }
