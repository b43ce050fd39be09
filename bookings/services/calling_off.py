"""
What an aborted or failed launch does to everybody who had something to do with it (domain.md, Launches).

Each booking, purchase, move and place in the list ends in a transaction of its own, with an event that tells its
customer. One that cannot be ended just now stops no other; the caller hears of it and comes again.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from bookings import events
from bookings.enums import BookingStatus, HoldStatus, RebookingStatus
from bookings.locks import booking_lock, hold_lock, transaction_or_busy
from bookings.models import Booking, Hold, Rebooking
from bookings.services.cancellation import booking_cancel_for_supplier
from bookings.services.expiry import booking_expire, hold_end
from bookings.services.extension import hold_and_booking_lock
from bookings.services.rebooking import rebooking_end
from bookings.services.waiting import waiting_list_close
from common import outbox
from launches import services as launch_services

log = logging.getLogger(__name__)


def launch_call_off(*, launch_id: int, reason: str, now: datetime) -> None:
    """
    End everything that hangs on a launch that is aborted or has failed; safe to call again.

    Paid bookings are cancelled with everything back. Unpaid ones end; a payment under way finds them so and goes back
    by itself. Moves of bookings to or from the launch are given up, the waiting list is closed, holds end. No seat is
    sold again: the launch is not on sale.

    Raises: the first failure, after all the others were dealt with.
    """
    failures: list[Exception] = []

    def each(keys: list[Any], end: Callable[[Any], object]) -> None:
        for key in keys:
            try:
                end(key)
            except Exception as error:  # the others must not wait for it
                log.exception("Launch %s is off, but %s could not be ended", launch_id, key)
                failures.append(error)

    bookings = Booking.objects.filter(launch_id=launch_id).order_by("pk").values_list("pk", flat=True)
    each(
        list(bookings.filter(status=BookingStatus.CONFIRMED)),
        lambda pk: booking_cancel_for_supplier(booking_id=pk, reason=reason, now=now),
    )
    each(list(bookings.filter(status=BookingStatus.PENDING)), lambda pk: _pending_end(pk, reason, now))
    moves = Rebooking.objects.filter(Q(from_launch_id=launch_id) | Q(to_launch_id=launch_id))
    each(
        list(moves.filter(status=RebookingStatus.OPEN).order_by("created_at", "pk").values_list("pk", flat=True)),
        lambda pk: _move_end(pk, launch_id, now),
    )
    each([launch_id], lambda pk: waiting_list_close(launch_id=pk, now=now))
    holds = Hold.objects.filter(launch_id=launch_id, status=HoldStatus.OPEN).order_by("created_at", "pk")
    each(list(holds.values_list("pk", "customer_id")), lambda key: _hold_end(key[0], key[1], now))
    if failures:
        raise failures[0]


def _pending_end(booking_id: int, reason: str, now: datetime) -> None:
    """End a booking that waits for its money, as if its time had run out."""
    glance = Booking.objects.get(pk=booking_id)
    with transaction_or_busy():
        launch = launch_services.launch_share_lock(launch_id=glance.launch_id)
        hold, booking = hold_and_booking_lock(hold_id=glance.hold_id, customer_id=glance.customer_id)
        if booking is None or booking.status != BookingStatus.PENDING:
            return
        booking_expire(booking=booking, supplier_id=launch.supplier_id, reason=reason, now=now)
        hold.status = HoldStatus.RELEASED
        hold.save(update_fields=["status"])
        _tell(hold, kind="booking", reference=booking.reference)


def _move_end(rebooking_id: Any, launch_id: int, now: datetime) -> None:
    """Give a move up; who would have left the launch is told by the cancellation of the booking."""
    glance = Rebooking.objects.get(pk=rebooking_id)
    with transaction.atomic():
        booking = booking_lock(booking_id=glance.booking_id)
        rebooking = Rebooking.objects.select_for_update(of=("self",)).select_related("hold").get(pk=rebooking_id)
        if rebooking.status != RebookingStatus.OPEN:
            return
        rebooking_end(rebooking=rebooking, now=now)
        if rebooking.to_launch_id == launch_id:
            _tell(rebooking.hold, kind="move", reference=booking.reference)


def _hold_end(hold_id: Any, customer_id: int, now: datetime) -> None:
    with transaction.atomic():
        hold = hold_lock(hold_id=hold_id, customer_id=customer_id, allows_move=True)
        if hold.status != HoldStatus.OPEN:
            return
        hold_end(hold=hold, now=now)
        if hold.status == HoldStatus.RELEASED:  # who let it lapse is not told that it is gone
            _tell(hold, kind="hold")


def _tell(hold: Hold, *, kind: str, reference: str = "") -> None:
    outbox.publish(
        events.PurchaseCalledOff(
            hold_id=str(hold.pk),
            kind=kind,
            reference=reference,
            launch_id=hold.launch_id,
            customer_id=hold.customer_id,
        )
    )
