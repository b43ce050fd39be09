"""
Finding out what became of payments: by a job, by a gateway's callback, or because the card holder came back.

The gateway is asked outside any transaction; `payment_record` then acts on what it says.
"""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from finance import errors, policies
from finance.enums import PaymentStatus
from finance.gateways import SILENCES_MAX, ChargeAnswer, gateway
from finance.models import Payment
from finance.services.payments import payment_record

log = logging.getLogger(__name__)

SETTLE_AFTER = timedelta(seconds=20)  # younger open payments are still being worked on by their request
ABANDONED_AFTER = timedelta(hours=1)  # a challenge nobody answered
# The gateway never heard of it, and its request is at an end: at Stripe three calls of GATEWAY_TIMEOUT_S (8 s) each.
# Should money come in all the same, it goes back.
UNHEARD_AFTER = timedelta(minutes=4)
# With the job's own minute, money that came in has its seats or goes back five minutes after the gateway can say so.
ASK_PAUSE_MAX = timedelta(minutes=3)


def payments_settle(*, now: datetime) -> int:
    """Ask the gateways about payments whose outcome is unknown, and act on it; return how many came to rest."""
    rested = silences = 0
    is_due = Q(ask_at=None, created_at__lt=now - SETTLE_AFTER) | Q(ask_at__lte=now)
    due = Payment.objects.filter(is_due, status__in=policies.OPEN_PAYMENTS)
    due = due.order_by(F("ask_at").asc(nulls_first=True), "created_at", "pk")  # in turn, also when few get theirs
    for payment_id in list(due.values_list("pk", flat=True)):
        if silences == SILENCES_MAX:
            break
        try:
            rested += payment_ask(payment_id=payment_id, now=now).status not in policies.OPEN_PAYMENTS
        except errors.GatewayUnavailable as error:
            silences += 1
            log.warning("Payment %s: %s", payment_id, error)
            _ask_later(payment_id, now)
        except Exception:  # one that cannot be settled must not keep the others waiting
            log.exception("Payment %s could not be settled", payment_id)
            _ask_later(payment_id, now)
    return rested


def payment_ask(*, payment_id: UUID | str, now: datetime, reference: str = "") -> Payment:
    """
    Ask the gateway how a payment stands, and record it; a payment that is still open is asked about again later.

    Also for one that was given up: its money may have come in all the same.

    Args:
        reference: the gateway's name of it, where a callback has told what the lost answer had not.
    Raises: GatewayUnavailable, Busy, ChargeDiffers.
    """
    payment = Payment.objects.get(pk=payment_id)
    if not policies.PAYMENT_MOVES[payment.status]:
        return payment
    answer = _final_answer(payment, payment.gateway_reference or reference, now)
    if answer is not None:
        payment, _ = payment_record(payment_id=payment_id, answer=answer, now=now)
    if payment.status in policies.OPEN_PAYMENTS:
        _ask_later(payment_id, now)
    return payment


def _final_answer(payment: Payment, reference: str, now: datetime) -> ChargeAnswer | None:
    """Ask how a payment stands, and give up what nobody will finish."""
    gate = gateway(payment.gateway)
    charge: dict[str, Any] = {
        "key": str(payment.pk),
        "reference": reference,
        "amount": payment.amount,
        "currency": payment.currency,
    }
    answer = gate.status(**charge)
    age = now - payment.created_at
    if answer is None:
        return _out_of_time("") if age > UNHEARD_AFTER else None
    if answer.status == PaymentStatus.CHALLENGE and age > ABANDONED_AFTER:
        answer = gate.abandon(**charge)
    # What is closed at the gateway is declined for us: only a customer gives up.
    if answer is None or answer.status == PaymentStatus.ABANDONED:
        return _out_of_time(answer.reference if answer else "")
    return answer


def _out_of_time(reference: str) -> ChargeAnswer:
    return ChargeAnswer(
        reference=reference, status=PaymentStatus.DECLINED, decline_reason="it was not finished in time"
    )


def _ask_later(payment_id: UUID | str, now: datetime) -> None:
    """Put the next question off: 20 s, 40 s, 80 s ... three minutes; for as long as it takes."""
    asked = Payment.objects.values_list("attempts", flat=True).get(pk=payment_id)
    pause = min(SETTLE_AFTER * 2 ** min(asked, 10), ASK_PAUSE_MAX)
    Payment.objects.filter(pk=payment_id).update(attempts=asked + 1, ask_at=now + pause)
