"""Clearing lapsed holds away; their seats were free at the instant already."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from bookings import events
from bookings.enums import LIVE_CLAIMS, BookingStatus, ClaimStatus, HoldStatus
from bookings.models import Booking, Hold, SeatClaim
from bookings.services.booking import event_values, history_write
from bookings.services.holds import hold_close
from common import outbox
from launches import selectors as launch_selectors

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
            _claims_lock([hold.pk for hold in lapsed])
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
            _claims_lock([booking.hold_id for booking in lapsed])
            # Looked at again under the lock: a hold that was extended a moment ago is not over.
            over = set(
                Hold.objects.filter(pk__in=[one.hold_id for one in lapsed], expires_at__lte=now).values_list(
                    "pk", flat=True
                )
            )
            for booking in [one for one in lapsed if one.hold_id in over]:
                booking.status = BookingStatus.EXPIRED
                booking.version += 1
                booking.save(update_fields=["status", "version"])
                SeatClaim.objects.filter(hold_id=booking.hold_id, status__in=LIVE_CLAIMS).update(
                    status=ClaimStatus.RELEASED
                )
                history_write(
                    booking=booking, old=BookingStatus.PENDING, actor=None, now=now, reason="not paid in time"
                )
                # Read without a lock: a supplier who withdraws seats has the launch and waits for lapsed claims.
                supplier_id = launch_selectors.launch_brief(launch_id=booking.launch_id).supplier_id
                outbox.publish(events.BookingExpired(**event_values(booking, supplier_id)))
        done += len(lapsed)
        if len(lapsed) < BATCH:
            return done


def _claims_lock(hold_ids: list[UUID]) -> None:
    """Lock the claims of all these holds by id, as a new hold does, so that the two cannot wait for each other."""
    claims = SeatClaim.objects.select_for_update().filter(hold_id__in=hold_ids, status__in=LIVE_CLAIMS)
    list(claims.order_by("pk").values_list("pk", flat=True))
