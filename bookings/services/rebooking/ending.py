"""Staying where one is: a move that is given up, or whose time ran out."""

import logging
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from bookings import errors, selectors
from bookings.enums import RebookingStatus
from bookings.locks import booking_lock
from bookings.models import Hold, Rebooking
from bookings.services.expiry import hold_end

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)


def rebooking_give_up(*, customer: "User", rebooking_id: UUID | str, now: datetime) -> Rebooking:
    """
    Give the held seats back and stay where one is; a move that is over is returned as it is.

    A payment of the difference that still arrives is given back. Raises: RebookingNotFound, RebookingDone, Busy.
    """
    glance = selectors.rebooking_get(customer=customer, rebooking_id=rebooking_id)
    with transaction.atomic():
        booking_lock(booking_id=glance.booking_id)
        rebooking = Rebooking.objects.select_for_update().get(pk=glance.pk)
        if rebooking.status == RebookingStatus.DONE:
            raise errors.RebookingDone(reference=glance.booking.reference)
        if rebooking.status == RebookingStatus.OPEN:
            rebooking_end(rebooking=rebooking, now=now)
        return rebooking


def rebookings_expire(*, now: datetime) -> int:
    """End the moves whose seats are not held any more, which is so from that instant on; return how many."""
    done = 0
    over = Rebooking.objects.filter(status=RebookingStatus.OPEN, hold__expires_at__lte=now)
    for pk in list(over.order_by("created_at", "pk").values_list("pk", flat=True)):
        try:
            done += _expire(pk, now)
        except Exception:  # one whose hold somebody works on must not keep the others waiting
            log.exception("Move %s could not be ended", pk)
    return done


def _expire(pk: UUID, now: datetime) -> bool:
    with transaction.atomic():
        rows = Rebooking.objects.select_for_update(skip_locked=True, of=("self",))
        rebooking = rows.filter(pk=pk, status=RebookingStatus.OPEN).first()
        if rebooking is None:
            return False
        rebooking_end(rebooking=rebooking, now=now)
        return True


def rebooking_end(*, rebooking: Rebooking, now: datetime) -> None:
    """Give an open move up, or let it expire when its time ran out, with its hold; needs a transaction and its lock."""
    hold = Hold.objects.select_for_update().get(pk=rebooking.hold_id)
    is_over = hold.expires_at <= now
    hold_end(hold=hold, now=now)
    rebooking.status = RebookingStatus.EXPIRED if is_over else RebookingStatus.GIVEN_UP
    rebooking.save(update_fields=["status"])
