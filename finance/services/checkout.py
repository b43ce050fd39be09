"""Seats, passengers and payment in one move, for those who know all of it at once: apps and integrations."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, OperationalError, transaction

from bookings import selectors as booking_selectors
from bookings import services as booking_services
from bookings.enums import BookingStatus
from common.errors import Busy
from common.idempotency import Attempt
from common.postgres import statements
from finance import errors
from finance.enums import PaymentStatus
from finance.gateways import Means, gateway
from finance.models import Payment
from finance.services.payments import booking_pay, charge_send

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.models import Booking
    from bookings.services import PassengerInput


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A new booking and its payment; `is_confirmed` when the money is in and the seats are sold."""

    booking: "Booking"
    payment: Payment

    @property
    def is_confirmed(self) -> bool:
        """Whether the seats are the customer's."""
        return self.payment.status == PaymentStatus.SUCCEEDED


def checkout(
    *,
    customer: "User",
    launch_id: int,
    passengers: Sequence["PassengerInput"],
    card: Means,
    now: datetime,
    seat_ids: Collection[int] = (),
    attempt: Attempt | None = None,
) -> Checkout:
    """
    Take seats, name their passengers, and pay.

    Two transactions with the gateway between them, as always: one writes hold, booking and payment, the other records
    the answer and sells the seats. When the card is declined, or asks for its holder, the booking stays and waits for
    another payment until its hold ends.

    Args:
        seat_ids: one for each passenger, who get them in cabin order; none: the best free ones.
        card: as the gateway in use takes it (docs/payments.md).
        attempt: the hold is named after it, so that a request whose process died is gone on with and not done twice.
    Raises: as `seats_hold`, `booking_create` and `booking_pay`; PaymentDeclined and PaymentUnrecorded carry the
        booking's `reference`.
    """
    if attempt is not None and attempt.is_again:
        begun = _begun(customer, attempt)
        if begun is not None:
            reference = begun.reference
            return _paid(begun, lambda: booking_pay(customer=customer, reference=reference, card=card, now=now))
    gate = gateway()
    gate.means_check(means=card, today=now.date())
    if not seat_ids:
        booking_services.crush_check(customer=customer, launch_id=launch_id, seats=len(passengers), now=now)
    try:
        with transaction.atomic():
            statements.together()
            booking = booking_services.booking_open(
                customer=customer,
                launch_id=launch_id,
                passengers=passengers,
                seat_ids=seat_ids,
                hold_id=attempt.id if attempt else None,
                now=now,
            )
            payment = Payment(
                booking=booking,
                gateway=gate.name,
                amount=booking.price_amount,
                currency=booking.price_currency,
                created_at=now,
            )
            statements.row_insert_later(payment)
    except OperationalError as error:
        raise Busy from error
    except IntegrityError as error:
        if "bookings_hold_pkey" not in str(error):
            raise
        raise Busy from error  # the process that seemed dead was only slow
    return _paid(booking, lambda: charge_send(payment, card, now))


def _begun(customer: "User", attempt: Attempt) -> "Booking | None":
    """Return the booking that an earlier process made before it died."""
    named = booking_selectors.passengers_of_hold(customer=customer, hold_id=attempt.id)
    return named[0].booking if named else None


def _paid(booking: "Booking", pay: Callable[[], Payment]) -> Checkout:
    try:
        payment = pay()
    except errors.PaymentDeclined as error:
        raise errors.PaymentDeclined(error.message, reference=booking.reference, **error.facts) from error
    except errors.PaymentUnrecorded as error:
        raise errors.PaymentUnrecorded(reference=booking.reference) from error
    if payment.status == PaymentStatus.SUCCEEDED and booking.status == BookingStatus.PENDING:
        booking.status = BookingStatus.CONFIRMED
    return Checkout(booking=booking, payment=payment)
