"""Holding seats: all of them or none, until an instant."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction

from bookings import errors, events, policies, selectors
from bookings.enums import LIVE_CLAIMS, ClaimStatus, HoldStatus
from bookings.locks import customer_on_launch_lock, hold_lock
from bookings.models import Hold, SeatClaim
from common import outbox
from common.errors import Busy
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User

BEST_TRIES = 50  # each failed try means that somebody else got a seat, so this ends long before


def seats_hold(
    *,
    customer: "User",
    launch_id: int,
    now: datetime,
    seat_ids: Collection[int] = (),
    party: int = 0,
) -> Hold:
    """
    Keep seats of a launch for a customer for `settings.HOLD_MINUTES`; all of them or none.

    An earlier open hold of the customer on the launch is given back in the same move, so a choice can be changed.

    Args:
        seat_ids: the chosen seats, any order; or
        party: how many, and the best free ones are chosen.
        now: aware UTC instant.
    Raises: SeatsUnknown, LaunchNotOpen, SeatLimitReached, SeatsTaken, NotEnoughSeats, Busy (a lock is held over 3 s).
    Source: domain.md, Booking; docs/locking.md.
    """
    wanted = sorted(set(seat_ids))
    count = len(wanted) or party
    if count < 1:
        raise errors.SeatsUnknown(fields={"seats": "Choose at least one seat."})
    try:
        with transaction.atomic():
            return _hold(customer, launch_id, wanted, count, now)
    except OperationalError as error:
        raise Busy from error


def _hold(customer: "User", launch_id: int, wanted: Sequence[int], count: int, now: datetime) -> Hold:
    customer_on_launch_lock(customer_id=customer.pk, launch_id=launch_id)
    launch = launch_services.launch_share_lock(launch_id=launch_id)
    if not launch.sells_at(now):
        raise errors.LaunchNotOpen
    _own_open_hold_release(customer, launch_id, now)
    _limit_check(customer, launch_id, count, now)
    seats = _seats_lock(launch_id, wanted, count, now)
    _lapsed_claims_release([seat.pk for seat in seats], now)
    hold = Hold.objects.create(
        customer=customer,
        launch_id=launch_id,
        price_amount=launch.price_amount,
        price_currency=launch.price_currency,
        created_at=now,
        expires_at=now + timedelta(minutes=settings.HOLD_MINUTES),
    )
    claims = [
        SeatClaim(
            launch_id=launch_id,
            launch_seat_id=seat.pk,
            customer=customer,
            hold=hold,
            held_until=hold.expires_at,
            created_at=now,
        )
        for seat in seats
    ]
    try:
        SeatClaim.objects.bulk_create(claims)
    except IntegrityError as error:
        # The second belt: nobody who takes the locks gets here.
        raise errors.SeatsTaken(labels=", ".join(seat.label for seat in seats)) from error
    outbox.publish(
        events.SeatsHeld(
            hold_id=str(hold.pk),
            launch_id=launch_id,
            customer_id=customer.pk,
            seat_labels=tuple(seat.label for seat in seats),
            expires_at=hold.expires_at,
        ),
        actor_id=customer.pk,
    )
    return hold


def _own_open_hold_release(customer: "User", launch_id: int, now: datetime) -> None:
    earlier = (
        Hold.objects.select_for_update()
        .filter(customer=customer, launch_id=launch_id, status=HoldStatus.OPEN)
        .order_by("pk")
        .first()
    )
    if earlier is not None:
        hold_close(hold=earlier, status=HoldStatus.RELEASED if earlier.expires_at > now else HoldStatus.EXPIRED)


def _limit_check(customer: "User", launch_id: int, count: int, now: datetime) -> None:
    limit = selectors.seat_limit(customer=customer, now=now)
    has = selectors.seats_of_customer(customer_id=customer.pk, launch_id=launch_id, now=now)
    if has + count > limit:
        raise errors.SeatLimitReached(limit=limit, has=has, room=max(limit - has, 0))


def _seats_lock(launch_id: int, wanted: Sequence[int], count: int, now: datetime) -> list[Any]:
    """Lock the chosen seats, or choose and lock the best; they are free when this returns."""
    if wanted:
        seats = launch_services.launch_seats_lock(launch_id=launch_id, seat_ids=wanted)
        if len(seats) != len(wanted):
            raise errors.SeatsUnknown(fields={"seats": "One of the chosen seats does not belong to this launch."})
        taken = selectors.seat_ids_taken(launch_id=launch_id, now=now, seat_ids=wanted)
        if labels := [seat.label for seat in seats if seat.pk in taken or seat.is_blocked]:
            raise errors.SeatsTaken(labels=", ".join(labels))
        return seats
    return _best_seats_lock(launch_id, count, now)


def _best_seats_lock(launch_id: int, count: int, now: datetime) -> list[Any]:
    """
    Choose the best free seats and lock them, passing over those that somebody else has under lock just now.

    Only when too few others are left does it wait for them, and then looks again. Each try is a savepoint, so that a
    choice that came to nothing keeps no lock.
    """
    locked_by_others: set[int] = set()
    for _ in range(BEST_TRIES):
        free = selectors.seats_free(launch_id=launch_id, now=now)
        if len(free) < count:
            raise errors.NotEnoughSeats(left=len(free), wanted=count)
        choice = [seat for seat in free if seat.id not in locked_by_others]
        must_wait = len(choice) < count
        ids = [seat.id for seat in policies.best_seats(free if must_wait else choice, count)]
        savepoint = transaction.savepoint()
        seats = launch_services.launch_seats_lock(launch_id=launch_id, seat_ids=ids, skip_locked=not must_wait)
        taken = selectors.seat_ids_taken(launch_id=launch_id, now=now, seat_ids=ids)
        if len(seats) == count and not taken:
            transaction.savepoint_commit(savepoint)
            return seats
        transaction.savepoint_rollback(savepoint)
        locked_by_others = set() if must_wait else locked_by_others | (set(ids) - {seat.pk for seat in seats})
    raise Busy


def _lapsed_claims_release(seat_ids: Collection[int], now: datetime) -> None:
    """Clear lapsed holds of these seats away; see bookings.models, Note [Expired holds still occupy the index]."""
    lapsed = SeatClaim.objects.select_for_update().filter(
        launch_seat_id__in=seat_ids, status=ClaimStatus.HELD, held_until__lte=now
    )
    for claim in lapsed.order_by("pk"):
        claim.status = ClaimStatus.RELEASED
        claim.save(update_fields=["status"])


def hold_release(*, customer: "User", hold_id: UUID | str) -> Hold:
    """
    Give held seats back.

    Raises: HoldNotFound, Busy. A hold that is closed already is returned as it is.
    """
    with transaction.atomic():
        hold = hold_lock(hold_id=hold_id, customer_id=customer.pk)
        if hold.status == HoldStatus.OPEN:
            hold_close(hold=hold, status=HoldStatus.RELEASED)
        return hold


def hold_close(*, hold: Hold, status: str) -> None:
    """End an open hold, free its seats and say so; needs a transaction and the hold's lock."""
    hold.status = status
    hold.save(update_fields=["status"])
    SeatClaim.objects.filter(hold=hold, status__in=LIVE_CLAIMS).update(status=ClaimStatus.RELEASED)
    outbox.publish(
        events.HoldReleased(
            hold_id=str(hold.pk),
            launch_id=hold.launch_id,
            customer_id=hold.customer_id,
            is_lapsed=status == HoldStatus.EXPIRED,
        ),
        actor_id=hold.customer_id,
    )
