"""
Collecting money.

Three steps, so that no gateway call happens inside a transaction: write the payment row; ask the gateway with the row's
id as key; record the answer and, if money came in, sell the seats in the same transaction. A crash between any two
leaves a row that `asking.payments_settle` asks the gateway about. docs/payments.md tells the whole life.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q

from bookings import selectors as booking_selectors
from bookings import services as booking_services
from bookings.enums import BookingStatus
from bookings.errors import HoldExpired, LaunchNotOpen, SeatsGone
from common import outbox
from common.errors import Busy
from common.postgres.statements import ask, together
from finance import errors, events, locks, policies, statements
from finance.enums import PaymentStatus, RefundCause
from finance.gateways import ChargeAnswer, Means, gateway
from finance.models import Payment
from finance.services.ledger import charge_post
from finance.services.refunds import refund_request
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.models import Booking

log = logging.getLogger(__name__)


def booking_pay(*, customer: "User", reference: str, card: Means, now: datetime) -> Payment:
    """
    Pay a pending booking and confirm it.

    A booking that is being paid already gives the payment that is under way: nobody pays twice.

    Args:
        card: as the gateway in use takes it (docs/payments.md); None lets the gateway's own form ask for it.
    Returns: the payment; `succeeded` (the booking is confirmed), `challenge` (ask the card holder), or `processing`
        (the outcome is not known yet; a job finds out).
    Raises: BookingNotFound, NothingToPay, HoldExpired, LaunchNotOpen, CardInvalid, PaymentDeclined, SeatsGone, Busy
        (nothing was charged), PaymentUnrecorded (it goes on by itself).
    """
    gateway().means_check(means=card, today=now.date())
    return charge_send(_payment_open(customer, reference, now), card, now)


def _payment_open(customer: "User", reference: str, now: datetime) -> Payment:
    booking = booking_selectors.booking_get_for_customer(customer=customer, reference=reference)
    live = live_payment(booking_id=booking.pk)
    if live is not None and live.status != PaymentStatus.CREATED:
        if is_going_back(live):
            raise SeatsGone
        return live
    # No card is charged where it is known already that no seat can follow.
    if booking.status == BookingStatus.EXPIRED or booking.hold.expires_at <= now:
        if live is not None:  # its process died: whether it has charged the card, a job finds out
            return _record_unknown(live)
        raise HoldExpired
    if booking.status != BookingStatus.PENDING:
        raise errors.NothingToPay(reference=booking.reference)
    if not launch_selectors.launch_brief(launch_id=booking.launch_id).sells_at(now):
        raise LaunchNotOpen
    if live is not None:
        return live
    return payment_create(
        Payment(
            booking=booking,
            gateway=gateway().name,
            amount=booking.price_amount,
            currency=booking.price_currency,
            created_at=now,
        )
    )


def payment_create(payment: Payment) -> Payment:
    """Write a new payment's row; of a form sent twice at once, the other request's is returned. Raises: Busy."""
    try:
        with transaction.atomic():
            payment.save(force_insert=True)
            return payment
    except IntegrityError as error:
        other = live_payment(booking_id=payment.booking_id, rebooking_id=payment.rebooking_id)
        if other is None:
            raise Busy from error
        return other


def live_payment(*, booking_id: int, rebooking_id: UUID | None = None) -> Payment | None:
    """Return the payment of a booking's price, or of the difference of its move, that is under way or succeeded."""
    what = Q(rebooking=None) if rebooking_id is None else Q(rebooking_id=rebooking_id)
    rows = Payment.objects.filter(what, booking_id=booking_id)
    return rows.exclude(status__in=policies.OVER_PAYMENTS).first()


def is_going_back(payment: Payment) -> bool:
    """Whether the money came too late for its seats and is refunded."""
    return payment.refunds.filter(dedupe_key=_late_key(payment)).exists()


def _late_key(payment: Payment) -> str:
    return f"late:{payment.pk}"


def charge_send(payment: Payment, card: Means, now: datetime) -> Payment:
    """Ask the gateway for the money of a payment that nobody has asked for yet, and record its answer."""
    if payment.status != PaymentStatus.CREATED:
        return payment
    try:
        answer = gateway(payment.gateway).create(
            key=str(payment.pk), amount=payment.amount, currency=payment.currency, means=card
        )
    except errors.GatewayUnavailable:
        return _record_unknown(payment)
    return _record_and_tell(payment, answer, now)


def payment_challenge_answer(
    *, customer: "User", reference: str, code: str, now: datetime, rebooking_id: UUID | None = None
) -> Payment:
    """
    Go on after the card holder's check of a booking's payment (or of the payment of its move).

    Args:
        code: what the bank sent; '' where the gateway's own page has asked for it.
    Raises: BookingNotFound, PaymentNotFound, ChallengeRefused, PaymentDeclined, SeatsGone, PaymentUnrecorded.
    """
    payment = _own_live_payment(customer, reference, rebooking_id)
    if payment.status != PaymentStatus.CHALLENGE:
        return payment
    try:
        answer = gateway(payment.gateway).confirm(key=str(payment.pk), reference=payment.gateway_reference, code=code)
    except errors.GatewayUnavailable:
        return _record_unknown(payment)
    return _record_and_tell(payment, answer, now)


def payment_abandon(*, customer: "User", reference: str, now: datetime, rebooking_id: UUID | None = None) -> Payment:
    """
    Give a payment up that waits for the card holder, so that another card can be used.

    The gateway is told first. Money that came in meanwhile counts: then the payment has succeeded.

    Raises: BookingNotFound, PaymentNotFound, PaymentNotAbandonable, GatewaySilent, SeatsGone, PaymentUnrecorded.
    """
    payment = _own_live_payment(customer, reference, rebooking_id)
    if PaymentStatus.ABANDONED not in policies.PAYMENT_MOVES[payment.status]:
        raise errors.PaymentNotAbandonable
    try:
        answer = gateway(payment.gateway).abandon(
            key=str(payment.pk),
            reference=payment.gateway_reference,
            amount=payment.amount,
            currency=payment.currency,
        )
    except errors.GatewayUnavailable as error:
        raise errors.GatewaySilent from error
    if answer is None:
        answer = ChargeAnswer(reference="", status=PaymentStatus.ABANDONED)
    with locks.gateway_asked():
        payment, is_seated = payment_record(payment_id=payment.pk, answer=answer, now=now)
    if not is_seated:
        raise SeatsGone
    return payment


def _own_live_payment(customer: "User", reference: str, rebooking_id: UUID | None) -> Payment:
    booking = booking_selectors.booking_get_for_customer(customer=customer, reference=reference)
    payment = live_payment(booking_id=booking.pk, rebooking_id=rebooking_id)
    if payment is None:
        raise errors.PaymentNotFound
    return payment


def payment_client_secret(*, payment: Payment) -> str:
    """Return what the card holder's browser needs to finish a challenge at the gateway; '' where it needs nothing."""
    if payment.status != PaymentStatus.CHALLENGE:
        return ""
    try:
        answer = gateway(payment.gateway).status(
            key=str(payment.pk),
            reference=payment.gateway_reference,
            amount=payment.amount,
            currency=payment.currency,
        )
    except errors.GatewayUnavailable:
        return ""
    return answer.client_secret if answer else ""


# --- recording --------------------------------------------------------------------------------------------------------
def _record_unknown(payment: Payment) -> Payment:
    asked = Payment.objects.filter(pk=payment.pk, status__in=(PaymentStatus.CREATED, PaymentStatus.CHALLENGE))
    with locks.gateway_asked():
        asked.update(status=PaymentStatus.PROCESSING)
        payment.refresh_from_db()
    return payment


def _record_and_tell(payment: Payment, answer: ChargeAnswer, now: datetime) -> Payment:
    # What it buys is asked for in the same trip as its lock, where it is known.
    booking = payment.booking if payment.rebooking_id is None and Payment.booking.is_cached(payment) else None
    with locks.gateway_asked():
        payment, is_seated = payment_record(payment_id=payment.pk, answer=answer, now=now, booking=booking)
    if payment.status == PaymentStatus.DECLINED:
        raise errors.PaymentDeclined(reason=payment.decline_reason)
    if not is_seated:
        raise SeatsGone
    return payment


def payment_record(
    *, payment_id: UUID | str, answer: ChargeAnswer, now: datetime, booking: "Booking | None" = None
) -> tuple[Payment, bool]:
    """
    Record what the gateway says of a payment, once; money that came in sells the seats or goes back.

    Args:
        booking: what the payment is for, where the caller knows it and it is no move: saves a trip.
    Returns: the payment, and whether it may still end in seats (false: everything is being refunded).
    Raises: Busy, ChargeDiffers.
    """
    try:
        with transaction.atomic():
            together()
            return _record(payment_id, answer, now, booking)
    except OperationalError as error:
        raise Busy from error


def _record(
    payment_id: UUID | str, answer: ChargeAnswer, now: datetime, booking: "Booking | None"
) -> tuple[Payment, bool]:
    locking = statements.payment_locking(payment_id)
    known = None
    if booking is not None and answer.status == PaymentStatus.SUCCEEDED:
        confirming = booking_services.Confirming.of(booking_id=booking.pk, launch_id=booking.launch_id)
        payment, *known = ask(locking, confirming.glance, confirming.launch)
    else:
        (payment,) = ask(locking)
    status = answer.status
    if status == PaymentStatus.SUCCEEDED and PaymentStatus.LATE in policies.PAYMENT_MOVES[payment.status]:
        status = PaymentStatus.LATE
    if status not in policies.PAYMENT_MOVES[payment.status]:
        return payment, not is_going_back(payment)
    if answer.amount is not None and (answer.amount, answer.currency) != (payment.amount, payment.currency):
        raise errors.ChargeDiffers(f"Payment {payment_id}: the gateway says {answer.amount} {answer.currency}.")
    is_seated = status != PaymentStatus.LATE
    told: list[outbox.Event] = []
    if status == PaymentStatus.SUCCEEDED:
        is_seated, told = _seats_sell(payment, now, known)
    payment.status = status
    payment.gateway_reference = answer.reference or payment.gateway_reference
    payment.card_brand, payment.card_last4 = answer.card_brand, answer.card_last4
    payment.decline_reason = answer.decline_reason
    payment.settled_at = None if status in policies.OPEN_PAYMENTS else now
    statements.payment_update(payment)
    _tell(payment, told=told, is_seated=is_seated)
    if not is_seated:
        refund_request(
            payment=payment,
            amount=payment.amount,
            cause=RefundCause.PLATFORM,
            dedupe_key=_late_key(payment),
            now=now,
        )
    return payment, is_seated


def _seats_sell(payment: Payment, now: datetime, known: Any) -> tuple[bool, list[outbox.Event]]:
    """Confirm the booking, or move it to its new seats; return whether it has them, and what is to be told."""
    try:
        if payment.rebooking_id is None:
            return True, [booking_services.booking_confirm(booking_id=payment.booking_id, now=now, known=known)]
        with transaction.atomic():
            booking_services.rebooking_complete(rebooking_id=payment.rebooking_id, now=now)
            return True, []
    except SeatsGone:
        return False, []


def _tell(payment: Payment, *, told: Sequence[outbox.Event], is_seated: bool) -> None:
    values: dict[str, Any] = {
        "booking_id": payment.booking_id,
        "customer_id": payment.booking.customer_id,
        "amount": payment.amount,
        "currency": payment.currency,
        "payment_id": str(payment.pk),
    }
    if payment.status in (PaymentStatus.SUCCEEDED, PaymentStatus.LATE):
        charge_post(payment=payment, is_seated=is_seated, now=payment.settled_at or payment.created_at)
        outbox.publish(*told, events.PaymentSucceeded(**values))
        if not is_seated:
            outbox.publish(events.PaymentReturned(**values, is_rebooking=payment.rebooking_id is not None))
    elif payment.status == PaymentStatus.DECLINED:
        outbox.publish(events.PaymentDeclined(**values, reason=payment.decline_reason))
