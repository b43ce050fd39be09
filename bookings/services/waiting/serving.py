"""Offering free seats to those who wait, in order, and closing a list whose launch sells no more."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from bookings import errors, events, policies, selectors, statements
from bookings.enums import WAITING, HoldPurpose, WaitingStatus
from bookings.locks import customer_on_launch_lock, waiting_list_lock
from bookings.models import SeatClaim, WaitingEntry
from bookings.services.holds import seats_hold
from bookings.services.waiting.entries import (
    answer_record,
    entry_close,
    entry_move,
    offered_seats_free,
    status_write,
    values_of,
)
from common import outbox
from common.errors import Busy
from launches import selectors as launch_selectors

log = logging.getLogger(__name__)
BATCH = 100


def waiting_offers_make(*, launch_id: int, now: datetime) -> int:
    """
    Offer the free seats of a launch to those who wait, in order; return how many offers were made.

    A party is served when all of it fits into what those before it leave; one too large keeps its place. Each offer is
    a transaction of its own, so that a list of any length is served while others book. When the launch sells no seats
    any more, everybody who waits is told so. Where nobody waits it costs one query.

    Raises: LaunchNotFound.
    """
    if not WaitingEntry.objects.filter(launch_id=launch_id, status__in=WAITING).exists():
        return 0
    if not launch_selectors.launch_brief(launch_id=launch_id).sells_at(now):
        waiting_list_close(launch_id=launch_id, now=now)
        return 0
    _answers_record(launch_id, now)
    made, passing_over = 0, set[int]()
    while (
        entry_id := selectors.waiting_first_due(launch_id=launch_id, now=now, passing_over=passing_over)
    ) is not None:
        try:
            is_made = _offer_make(entry_id, now)
        except (errors.NotEnoughSeats, errors.SeatsTaken, errors.LaunchNotOpen, Busy):
            is_made = False  # somebody was faster, or is at it: the next event or minute tries again
        made += is_made
        passing_over.add(entry_id)
    return made


def waiting_lists_serve(*, now: datetime) -> int:
    """
    Serve every waiting list, a launch after the other; return how many offers were made.

    Events do the same at once; this finds what the clock alone made free, or a lost event left.
    """
    made, after = 0, 0
    while launch_ids := selectors.launch_ids_waited_for(after=after, limit=BATCH):
        for launch_id in launch_ids:
            try:
                made += waiting_offers_make(launch_id=launch_id, now=now)
            except Exception:  # one list must not keep the others waiting
                log.exception("The waiting list of launch %s could not be served", launch_id)
        after = launch_ids[-1]
    return made


def _offer_make(entry_id: int, now: datetime) -> bool:
    """Hold seats for an entry if it is still its turn; false when it is not."""
    glance = WaitingEntry.objects.select_related("customer", "launch").get(pk=entry_id)
    launch = glance.launch
    with transaction.atomic():
        customer_on_launch_lock(customer_id=glance.customer_id, launch_id=glance.launch_id)
        waiting_list_lock(launch_id=glance.launch_id)
        entry = WaitingEntry.objects.get(pk=entry_id)
        if entry.status != WaitingStatus.WAITING or not _is_due(entry, now):
            return False
        try:
            with transaction.atomic():
                hold = seats_hold(
                    customer=glance.customer,
                    launch_id=entry.launch_id,
                    party=entry.party,
                    now=now,
                    purpose=HoldPurpose.OFFER,
                    hold_for=min(timedelta(hours=settings.WAITING_OFFER_HOURS), launch.departure_at - now),
                )
        except errors.SeatLimitReached:
            # Booked elsewhere meanwhile: an offer would be useless, and its promise would keep seats from others.
            entry_close(entry, "limit", now)
            return False
        entry.hold = hold
        entry.offered_at = now
        entry.save(update_fields=["hold", "offered_at"])
        status_write(entry, WaitingStatus.OFFERED, now)
        labels = SeatClaim.objects.filter(hold=hold).order_by("launch_seat__row", "launch_seat__column", "pk")
        outbox.publish(
            events.WaitingOffered(
                **values_of(entry),
                hold_id=str(hold.pk),
                seat_labels=tuple(labels.values_list("launch_seat__label", flat=True)),
                expires_at=hold.expires_at,
            )
        )
        return True


def _is_due(entry: WaitingEntry, now: datetime) -> bool:
    """Look again under the list's lock whether those before it leave room."""
    before = WaitingEntry.objects.filter(launch_id=entry.launch_id, status=WaitingStatus.WAITING, pk__lt=entry.pk)
    parties = list(before.order_by("pk").values_list("party", flat=True))
    free = len(statements.seats_free(launch_id=entry.launch_id, now=now))
    return bool(entry.party <= free - policies.seats_promised(parties, free))


def _answers_record(launch_id: int, now: datetime) -> None:
    """Write down what became of offers by the clock, or by what was done with their seats."""
    offered = WaitingEntry.objects.select_related("hold").filter(launch_id=launch_id, status=WaitingStatus.OFFERED)
    if all(selectors.waiting_status(entry=entry, now=now) == WaitingStatus.OFFERED for entry in offered):
        return
    with transaction.atomic():
        waiting_list_lock(launch_id=launch_id)
        for entry in offered.order_by("pk"):
            answer_record(entry, now)


def waiting_list_close(*, launch_id: int, now: datetime) -> int:
    """
    End the waiting for a launch that sells no seats any more, offers included; return how many were told.

    Offered seats that are being paid are left to what becomes of the payment.
    """
    with transaction.atomic():
        waiting_list_lock(launch_id=launch_id)
        entries = list(
            WaitingEntry.objects.select_related("hold").filter(launch_id=launch_id, status__in=WAITING).order_by("pk")
        )
        for entry in entries:
            if selectors.waiting_status(entry=entry, now=now) == WaitingStatus.ACCEPTED:
                entry_move(entry, WaitingStatus.ACCEPTED, now)
                continue
            offered_seats_free(entry, now)
            entry_close(entry, "launch", now)
        return len(entries)
