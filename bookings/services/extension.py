"""
Time for held seats: once some minutes more, and a word before they lapse.

# Note [Which way to a hold]
An open hold is locked before its claims. A used one is locked as its payment does it: booking, claims, hold; and the
hold without waiting, because whoever corrects the passengers of that booking holds it and waits for the booking.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from bookings import errors, events
from bookings.enums import UNPAID_HOLDS, BookingStatus, ClaimStatus, HoldPurpose, HoldStatus
from bookings.locks import booking_lock, claims_lock, hold_lock, transaction_or_busy
from bookings.models import Booking, Hold, SeatClaim
from common import outbox
from common.errors import Busy
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User

BATCH = 100


def hold_extend(*, customer: "User", hold_id: UUID | str, now: datetime) -> Hold:
    """
    Keep held seats for `settings.HOLD_EXTENSION_MINUTES` more, from the hold's present end; once.

    Also while the booking is being paid, and for the seats of a move to another launch. Seats that a waiting list
    offered are kept as long as the offer said.

    Raises: HoldNotFound, HoldExpired (over, or given back), HoldNotExtendable, LaunchNotOpen, Busy.
    Source: docs/locking.md; WCAG 2.2.1, Timing Adjustable.
    """
    with transaction_or_busy():
        launch_id = Hold.objects.filter(pk=hold_id, customer=customer).values_list("launch_id", flat=True).first()
        if launch_id is None:
            raise errors.HoldNotFound
        launch = launch_services.launch_share_lock(launch_id=launch_id)
        hold, booking = hold_and_booking_lock(hold_id=hold_id, customer_id=customer.pk)
        is_paid_or_over = booking is not None and booking.status != BookingStatus.PENDING
        if hold.status not in UNPAID_HOLDS or is_paid_or_over or hold.expires_at <= now:
            raise errors.HoldExpired
        if hold.purpose == HoldPurpose.OFFER:
            raise errors.HoldNotExtendable(
                "Seats offered from a waiting list are held as long as the offer says, and not longer."
            )
        if hold.extended_at is not None:
            raise errors.HoldNotExtendable
        if not launch.sells_at(now):
            raise errors.LaunchNotOpen
        hold.expires_at += timedelta(minutes=settings.HOLD_EXTENSION_MINUTES)
        hold.extended_at = now
        hold.save(update_fields=["expires_at", "extended_at"])
        SeatClaim.objects.filter(hold=hold, status=ClaimStatus.HELD).update(held_until=hold.expires_at)
        outbox.publish(
            events.HoldExtended(
                hold_id=str(hold.pk), launch_id=launch_id, customer_id=customer.pk, expires_at=hold.expires_at
            ),
            actor_id=customer.pk,
        )
        return hold


def hold_and_booking_lock(*, hold_id: UUID | str, customer_id: int) -> tuple[Hold, Booking | None]:
    """
    Lock a customer's hold with its live claims and, if there is one, its booking; see Note [Which way to a hold].

    Raises: HoldNotFound, Busy, and OperationalError where somebody has the hold under lock.
    """
    booking_id = Booking.objects.filter(hold_id=hold_id).values_list("pk", flat=True).first()
    if booking_id is None:
        hold = hold_lock(hold_id=hold_id, customer_id=customer_id, allows_move=True)
        if hold.status == HoldStatus.USED:
            raise Busy  # the booking was made just now: with it, the locks go the other way round
        claims_lock(hold_ids=[hold_id])
        return hold, None
    booking = booking_lock(booking_id=booking_id)
    claims_lock(hold_ids=[hold_id])
    locked = Hold.objects.select_for_update(nowait=True).filter(pk=hold_id, customer_id=customer_id).first()
    if locked is None:
        raise errors.HoldNotFound
    return locked, booking


def holds_warn(*, now: datetime) -> int:
    """
    Tell the customers of unpaid holds that end within `settings.HOLD_WARN_MINUTES`, each once; return how many.

    Seats of a move to another launch, or of an offer, have messages of their own. Rows that somebody works on are left
    to the next run.
    """
    done = 0
    until = now + timedelta(minutes=settings.HOLD_WARN_MINUTES)
    while True:
        with transaction.atomic():
            ending = list(
                Hold.objects.select_for_update(skip_locked=True)
                .filter(
                    purpose=HoldPurpose.SALE,
                    status__in=UNPAID_HOLDS,
                    warned_at=None,
                    expires_at__gt=now,
                    expires_at__lte=until,
                )
                .order_by("expires_at", "pk")[:BATCH]
            )
            for hold in ending:
                hold.warned_at = now
                _warn(hold)
            Hold.objects.bulk_update(ending, ["warned_at"])
        done += len(ending)
        if len(ending) < BATCH:
            return done


def _warn(hold: Hold) -> None:
    booking = Booking.objects.filter(hold=hold).only("reference", "status").first()
    if booking is not None and booking.status != BookingStatus.PENDING:
        return
    seats = SeatClaim.objects.filter(hold=hold, status=ClaimStatus.HELD)
    labels = seats.order_by("launch_seat__row", "launch_seat__column", "pk")
    outbox.publish(
        events.HoldLapsing(
            hold_id=str(hold.pk),
            reference=booking.reference if booking else "",
            launch_id=hold.launch_id,
            customer_id=hold.customer_id,
            seat_labels=tuple(labels.values_list("launch_seat__label", flat=True)),
            expires_at=hold.expires_at,
        )
    )
