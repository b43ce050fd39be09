"""
Collecting money.

Three steps, so that no gateway call happens inside a transaction: write the payment row; ask the gateway with the row's
id as key; record the answer and, if money came in, confirm the booking in the same transaction. A crash between any two
leaves a row that `payments_settle` asks the gateway about.
"""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction

from bookings import selectors as booking_selectors
from bookings import services as booking_services
from bookings.enums import BookingStatus
from bookings.errors import HoldExpired, LaunchNotOpen, SeatsGone
from common import outbox
from common.errors import Busy
from finance import errors, events, policies
from finance.enums import PaymentStatus
from finance.gateways import Card, ChargeAnswer, Gateway
from finance.gateways.sandbox import SandboxGateway
from finance.models import Payment
from finance.services.refunds import refund_request
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)

SETTLE_AFTER = timedelta(seconds=20)  # younger open payments are still being worked on by their request
ABANDONED_AFTER = timedelta(hours=1)  # a challenge nobody answered
UNHEARD_AFTER = timedelta(minutes=10)  # the gateway never heard of it, and no call lasts that long


def gateway() -> Gateway:
    """Return the gateway that the settings name."""
    return SandboxGateway()


def booking_pay(*, customer: "User", reference: str, card: Card, now: datetime) -> Payment:
    """
    Pay a pending booking with a card and confirm it.

    A booking that is being paid already gives the payment that is under way: nobody pays twice.

    Returns: the payment; `succeeded` (the booking is confirmed), `challenge` (ask the card holder), or `processing`
        (the outcome is not known yet; a job finds out).
    Raises: BookingNotFound, NothingToPay, HoldExpired, LaunchNotOpen, CardInvalid, PaymentDeclined, SeatsGone, Busy.
    """
    problems = policies.card_problems(number=card.number, expiry=card.expiry, code=card.code, today=now.date())
    if problems:
        raise errors.CardInvalid(fields=problems)
    payment, is_new = _payment_open(customer, reference, now)
    if not is_new and payment.status != PaymentStatus.CREATED:
        return payment
    try:
        answer = gateway().charge(key=str(payment.pk), amount=payment.amount, currency=payment.currency, card=card)
    except errors.GatewayUnavailable:
        return _record_unknown(payment)
    return _record_and_tell(payment, answer, now)


def _payment_open(customer: "User", reference: str, now: datetime) -> tuple[Payment, bool]:
    booking = booking_selectors.booking_get_for_customer(customer=customer, reference=reference)
    live = Payment.objects.filter(booking=booking).exclude(status__in=policies.OVER_PAYMENTS).first()
    if live is not None and live.status != PaymentStatus.CREATED:
        if live.refunds.filter(dedupe_key=_late_key(live)).exists():
            raise SeatsGone
        return live, False
    # No card is charged where it is known already that no seat can follow.
    if booking.status == BookingStatus.EXPIRED or booking.hold.expires_at <= now:
        raise HoldExpired
    if booking.status != BookingStatus.PENDING:
        raise errors.NothingToPay(reference=booking.reference)
    if not launch_selectors.launch_brief(launch_id=booking.launch_id).sells_at(now):
        raise LaunchNotOpen
    if live is not None:
        return live, False
    try:
        with transaction.atomic():
            payment = Payment.objects.create(
                booking=booking,
                gateway=gateway().name,
                amount=booking.price_amount,
                currency=booking.price_currency,
                created_at=now,
            )
            return payment, True
    except IntegrityError as error:
        # The same form sent twice at once: the other request's payment is the one.
        other = Payment.objects.filter(booking=booking).exclude(status__in=policies.OVER_PAYMENTS).first()
        if other is None:
            raise Busy from error
        return other, False


def _late_key(payment: Payment) -> str:
    return f"late:{payment.pk}"


def payment_challenge_answer(*, customer: "User", reference: str, code: str, now: datetime) -> Payment:
    """
    Answer the card holder's check of a booking's payment.

    Raises: PaymentNotFound, ChallengeRefused, PaymentDeclined, SeatsGone, Busy.
    """
    booking = booking_selectors.booking_get_for_customer(customer=customer, reference=reference)
    payment = Payment.objects.filter(booking=booking).exclude(status__in=policies.OVER_PAYMENTS).first()
    if payment is None:
        raise errors.PaymentNotFound
    if payment.status != PaymentStatus.CHALLENGE:
        return payment
    try:
        answer = gateway().challenge(reference=payment.gateway_reference, code=code)
    except errors.GatewayUnavailable:
        return _record_unknown(payment)
    return _record_and_tell(payment, answer, now)


def payments_settle(*, now: datetime) -> int:
    """Ask the gateway about payments whose outcome is unknown, and act on it; return how many came to rest."""
    rested = 0
    open_ones = Payment.objects.filter(status__in=policies.OPEN_PAYMENTS, created_at__lt=now - SETTLE_AFTER)
    for payment_id in list(open_ones.order_by("created_at", "pk").values_list("pk", flat=True)):
        try:
            rested += _settle(payment_id, now)
        except Exception:  # one that cannot be settled must not keep the others waiting
            log.exception("Payment %s could not be settled", payment_id)
    return rested


def _settle(payment_id: UUID, now: datetime) -> bool:
    payment = Payment.objects.get(pk=payment_id)
    try:
        answer = gateway().status(key=str(payment.pk))
    except errors.GatewayUnavailable:
        return False
    is_unknown = answer is None and payment.created_at < now - UNHEARD_AFTER
    is_left = (
        answer is not None and answer.status == PaymentStatus.CHALLENGE and payment.created_at < now - ABANDONED_AFTER
    )
    if is_unknown or is_left:
        answer = ChargeAnswer(
            reference=answer.reference if answer else "",
            status=PaymentStatus.DECLINED,
            decline_reason="it was not finished in time",
        )
    if answer is None:
        return False
    payment_record(payment_id=payment.pk, answer=answer, now=now)
    return answer.status in (PaymentStatus.SUCCEEDED, PaymentStatus.DECLINED)


def _record_unknown(payment: Payment) -> Payment:
    Payment.objects.filter(pk=payment.pk, status=PaymentStatus.CREATED).update(status=PaymentStatus.PROCESSING)
    payment.refresh_from_db()
    return payment


def _record_and_tell(payment: Payment, answer: ChargeAnswer, now: datetime) -> Payment:
    payment, is_seated = payment_record(payment_id=payment.pk, answer=answer, now=now)
    if payment.status == PaymentStatus.DECLINED:
        raise errors.PaymentDeclined(reason=payment.decline_reason)
    if not is_seated:
        raise SeatsGone
    return payment


def payment_record(*, payment_id: UUID | str, answer: ChargeAnswer, now: datetime) -> tuple[Payment, bool]:
    """
    Record what the gateway says of a payment, once; money that came in confirms the booking or goes back.

    Returns: the payment, and whether it may still end in seats (false: everything is being refunded).
    Raises: Busy.
    """
    try:
        with transaction.atomic():
            return _record(payment_id, answer, now)
    except OperationalError as error:
        raise Busy from error


def _record(payment_id: UUID | str, answer: ChargeAnswer, now: datetime) -> tuple[Payment, bool]:
    payment = Payment.objects.select_for_update(of=("self",)).select_related("booking").get(pk=payment_id)
    status = answer.status
    if payment.status == PaymentStatus.DECLINED and status == PaymentStatus.SUCCEEDED:
        status = PaymentStatus.LATE
    if status not in policies.PAYMENT_MOVES[payment.status]:
        return payment, not payment.refunds.filter(dedupe_key=_late_key(payment)).exists()
    is_seated = status != PaymentStatus.LATE
    if status == PaymentStatus.SUCCEEDED:
        try:
            with transaction.atomic():
                booking_services.booking_confirm(booking_id=payment.booking_id, now=now)
        except SeatsGone:
            is_seated = False
    payment.status = status
    payment.gateway_reference = answer.reference
    payment.card_brand, payment.card_last4 = answer.card_brand, answer.card_last4
    payment.decline_reason = answer.decline_reason
    payment.settled_at = None if status in policies.OPEN_PAYMENTS else now
    payment.save()
    _tell(payment)
    if not is_seated:
        refund_request(payment=payment, amount=payment.amount, cause="platform", dedupe_key=_late_key(payment), now=now)
    return payment, is_seated


def _tell(payment: Payment) -> None:
    values: dict[str, Any] = {
        "booking_id": payment.booking_id,
        "customer_id": payment.booking.customer_id,
        "amount": payment.amount,
        "currency": payment.currency,
        "payment_id": str(payment.pk),
    }
    if payment.status in (PaymentStatus.SUCCEEDED, PaymentStatus.LATE):
        outbox.publish(events.PaymentSucceeded(**values))
    elif payment.status == PaymentStatus.DECLINED:
        outbox.publish(events.PaymentDeclined(**values, reason=payment.decline_reason))
