"""Giving the seats of a booking back that is not paid."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from bookings import errors
from bookings.enums import BookingStatus, HoldStatus
from bookings.models import Booking
from bookings.services.expiry import booking_expire
from bookings.services.extension import hold_and_booking_lock
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User


def booking_give_up(*, customer: "User", reference: str, now: datetime) -> Booking:
    """
    End a pending booking at its customer's wish: its seats are free at once. Part of finance's transaction.

    One that has ended unpaid already is returned as it is.

    Raises: BookingNotFound, BookingNotPending, Busy, and OperationalError where a lock is waited for too long.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("booking_give_up belongs to the transaction that looks whether a payment is under way.")
    glance = Booking.objects.filter(customer=customer, reference=reference.upper()).first()
    if glance is None:
        raise errors.BookingNotFound
    launch = launch_services.launch_share_lock(launch_id=glance.launch_id)
    hold, booking = hold_and_booking_lock(hold_id=glance.hold_id, customer_id=customer.pk)
    if booking is None:
        raise errors.BookingNotFound
    if booking.status == BookingStatus.EXPIRED:
        return booking
    if booking.status != BookingStatus.PENDING:
        raise errors.BookingNotPending(reference=booking.reference, status=booking.get_status_display().lower())
    why = "given back by the customer"
    booking_expire(booking=booking, supplier_id=launch.supplier_id, reason=why, now=now, actor=customer)
    hold.status = HoldStatus.RELEASED if hold.expires_at > now else HoldStatus.EXPIRED
    hold.save(update_fields=["status"])
    return booking
