"""Clearing lapsed holds away, whose seats were free at the instant already, and ending bookings that are not paid."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from bookings import events
from bookings.enums import BookingStatus, ClaimStatus, HoldStatus
from bookings.locks import claims_lock
from bookings.models import Booking, Hold, SeatClaim
from bookings.services.booking import event_values, history_write
from bookings.services.holds import hold_close
from common import outbox
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from accounts.models import User

BATCH = 100


def holds_expire(*, now: datetime) -> int:
    """
    Close lapsed holds and expire the unpaid bookings on them; return how many.

    Rows that somebody works on are left to the next run.
    """
    return _open_holds_close(now) + _pending_bookings_expire(now)


def _open_holds_close(now: datetime) -> int:
    done = 0
    while True:
        with transaction.atomic():
            lapsed = list(
                Hold.objects.select_for_update(skip_locked=True)
                .filter(status=HoldStatus.OPEN, expires_at__lte=now)
                .order_by("expires_at", "pk")[:BATCH]
            )
            claims_lock(hold_ids=[hold.pk for hold in lapsed])
            for hold in lapsed:
                hold_close(hold=hold, status=HoldStatus.EXPIRED)
        done += len(lapsed)
        if len(lapsed) < BATCH:
            return done


def _pending_bookings_expire(now: datetime) -> int:
    done = 0
    while True:
        with transaction.atomic():
            lapsed = list(
                Booking.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(status=BookingStatus.PENDING, hold__expires_at__lte=now)
                .order_by("pk")[:BATCH]
            )
            claims_lock(hold_ids=[booking.hold_id for booking in lapsed])
            # Looked at again under the lock: a hold that was extended a moment ago is not over.
            over = set(
                Hold.objects.filter(pk__in=[one.hold_id for one in lapsed], expires_at__lte=now).values_list(
                    "pk", flat=True
                )
            )
            for booking in [one for one in lapsed if one.hold_id in over]:
                # Read without a lock: a supplier who withdraws seats has the launch and waits for lapsed claims.
                supplier_id = launch_selectors.launch_brief(launch_id=booking.launch_id).supplier_id
                booking_expire(booking=booking, supplier_id=supplier_id, reason="not paid in time", now=now)
        done += len(lapsed)
        if len(lapsed) < BATCH:
            return done


def hold_end(*, hold: Hold, now: datetime) -> None:
    """End a hold that is open still, as given back or, when its time is over, as lapsed; needs its lock."""
    if hold.status == HoldStatus.OPEN:
        hold_close(hold=hold, status=HoldStatus.RELEASED if hold.expires_at > now else HoldStatus.EXPIRED)


def booking_expire(
    *, booking: Booking, supplier_id: int, reason: str, now: datetime, actor: "User | None" = None
) -> None:
    """
    End a booking that is not paid: its seats are free, its history and an event say so.

    Needs a transaction and the locks of the booking, which must be pending, and of its live claims. What becomes of
    the hold is the caller's.
    """
    booking.status = BookingStatus.EXPIRED
    booking.version += 1
    booking.save(update_fields=["status", "version"])
    SeatClaim.objects.filter(hold_id=booking.hold_id, is_live=True).update(status=ClaimStatus.RELEASED)
    history_write(booking=booking, old=BookingStatus.PENDING, actor=actor, now=now, reason=reason)
    outbox.publish(events.BookingExpired(**event_values(booking, supplier_id)), actor_id=actor.pk if actor else None)
