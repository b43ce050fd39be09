"""
Opening slips: when a launch is delayed far, everybody who booked is asked: keep, move, or leave with everything back.

Each booking is asked once for each announcement. Who was paying when it came is asked as soon as the seats are paid.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from bookings import events
from bookings.enums import BookingStatus, RebookingStatus
from bookings.locks import booking_lock
from bookings.models import Booking, Rebooking, SlipDecision
from bookings.services.booking import event_values
from bookings.services.slip_closing import slip_open_overtake
from common import outbox
from launches import selectors as launch_selectors

REMINDERS = (timedelta(days=7), timedelta(days=2))  # before the deadline


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """A far delay as it was told: event_id is its event's, announced_at the instant by the clock of services."""

    launch_id: int
    event_id: int
    announced_at: datetime
    old_departure_at: datetime
    old_departure_precision: str
    departure_at: datetime
    reason: str


def slips_open(*, announcement: Announcement) -> int:
    """
    Ask everybody whose booking was confirmed on a launch that slipped; called again for the same event it asks nobody.

    An earlier question that is still open is overtaken by this one. Who booked after the announcement knew of it; who
    was paying just then is asked by `slip_open_late`. Until the deadline there are `settings.SLIP_ANSWER_DAYS` from the
    announcement on, or the time to the new departure if that is less.

    Returns: how many were asked.
    """
    rows = Booking.objects.filter(
        launch_id=announcement.launch_id,
        status=BookingStatus.CONFIRMED,
        created_at__lte=announcement.announced_at,
    )
    ids = list(rows.values_list("pk", flat=True).order_by("pk"))
    return sum(_ask(booking_id, announcement, asked_at=announcement.announced_at) for booking_id in ids)


def slip_open_late(*, booking_id: int, announcement: Announcement, now: datetime) -> bool:
    """
    Ask a booking that was paid, or moved to the launch, after the announcement and begun before it; as `slips_open`.

    The days until the deadline count from now: nobody asked before.

    Returns: whether it was asked; not when it was before, or the new departure has come.
    """
    return announcement.departure_at > now and _ask(booking_id, announcement, asked_at=now)


def _ask(booking_id: int, announcement: Announcement, *, asked_at: datetime) -> bool:
    with transaction.atomic():
        booking = booking_lock(booking_id=booking_id)
        is_same = booking.status == BookingStatus.CONFIRMED and booking.launch_id == announcement.launch_id
        if not is_same or _came_later(booking, announcement.announced_at):
            return False
        earlier = SlipDecision.objects.filter(booking=booking, launch_id=announcement.launch_id)
        if earlier.filter(event_id__gte=announcement.event_id).exists():
            return False
        supplier_id = launch_selectors.launch_brief(launch_id=announcement.launch_id).supplier_id
        slip_open_overtake(booking=booking, supplier_id=supplier_id, now=asked_at)
        deadline_at = min(asked_at + timedelta(days=settings.SLIP_ANSWER_DAYS), announcement.departure_at)
        decision = SlipDecision.objects.create(
            booking=booking,
            launch_id=announcement.launch_id,
            event_id=announcement.event_id,
            old_departure_at=announcement.old_departure_at,
            old_departure_precision=announcement.old_departure_precision,
            new_departure_at=announcement.departure_at,
            deadline_at=deadline_at,
            created_at=asked_at,
            # A reminder that would come with the question itself is none.
            reminders_sent=sum(asked_at >= deadline_at - before for before in REMINDERS),
        )
        outbox.publish(
            events.SlipOpened(
                **event_values(booking, supplier_id),
                decision_id=str(decision.pk),
                old_departure_at=announcement.old_departure_at,
                old_departure_precision=announcement.old_departure_precision,
                departure_at=announcement.departure_at,
                deadline_at=deadline_at,
                reason=announcement.reason,
            )
        )
        return True


def _came_later(booking: Booking, announced_at: datetime) -> bool:
    """Whether it was booked, or its move onto the launch begun, when the new date was known already."""
    moves = Rebooking.objects.filter(booking=booking, status=RebookingStatus.DONE, to_launch_id=booking.launch_id)
    return booking.created_at > announced_at or moves.filter(created_at__gt=announced_at).exists()
