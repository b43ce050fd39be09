"""Giving seats back that are not paid: only while no money for them may be on its way."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import OperationalError, transaction

from bookings import services as booking_services
from common.errors import Busy
from finance import errors, policies
from finance.models import Payment

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.models import Booking


def booking_give_up(*, customer: "User", reference: str, now: datetime) -> "Booking":
    """
    Free the seats of a customer's unpaid booking; nothing was charged, nothing will be.

    The payment is looked for after the booking is locked: one that was being opened is seen here, and one that is
    opened later finds the booking over.

    Raises: BookingNotFound, BookingNotPending, PaymentUnderWay, Busy.
    """
    try:
        with transaction.atomic():
            booking = booking_services.booking_give_up(customer=customer, reference=reference, now=now)
            live = Payment.objects.filter(booking=booking, rebooking=None).exclude(status__in=policies.OVER_PAYMENTS)
            if live.exists():
                raise errors.PaymentUnderWay(reference=booking.reference)
            return booking
    except OperationalError as error:
        raise Busy from error
