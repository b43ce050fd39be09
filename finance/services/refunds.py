"""
Giving money back to the payment it came from.

A refund is a row before anything is sent. A job sends it, asks the gateway with a key of the row, and tries again until
the gateway has paid or has refused often enough that a person must look (the worklist). docs/payments.md has the table.
"""

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum

from common import outbox
from common.money import format_money
from finance import errors, events, policies
from finance.enums import PaymentStatus, RefundStatus
from finance.gateways import SILENCES_MAX, Gateway, gateway
from finance.gateways.books import books_of
from finance.gateways.port import RefundAnswer
from finance.models import Payment, Refund
from finance.services.ledger import refund_paid_post, refund_post

log = logging.getLogger(__name__)
FAILED_AFTER = 6  # refusals; pauses of 1, 2, 4 ... minutes
KEYS_LAST = timedelta(hours=23)  # Stripe forgets an idempotency key after 24 hours; no call lasts for the other one
PAUSE_MIN = timedelta(minutes=1)
PAUSE_MAX = timedelta(hours=1)  # while the gateway is at it, which for a bank may be days
SILENCE_MAX = timedelta(minutes=3)  # while the gateway does not answer; as finance.services.asking


# --- owing ------------------------------------------------------------------------------------------------------------
def refund_request(
    *, payment: Payment, amount: Decimal, cause: str, dedupe_key: str, now: datetime, launch_id: int | None = None
) -> Refund:
    """
    Owe money back, once a `dedupe_key`; a job sends it. Needs the transaction of its cause.

    Args:
        launch_id: whose supplier bears it, when the booking may have moved on since; None: the booking's.
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
        refund_post(refund=refund, launch_id=launch_id or payment.booking.launch_id, now=now)
        outbox.publish(events.RefundRequested(**event_values(refund), cause=cause))
    return refund


def refund_for_cancellation(
    *, booking_id: int, amount: Decimal, cause: str, event_id: int, now: datetime, launch_id: int | None = None
) -> list[Refund]:
    """Owe what a cancellation (or a cheaper launch) promised, once an event; [] when that is nothing."""
    if amount <= 0:
        return []
    with transaction.atomic():
        return refund_allocate(
            booking_id=booking_id,
            amount=amount,
            cause=cause,
            source=f"cancellation:{event_id}",
            now=now,
            launch_id=launch_id,
        )


def refund_allocate(
    *, booking_id: int, amount: Decimal, cause: str, source: str, now: datetime, launch_id: int | None = None
) -> list[Refund]:
    """
    Owe money back over a booking's payments, the newest first, each up to what is left of it. Needs a transaction.

    Args:
        source: what asks for it, such as "cancellation:17"; the same source again gives the first refunds.
        launch_id: as `refund_request`.
    Raises: RefundTooHigh, when the payments have not that much left.
    """
    payments = payments_lock(booking_id=booking_id)
    if made := list(Refund.objects.filter(Q(dedupe_key=source) | Q(dedupe_key__startswith=f"{source}:"))):
        return made
    left = _left(payments)
    if sum(left.values(), Decimal(0)) < amount:
        raise _too_high(left, payments)
    refunds = []
    for payment in payments:
        part = min(left[payment.pk], amount)
        if part > 0:
            dedupe_key = f"{source}:{payment.pk}"
            refund = refund_request(
                payment=payment, amount=part, cause=cause, dedupe_key=dedupe_key, now=now, launch_id=launch_id
            )
            refunds.append(refund)
            amount -= part
    return refunds


def payments_lock(*, booking_id: int) -> list[Payment]:
    """Lock the payments of a booking that succeeded, the newest first."""
    rows = Payment.objects.select_for_update(of=("self",)).filter(booking_id=booking_id, status=PaymentStatus.SUCCEEDED)
    return list(rows.select_related("booking").order_by("-created_at", "-pk"))


def _left(payments: list[Payment]) -> dict[UUID, Decimal]:
    back = dict(
        Refund.objects.filter(payment__in=payments)
        .values("payment_id")
        .annotate(total=Sum("amount"))
        .values_list("payment_id", "total")
    )
    return {payment.pk: payment.amount - back.get(payment.pk, Decimal(0)) for payment in payments}


def _too_high(left: dict[UUID, Decimal], payments: list[Payment]) -> errors.RefundTooHigh:
    currency = payments[0].currency if payments else "USD"
    said = format_money(sum(left.values(), Decimal(0)), currency)
    return errors.RefundTooHigh(left=said)


# --- sending ----------------------------------------------------------------------------------------------------------
def refunds_send_due(*, now: datetime) -> int:
    """Send every refund that is due; return how many went through."""
    due = Refund.objects.filter(status=RefundStatus.REQUESTED, retry_at__lte=now).order_by("retry_at", "pk")
    sent = silences = 0
    for pk in list(due.values_list("pk", flat=True)):
        if silences == SILENCES_MAX:
            break
        try:
            sent += _send(pk, now)
        except errors.GatewayUnavailable:
            silences += 1
        except Exception:  # one that cannot be sent must not keep the others waiting
            log.exception("Refund %s could not be sent", pk)
    return sent


def refund_send(*, refund_id: UUID | str, now: datetime) -> bool:
    """
    Ask the gateway to pay a refund, with a key of its row, and record the answer; true when paid.

    A refund that the gateway is still at is asked about instead.
    """
    try:
        return _send(refund_id, now)
    except errors.GatewayUnavailable:
        return False


def _send(refund_id: UUID | str, now: datetime) -> bool:
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != RefundStatus.REQUESTED:
        return refund.status == RefundStatus.SUCCEEDED
    try:
        answer = _ask(refund, now)
    except errors.GatewayUnavailable as error:
        _record_silence(refund, str(error), now)
        raise
    except errors.RefundRefused as error:
        answer = RefundAnswer(reference="", status=RefundStatus.FAILED, reason=error.message)
    return refund_record(refund_id=refund_id, answer=answer, now=now).status == RefundStatus.SUCCEEDED


def refund_ask(*, refund_id: UUID | str, reference: str, now: datetime) -> Refund:
    """
    Ask the gateway how a refund stands that it told us of, and record it.

    # Note [A try that failed is told of again]
    A gateway tells of one failure in several messages, and late ones come when the next try is under way. That one must
    not be taken for refused: it would be sent a third time, and paid twice. So only the failure of the try that our row
    names counts; of one whose answer was lost the job hears when it asks with its key.

    Args:
        reference: the gateway's name of the refund; ours may not have it yet.
    Raises: GatewayUnavailable.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if not policies.REFUND_MOVES[refund.status]:
        return refund
    answer = gateway(refund.payment.gateway).refund_status(reference=reference)
    if answer.status == RefundStatus.FAILED and reference != refund.gateway_reference:
        return refund
    return refund_record(refund_id=refund_id, answer=answer, now=now)


def _ask(refund: Refund, now: datetime) -> RefundAnswer:
    gate = gateway(refund.payment.gateway)
    if refund.gateway_reference:
        return gate.refund_status(reference=refund.gateway_reference)
    if now - refund.created_at > KEYS_LAST and (known := _look_up(refund, gate)):
        return known
    # A refusal is final for its key: after one the next try must have another. Silence is not, and keeps its key.
    key = f"{refund.pk}:{refund.attempts}" if refund.attempts else str(refund.pk)
    return gate.refund(
        key=key,
        charge_reference=refund.payment.gateway_reference,
        amount=refund.amount,
        currency=refund.currency,
    )


def _look_up(refund: Refund, gate: Gateway) -> RefundAnswer | None:
    """
    Find what the gateway did of a refund whose key it may have forgotten: sent again, it would be paid twice.

    Returns: None when there is nothing of it, or only what failed.
    """
    charge_reference = refund.payment.gateway_reference
    for made in books_of(gate.name).refunds_of(charge_reference=charge_reference):
        if made.key.startswith(str(refund.pk)):
            answer = gate.refund_status(reference=made.reference)
            if answer.status != RefundStatus.FAILED:
                return answer
    return None


def refund_record(*, refund_id: UUID | str, answer: RefundAnswer, now: datetime) -> Refund:
    """Record what the gateway says of a refund, once."""
    with transaction.atomic():
        refund = refund_lock(refund_id=refund_id)
        if answer.status == RefundStatus.SUCCEEDED:
            refund_succeed(refund, answer.reference, now)
        elif refund.status == RefundStatus.REQUESTED and answer.status == RefundStatus.FAILED:
            refund.gateway_reference = ""
            refund.attempts += 1
            refund.latest_error = answer.reason[:300]
            refund.retry_at = now + PAUSE_MIN * 2 ** min(refund.attempts - 1, 10)
            if refund.attempts >= FAILED_AFTER:
                refund.status, refund.retry_at = RefundStatus.FAILED, None
                outbox.publish(events.RefundFailed(**event_values(refund), error=refund.latest_error))
            refund.save()
            log.warning("Refund %s was refused: %s", refund_id, refund.latest_error)
        elif refund.status == RefundStatus.REQUESTED:
            refund.gateway_reference = answer.reference
            refund.retry_at = now + _pause(refund, now, PAUSE_MAX)
            refund.save(update_fields=["gateway_reference", "retry_at"])
        return refund


def refund_succeed(
    refund: Refund, reference: str, now: datetime, *, actor_id: int | None = None, reason: str = ""
) -> None:
    """
    Record that a locked refund is paid, once.

    Args:
        reason: how, when a person paid it outside the gateway.
    """
    if RefundStatus.SUCCEEDED not in policies.REFUND_MOVES[refund.status]:
        return
    changes = status_set(refund, RefundStatus.SUCCEEDED)
    refund.gateway_reference = reference[:80]
    refund.settled_at, refund.retry_at, refund.latest_error = now, None, ""
    refund.save()
    refund_paid_post(refund=refund, now=now)
    outbox.publish(
        events.RefundSucceeded(**event_values(refund), changes=changes, reason=reason),
        actor_id=actor_id,
    )


def status_set(refund: Refund, status: str) -> dict[str, dict[str, str]]:
    """Give a refund another status, to be saved, and return what its event says of it."""
    before, refund.status = refund.status, status
    return {"status": {"before": before, "after": status}} if status != before else {}


def _record_silence(refund: Refund, sentence: str, now: datetime) -> None:
    """Put the next try off; nothing is known, so nothing else changes."""
    Refund.objects.filter(pk=refund.pk, status=RefundStatus.REQUESTED).update(
        latest_error=sentence[:300], retry_at=now + _pause(refund, now, SILENCE_MAX)
    )
    log.warning("Refund %s: %s", refund.pk, sentence)


def _pause(refund: Refund, now: datetime, at_most: timedelta) -> timedelta:
    """As long as it has been waiting already, a minute at least: pauses double by themselves."""
    return min(max(now - refund.created_at, PAUSE_MIN), at_most)


def refund_lock(*, refund_id: UUID | str) -> Refund:
    """Lock a refund's row. Raises: RefundNotFound."""
    rows = Refund.objects.select_for_update(of=("self",)).select_related("booking", "payment")
    refund = rows.filter(pk=refund_id).first()
    if refund is None:
        raise errors.RefundNotFound
    return refund


def event_values(refund: Refund) -> dict[str, Any]:
    """Return what every event of a refund says."""
    return {
        "booking_id": refund.booking_id,
        "customer_id": refund.booking.customer_id,
        "amount": refund.amount,
        "currency": refund.currency,
        "refund_id": str(refund.pk),
    }
