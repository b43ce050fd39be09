"""
The waiting list of a launch: joining, offers in order, answers (domain.md, Waiting list).

# Note [Entries change under their list's lock]
Every change of an entry happens under the advisory lock of its launch's list, and strangers take seats of a launch with
a list under it too. So there is one order: what somebody behind may have is decided when nobody before changes.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction

from bookings import errors, events, policies, selectors, statements
from bookings.enums import WAITING, HoldPurpose, HoldStatus, WaitingStatus
from bookings.locks import customer_on_launch_lock, hold_lock, waiting_list_lock
from bookings.models import SeatClaim, WaitingEntry
from bookings.services.holds import hold_close, seats_hold
from common import outbox
from common.errors import Busy
from launches import selectors as launch_selectors
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)

BATCH = 100
S = WaitingStatus
_EVENT_OF: dict[str, Callable[..., outbox.Event]] = {
    S.ACCEPTED: events.WaitingAccepted,
    S.DECLINED: events.WaitingDeclined,
    S.LAPSED: events.WaitingLapsed,
    S.LEFT: events.WaitingLeft,
}


def waiting_join(*, customer: "User", launch_id: int, party: int, now: datetime) -> WaitingEntry:
    """
    Put a party at the end of a launch's waiting list.

    Args:
        party: seats wanted, all or none; at most what the customer may still have on the launch.
    Raises: LaunchNotFound, LaunchNotOpen, PartyTooLarge, SeatLimitReached, WaitingAlready, WaitingNotNeeded (so many
        seats are free), Busy.
    """
    with transaction.atomic():
        customer_on_launch_lock(customer_id=customer.pk, launch_id=launch_id)
        waiting_list_lock(launch_id=launch_id)
        if not launch_services.launch_share_lock(launch_id=launch_id).sells_at(now):
            raise errors.LaunchNotOpen
        if WaitingEntry.objects.filter(customer=customer, launch_id=launch_id, status__in=WAITING).exists():
            raise errors.WaitingAlready
        _party_check(customer, launch_id, party, now)
        if party <= selectors.seats_open(customer=customer, launch_id=launch_id, now=now):
            raise errors.WaitingNotNeeded(party=party)
        try:
            with transaction.atomic():
                entry = WaitingEntry.objects.create(customer=customer, launch_id=launch_id, party=party, joined_at=now)
        except IntegrityError as error:
            raise errors.WaitingAlready from error
        outbox.publish(events.WaitingJoined(**_values(entry)), actor_id=customer.pk)
        return entry


def _party_check(customer: "User", launch_id: int, party: int, now: datetime) -> None:
    limit = selectors.seat_limit(customer=customer, now=now)
    has = selectors.seats_of_customer(customer_id=customer.pk, launch_id=launch_id, now=now)
    on_sale = sum(not seat.is_blocked for seat in launch_selectors.launch_seats(launch_id=launch_id))
    if has >= limit:
        raise errors.SeatLimitReached(
            f"You can have at most {limit} seats on one launch, and you have {has}. There is nothing to wait for.",
            limit=limit, has=has, room=0,
        )  # fmt: skip
    most = min(limit - has, on_sale)
    if not 1 <= party <= most:
        raise errors.PartyTooLarge(fields={"party": errors.PartyTooLarge.sentence.format(most=most)}, most=most)


def waiting_leave(*, customer: "User", entry_id: int, now: datetime) -> WaitingEntry:
    """
    Take a party off the list; one that left before is returned as it is. Seats offered to it are declined.

    Raises: WaitingNotFound, WaitingNotWaiting (it is over), Busy.
    """
    with transaction.atomic():
        entry = _own_entry_lock(customer, entry_id)
        status = selectors.waiting_status(entry=entry, now=now)
        if status == S.OFFERED:
            _offer_end(entry, S.DECLINED, now, actor_id=customer.pk)
        elif status != S.LEFT:
            _move(entry, S.LEFT, now, actor_id=customer.pk)
        return entry


def offer_accept(*, customer: "User", entry_id: int, now: datetime) -> WaitingEntry:
    """
    Take the offered seats: their hold goes on until the offer's end, to be filled with passengers and paid.

    No time is added. Who does not pay until then has lost the seats, like with any hold. Accepting again gives the
    same entry.

    Raises: WaitingNotFound, NothingOffered, OfferLapsed, Busy.
    """
    with transaction.atomic():
        entry = _own_entry_lock(customer, entry_id)
        status = selectors.waiting_status(entry=entry, now=now)
        if status == S.LAPSED:
            raise errors.OfferLapsed
        if status not in (S.OFFERED, S.ACCEPTED):
            raise errors.NothingOffered(status=status.label.lower())
        if entry.status == S.OFFERED:
            _move(entry, S.ACCEPTED, now, actor_id=customer.pk)
        return entry


def offer_decline(*, customer: "User", entry_id: int, now: datetime) -> WaitingEntry:
    """
    Give the offered seats back; the event passes them on to the next. Declining again gives the same entry.

    Raises: WaitingNotFound, NothingOffered, OfferLapsed, Busy.
    """
    with transaction.atomic():
        entry = _own_entry_lock(customer, entry_id)
        if entry.status == S.DECLINED:
            return entry
        status = selectors.waiting_status(entry=entry, now=now)
        if status == S.LAPSED:
            raise errors.OfferLapsed
        if status != S.OFFERED:
            raise errors.NothingOffered(status=status.label.lower())
        _offer_end(entry, S.DECLINED, now, actor_id=customer.pk)
        return entry


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
        if entry.status != S.WAITING or not _is_due(entry, now):
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
            _close(entry, "limit", now)
            return False
        entry.hold = hold
        entry.offered_at = now
        entry.save(update_fields=["hold", "offered_at"])
        _status_write(entry, S.OFFERED, now)
        labels = SeatClaim.objects.filter(hold=hold).order_by("launch_seat__row", "launch_seat__column", "pk")
        outbox.publish(
            events.WaitingOffered(
                **_values(entry),
                hold_id=str(hold.pk),
                seat_labels=tuple(labels.values_list("launch_seat__label", flat=True)),
                expires_at=hold.expires_at,
            )
        )
        return True


def _is_due(entry: WaitingEntry, now: datetime) -> bool:
    """Look again under the list's lock whether those before it leave room."""
    before = WaitingEntry.objects.filter(launch_id=entry.launch_id, status=S.WAITING, pk__lt=entry.pk)
    parties = list(before.order_by("pk").values_list("party", flat=True))
    free = len(statements.seats_free(launch_id=entry.launch_id, now=now))
    return bool(entry.party <= free - policies.seats_promised(parties, free))


def _answers_record(launch_id: int, now: datetime) -> None:
    """Write down what became of offers by the clock, or by what was done with their seats."""
    offered = WaitingEntry.objects.select_related("hold").filter(launch_id=launch_id, status=S.OFFERED)
    if all(selectors.waiting_status(entry=entry, now=now) == S.OFFERED for entry in offered):
        return
    with transaction.atomic():
        waiting_list_lock(launch_id=launch_id)
        for entry in offered.order_by("pk"):
            status = selectors.waiting_status(entry=entry, now=now)
            if status == S.LAPSED:
                _offer_end(entry, S.LAPSED, now)
            elif status != S.OFFERED:
                _move(entry, status, now)


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
            if selectors.waiting_status(entry=entry, now=now) == S.ACCEPTED:
                _move(entry, S.ACCEPTED, now)
                continue
            _hold_end(entry, now)
            _close(entry, "launch", now)
        return len(entries)


def _offer_end(entry: WaitingEntry, status: str, now: datetime, *, actor_id: int | None = None) -> None:
    _hold_end(entry, now)
    _move(entry, status, now, actor_id=actor_id)


def _hold_end(entry: WaitingEntry, now: datetime) -> None:
    if entry.hold_id is None:
        return
    hold = hold_lock(hold_id=entry.hold_id, customer_id=entry.customer_id)
    if hold.status == HoldStatus.OPEN:
        hold_close(hold=hold, status=HoldStatus.RELEASED if hold.expires_at > now else HoldStatus.EXPIRED)


def _close(entry: WaitingEntry, reason: str, now: datetime) -> None:
    _status_write(entry, S.CLOSED, now)
    outbox.publish(events.WaitingClosed(**_values(entry), reason=reason))


def _move(entry: WaitingEntry, status: str, now: datetime, *, actor_id: int | None = None) -> None:
    _status_write(entry, status, now)
    outbox.publish(_EVENT_OF[status](**_values(entry)), actor_id=actor_id)


def _status_write(entry: WaitingEntry, status: str, now: datetime) -> None:
    if status not in policies.WAITING_MOVES[entry.status]:
        raise errors.WaitingNotWaiting(status=entry.get_status_display().lower())
    entry.status = status
    entry.ended_at = None if status == S.OFFERED else now
    entry.save(update_fields=["status", "ended_at"])


def _own_entry_lock(customer: "User", entry_id: int) -> WaitingEntry:
    glance = WaitingEntry.objects.filter(pk=entry_id, customer=customer).first()
    if glance is None:
        raise errors.WaitingNotFound
    waiting_list_lock(launch_id=glance.launch_id)
    entry = WaitingEntry.objects.select_related("hold").get(pk=entry_id)
    if entry.hold_id is not None:
        # Nobody pays for, gives back or clears away the offered seats while the answer is written.
        entry.hold = hold_lock(hold_id=entry.hold_id, customer_id=customer.pk)
    return entry


def _values(entry: WaitingEntry) -> dict[str, int]:
    return {
        "entry_id": entry.pk,
        "launch_id": entry.launch_id,
        "customer_id": entry.customer_id,
        "party": entry.party,
    }
