"""Collecting the fare difference of a booking's move to another launch: a payment like any other, with other seats."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from bookings import selectors as booking_selectors
from bookings.enums import RebookingStatus
from bookings.errors import RebookingOver, SeatsGone
from finance import errors
from finance.enums import PaymentStatus
from finance.gateways import Means, gateway
from finance.models import Payment
from finance.services.payments import (
    charge_send,
    is_going_back,
    live_payment,
    payment_abandon,
    payment_challenge_answer,
    payment_create,
)

if TYPE_CHECKING:
    from accounts.models import User


def rebooking_pay(*, customer: "User", rebooking_id: UUID | str, card: Means, now: datetime) -> Payment:
    """
    Pay the fare difference of an open move; when the money comes in, the booking has its new seats.

    A difference that is being paid already gives the payment that is under way.

    Returns: the payment; `succeeded` (the booking is moved), `challenge`, or `processing`, as `booking_pay` does.
    Raises: RebookingNotFound, RebookingOver, NothingToPay, CardInvalid, PaymentDeclined, SeatsGone (the difference goes
        back, the booking stays as it was), Busy.
    """
    gateway().means_check(means=card, today=now.date())
    rebooking = booking_selectors.rebooking_get(customer=customer, rebooking_id=rebooking_id)
    live = live_payment(booking_id=rebooking.booking_id, rebooking_id=rebooking.pk)
    if live is not None and live.status != PaymentStatus.CREATED:
        if is_going_back(live):
            raise SeatsGone
        return live
    if rebooking.status != RebookingStatus.OPEN or rebooking.hold.expires_at <= now:
        raise RebookingOver
    difference = rebooking.new_price_amount - rebooking.old_price_amount
    if difference <= 0:
        raise errors.NothingToPay(reference=rebooking.booking.reference)
    payment = live or payment_create(
        Payment(
            booking_id=rebooking.booking_id,
            rebooking=rebooking,
            gateway=gateway().name,
            amount=difference,
            currency=rebooking.currency,
            created_at=now,
        )
    )
    return charge_send(payment, card, now)


def rebooking_challenge_answer(*, customer: "User", rebooking_id: UUID | str, code: str, now: datetime) -> Payment:
    """Go on after the card holder's check, as `payment_challenge_answer` does. Raises: RebookingNotFound, and its."""
    rebooking = booking_selectors.rebooking_get(customer=customer, rebooking_id=rebooking_id)
    return payment_challenge_answer(
        customer=customer, reference=rebooking.booking.reference, code=code, now=now, rebooking_id=rebooking.pk
    )


def rebooking_payment_abandon(*, customer: "User", rebooking_id: UUID | str, now: datetime) -> Payment:
    """Give the difference's payment up, as `payment_abandon` does. Raises: RebookingNotFound, and its."""
    rebooking = booking_selectors.rebooking_get(customer=customer, rebooking_id=rebooking_id)
    return payment_abandon(customer=customer, reference=rebooking.booking.reference, now=now, rebooking_id=rebooking.pk)
