"""What customers do: joining, leaving, answering an offer."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from bookings import errors, events, selectors
from bookings.enums import WAITING, WaitingStatus
from bookings.locks import customer_on_launch_lock, hold_lock, waiting_list_lock
from bookings.models import WaitingEntry
from bookings.services.waiting.entries import answer_record, entry_move, offer_end, values_of
from common import outbox
from launches import selectors as launch_selectors
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User


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
        before = WaitingEntry.objects.filter(customer=customer, launch_id=launch_id, status__in=WAITING)
        # An offer is over at its instant, not when a job gets round to it.
        if any(answer_record(entry, now) in WAITING for entry in before.select_related("hold")):
            raise errors.WaitingAlready
        _party_check(customer, launch_id, party, now)
        if party <= selectors.seats_open(customer=customer, launch_id=launch_id, now=now):
            raise errors.WaitingNotNeeded(party=party)
        try:
            with transaction.atomic():
                entry = WaitingEntry.objects.create(customer=customer, launch_id=launch_id, party=party, joined_at=now)
        except IntegrityError as error:
            raise errors.WaitingAlready from error
        outbox.publish(events.WaitingJoined(**values_of(entry)), actor_id=customer.pk)
        return entry


def _party_check(customer: "User", launch_id: int, party: int, now: datetime) -> None:
    limit = selectors.seat_limit(customer=customer, launch_id=launch_id)
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

    Raises: WaitingNotFound, OfferLapsed, WaitingNotWaiting (it is over), Busy.
    """
    with transaction.atomic():
        entry = _own_entry_lock(customer, entry_id)
        status = selectors.waiting_status(entry=entry, now=now)
        if status == WaitingStatus.LAPSED:
            raise errors.OfferLapsed
        if status == WaitingStatus.OFFERED:
            offer_end(entry, WaitingStatus.DECLINED, now, actor_id=customer.pk)
        elif status != WaitingStatus.LEFT:
            entry_move(entry, WaitingStatus.LEFT, now, actor_id=customer.pk)
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
        if status == WaitingStatus.LAPSED:
            raise errors.OfferLapsed
        if status not in (WaitingStatus.OFFERED, WaitingStatus.ACCEPTED):
            raise errors.NothingOffered(status=status.label.lower())
        if entry.status == WaitingStatus.OFFERED:
            entry_move(entry, WaitingStatus.ACCEPTED, now, actor_id=customer.pk)
        return entry


def offer_decline(*, customer: "User", entry_id: int, now: datetime) -> WaitingEntry:
    """
    Give the offered seats back; the event passes them on to the next. Declining again gives the same entry.

    Raises: WaitingNotFound, NothingOffered, OfferLapsed, Busy.
    """
    with transaction.atomic():
        entry = _own_entry_lock(customer, entry_id)
        if entry.status == WaitingStatus.DECLINED:
            return entry
        status = selectors.waiting_status(entry=entry, now=now)
        if status == WaitingStatus.LAPSED:
            raise errors.OfferLapsed
        if status != WaitingStatus.OFFERED:
            raise errors.NothingOffered(status=status.label.lower())
        offer_end(entry, WaitingStatus.DECLINED, now, actor_id=customer.pk)
        return entry


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
