"""
Collecting money.

Three steps, so that no gateway call happens inside a transaction: write the payment row; ask the gateway with the row's
id as key; record the answer and, if money came in, confirm the booking in the same transaction. A crash between any two
leaves a row that `payments_settle` asks the gateway about.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction

from bookings import selectors as booking_selectors
from bookings import services as booking_services
from bookings.enums import BookingStatus
from bookings.errors import HoldExpired, SeatsGone
from common import outbox
from common.errors import Busy
from finance import errors, events, policies
from finance.enums import PaymentStatus
from finance.gateways import Card, ChargeAnswer, Gateway
from finance.gateways.sandbox import SandboxGateway
from finance.models import Payment
from finance.services.refunds import refund_request

if TYPE_CHECKING:
    from accounts.models import User

SETTLE_AFTER = timedelta(seconds=20)  # younger open payments are still being worked on by their request
ABANDONED_AFTER = timedelta(hours=1)  # a challenge nobody answered


def gateway() -> Gateway:
    """Return the gateway that the settings name."""
    return SandboxGateway()


def booking_pay(*, customer: "User", reference: str, card: Card, now: datetime) -> Payment:
    """
    Pay a pending booking with a card and confirm it.

    A booking that is being paid already gives the payment that is under way: nobody pays twice.

    Returns: the payment; `succeeded` (the booking is confirmed), `challenge` (ask the card holder), or `processing`
        (the outcome is not known yet; a job finds out).
    Raises: BookingNotFound, NothingToPay, HoldExpired, CardInvalid, PaymentDeclined, SeatsGone, Busy.
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
    live = Payment.objects.filter(booking=booking).exclude(status=PaymentStatus.DECLINED).first()
    if live is not None:
        return live, False
    if booking.status == BookingStatus.EXPIRED or booking.hold.expires_at <= now:
        raise HoldExpired
    if booking.status != BookingStatus.PENDING:
        raise errors.NothingToPay(reference=booking.reference)
    try:
        with transaction.atomic():
            return (
                Payment.objects.create(
                    booking=booking,
                    gateway=gateway().name,
                    amount=booking.price_amount,
                    currency=booking.price_currency,
                    created_at=now,
                ),
                True,
            )
    except IntegrityError:
        # The same form sent twice at once: the other request's payment is the one.
        return Payment.objects.exclude(status=PaymentStatus.DECLINED).get(booking=booking), False


def payment_challenge_answer(*, customer: "User", reference: str, code: str, now: datetime) -> Payment:
    """
    Answer the card holder's check of a booking's payment.

    Raises: PaymentNotFound, ChallengeRefused, PaymentDeclined, SeatsGone, Busy.
    """
    booking = booking_selectors.booking_get_for_customer(customer=customer, reference=reference)
    payment = Payment.objects.filter(booking=booking).exclude(status=PaymentStatus.DECLINED).first()
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
    for payment in open_ones.order_by("created_at", "pk")[:200]:
        try:
            answer = gateway().status(key=str(payment.pk))
        except errors.GatewayUnavailable:
            continue
        if answer is None or (answer.status == PaymentStatus.CHALLENGE and payment.created_at < now - ABANDONED_AFTER):
            answer = ChargeAnswer(
                reference=answer.reference if answer else "",
                status=PaymentStatus.DECLINED,
                decline_reason="it was not finished in time",
            )
        payment_record(payment_id=payment.pk, answer=answer, now=now)
        rested += answer.status in (PaymentStatus.SUCCEEDED, PaymentStatus.DECLINED)
    return rested


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
    glance = Payment.objects.get(pk=payment_id)
    is_seated = True
    if answer.status == PaymentStatus.SUCCEEDED and glance.status != PaymentStatus.SUCCEEDED:
        # The booking's locks come before the payment's (docs/locking.md).
        try:
            with transaction.atomic():
                booking_services.booking_confirm(booking_id=glance.booking_id, now=now)
        except SeatsGone:
            is_seated = False
    payment = Payment.objects.select_for_update(of=("self",)).select_related("booking").get(pk=payment_id)
    if not policies.PAYMENT_MOVES[payment.status] or payment.status == answer.status:
        is_refunding = payment.refunds.filter(dedupe_key=f"late:{payment.pk}").exists()
        return payment, not is_refunding
    payment.status = answer.status
    payment.gateway_reference = answer.reference
    payment.card_brand, payment.card_last4 = answer.card_brand, answer.card_last4
    payment.decline_reason = answer.decline_reason
    payment.settled_at = now if answer.status in (PaymentStatus.SUCCEEDED, PaymentStatus.DECLINED) else None
    payment.save()
    values: dict[str, Any] = {
        "booking_id": payment.booking_id,
        "customer_id": payment.booking.customer_id,
        "amount": payment.amount,
        "currency": payment.currency,
        "payment_id": str(payment.pk),
    }
    if answer.status == PaymentStatus.SUCCEEDED:
        outbox.publish(events.PaymentSucceeded(**values))
        if not is_seated:
            refund_request(
                payment=payment, amount=payment.amount, cause="platform", dedupe_key=f"late:{payment.pk}", now=now
            )
    elif answer.status == PaymentStatus.DECLINED:
        outbox.publish(events.PaymentDeclined(**values, reason=payment.decline_reason))
    return payment, is_seated
