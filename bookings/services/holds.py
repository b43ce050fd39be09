"""Holding seats: all of them or none, until an instant."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils.crypto import salted_hmac

from bookings import errors, events, policies, selectors, statements
from bookings.enums import BookingStatus, ClaimStatus, HoldPurpose, HoldStatus
from bookings.locks import hold_lock, taking_locks, waiting_list_lock_now
from bookings.models import Booking, Hold, SeatClaim
from bookings.services.crush import crush_check, crush_note
from bookings.statements import SeatRow
from common import context, outbox
from common.errors import Busy
from common.postgres.statements import Question, ask, together
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User
    from launches.selectors import LaunchBrief

BEST_TRIES = 50  # each failed try means that somebody else got a seat, so this ends long before


def seats_hold(
    *,
    customer: "User",
    launch_id: int,
    now: datetime,
    seat_ids: Collection[int] = (),
    party: int = 0,
    purpose: str = HoldPurpose.SALE,
    hold_for: timedelta | None = None,
    moving_booking_id: int = 0,
) -> Hold:
    """
    Keep seats of a launch for a customer for `settings.HOLD_MINUTES`; all of them or none.

    An earlier open hold of the customer on the launch is given back in the same move, so a choice can be changed.

    Args:
        seat_ids: the chosen seats, any order; or
        party: how many, and the best free ones are chosen.
        purpose: a hold for a rebooking or an offer to the waiting list stands beside the customer's open one.
        hold_for: how long, when not as long as a sale.
        moving_booking_id: the booking that a rebooking moves here.
        now: aware UTC instant by the database's clock.
    Raises: SeatsUnknown, LaunchNotOpen, SeatLimitReached, TooManyHolds, SeatsTaken, NotEnoughSeats, SeatsPromised, Busy
        (a lock is held over 3 s).
    Source: domain.md, Booking; docs/locking.md.
    """
    _count(seat_ids, party)
    if not seat_ids:
        crush_check(customer=customer, launch_id=launch_id, seats=party, now=now)
    try:
        with transaction.atomic():
            together()
            taken = seats_take(
                customer=customer,
                launch_id=launch_id,
                now=now,
                seat_ids=seat_ids,
                party=party,
                purpose=purpose,
                hold_for=hold_for,
                moving_booking_id=moving_booking_id,
            )
            outbox.publish(
                events.SeatsHeld(
                    hold_id=str(taken.hold.pk),
                    launch_id=launch_id,
                    customer_id=customer.pk,
                    seat_labels=tuple(seat.label for seat in taken.seats),
                    expires_at=taken.hold.expires_at,
                ),
                actor_id=customer.pk,
            )
            return taken.hold
    except OperationalError as error:
        raise Busy from error


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A new hold with its seats in cabin order, the claim of each seat, and the launch under its lock."""

    hold: Hold
    seats: list[SeatRow]
    claim_ids: dict[int, int]
    launch: "LaunchBrief"


def seats_take(
    *,
    customer: "User",
    launch_id: int,
    now: datetime,
    seat_ids: Collection[int] = (),
    party: int = 0,
    purpose: str = HoldPurpose.SALE,
    hold_for: timedelta | None = None,
    status: str = HoldStatus.OPEN,
    hold_id: UUID | None = None,
    moving_booking_id: int = 0,
) -> Taken:
    """
    Do what `seats_hold` says, as a part of the caller's transaction, and tell nobody; the caller publishes.

    Args:
        hold_id: its name, where the caller must find it again.
        status: `used` when the caller makes the booking in the same transaction.
    """
    wanted = sorted(set(seat_ids))
    count = _count(seat_ids, party)
    address_key = _address_key()
    standing = statements.standing(
        customer_id=customer.pk,
        launch_id=launch_id,
        address_key=address_key,
        trips=settings.VIP_TRIPS,
        now=now,
        moving_booking_id=moving_booking_id,
    )
    best = statements.best_seat_locking(launch_id=launch_id, now=now) if party == 1 else None
    try:
        # In one trip, in the order of locks.
        _, has, launch, seat = ask(
            taking_locks(customer_id=customer.pk, launch_id=launch_id),
            standing,
            launch_services.launch_sharing(launch_id=launch_id),
            best or statements.nothing(),
        )
    except OperationalError as error:
        raise Busy from error
    if not launch.sells_at(now):
        raise errors.LaunchNotOpen
    if has.open_hold_id is not None and purpose == HoldPurpose.SALE:
        _own_open_hold_release(has.open_hold_id, now)
        has, seat = ask(standing, best or statements.nothing())
    _limits_check(has, count, purpose)
    if has.is_waited_for and purpose != HoldPurpose.OFFER:
        waiting_list_lock_now(launch_id=launch_id)  # has it, unless the first began to wait meanwhile
        _promises_check(customer.pk, launch_id, count, now)
    hold = Hold(
        id=hold_id or uuid4(),
        customer=customer,
        launch_id=launch_id,
        status=status,
        purpose=purpose,
        price_amount=launch.price_amount,
        price_currency=launch.price_currency,
        address_key=address_key,
        created_at=now,
        expires_at=now + (hold_for or timedelta(minutes=settings.HOLD_MINUTES)),
    )
    if wanted:
        seats, claim_ids = _chosen_seats_claim(hold, wanted, now)
    else:
        seats, claim_ids = _best_seats_claim(hold, count, now, best, seat)
    return Taken(hold=hold, seats=seats, claim_ids=claim_ids, launch=launch)


def _count(seat_ids: Collection[int], party: int) -> int:
    count = len(set(seat_ids)) or party
    if count < 1:
        raise errors.SeatsUnknown(fields={"seats": "Choose at least one seat."})
    return count


def _address_key() -> str:
    """Return what the network address is counted by: enough to tell two apart, nothing to find a person with."""
    address = context.current().address
    return salted_hmac("bookings.address", address, algorithm="sha256").hexdigest()[:32] if address else ""


def _own_open_hold_release(hold_id: UUID, now: datetime) -> None:
    earlier = Hold.objects.select_for_update().get(pk=hold_id)
    if earlier.status == HoldStatus.OPEN:
        hold_close(hold=earlier, status=HoldStatus.RELEASED if earlier.expires_at > now else HoldStatus.EXPIRED)


def _limits_check(has: statements.Standing, count: int, purpose: str) -> None:
    limit = settings.SEAT_LIMIT_VIP if has.trips_kept >= settings.VIP_TRIPS else settings.SEAT_LIMIT
    if has.seats + count > limit:
        raise errors.SeatLimitReached(limit=limit, has=has.seats, room=max(limit - has.seats, 0))
    if purpose == HoldPurpose.OFFER:
        return
    if has.unpaid_of_customer >= settings.HOLDS_PER_CUSTOMER or has.unpaid_of_address >= settings.HOLDS_PER_ADDRESS:
        raise errors.TooManyHolds


def _promises_check(customer_id: int, launch_id: int, count: int, now: datetime) -> None:
    """Leave those who wait what fits them; needs the waiting list's lock."""
    free = len(statements.seats_free(launch_id=launch_id, now=now))
    if free < count:
        raise errors.NotEnoughSeats(left=free, wanted=count)
    parties = selectors.parties_waiting(launch_id=launch_id, except_customer_id=customer_id)
    left = free - policies.seats_promised(parties, free)
    if left < count:
        raise errors.SeatsPromised(left=left, wanted=count)


def _claim(hold: Hold, seat_ids: Collection[int], now: datetime) -> dict[int, int]:
    """
    Write the hold and claim locked seats, clearing lapsed claims away where they stand in the way.

    Returns: claim id by seat id; fewer than asked for when some are taken.
    """
    if hold._state.adding:
        claim_ids = statements.hold_insert(hold, seat_ids=seat_ids)
        hold._state.adding = False
    else:
        claim_ids = statements.claims_insert(hold=hold, seat_ids=seat_ids)
    rest = [seat_id for seat_id in seat_ids if seat_id not in claim_ids]
    if rest and _lapsed_claims_release(rest, now):
        claim_ids |= statements.claims_insert(hold=hold, seat_ids=rest)
    return claim_ids


def _chosen_seats_claim(hold: Hold, wanted: Sequence[int], now: datetime) -> tuple[list[SeatRow], dict[int, int]]:
    seats = launch_services.launch_seats_lock(launch_id=hold.launch_id, seat_ids=wanted)
    if len(seats) != len(wanted):
        raise errors.SeatsUnknown(fields={"seats": "One of the chosen seats does not belong to this launch."})
    if withdrawn := [seat.label for seat in seats if seat.is_blocked]:
        raise errors.SeatsTaken(labels=", ".join(withdrawn))
    claim_ids = _claim(hold, [seat.pk for seat in seats], now)
    if taken := [seat.label for seat in seats if seat.pk not in claim_ids]:
        raise errors.SeatsTaken(labels=", ".join(taken))
    seats.sort(key=lambda seat: (seat.row, seat.column))
    return [SeatRow(seat.pk, seat.label, seat.row, seat.column, seat.is_window) for seat in seats], claim_ids


def _best_seats_claim(
    hold: Hold, count: int, now: datetime, best: Question[SeatRow | None] | None, seat: SeatRow | None
) -> tuple[list[SeatRow], dict[int, int]]:
    """
    Choose the best free seats and claim them, passing over those that somebody else has under lock just now.

    Only when too few others are left does it wait for them, and then looks again. Each try is a savepoint, so that a
    choice that came to nothing keeps no lock.

    Args:
        best: asks for the best seat of a party of one; seat: what it answered last.
    """
    if best is not None:
        for _ in range(BEST_TRIES):
            if seat is None:
                break  # sold out, or somebody has each of the rest under lock: the loop below tells which
            if claim_ids := _claim(hold, [seat.id], now):
                return [seat], claim_ids
            (seat,) = ask(best)  # it was sold between the look and the lock: what a new look sees
    locked_by_others: set[int] = set()
    for _ in range(BEST_TRIES):
        free = statements.seats_free(launch_id=hold.launch_id, now=now)
        if len(free) < count:
            if not free:
                crush_note(hold.launch_id)
            raise errors.NotEnoughSeats(left=len(free), wanted=count)
        choice = [seat for seat in free if seat.id not in locked_by_others]
        must_wait = len(choice) < count
        chosen = policies.best_seats(free if must_wait else choice, count)
        ids = [seat.id for seat in chosen]
        savepoint, is_hold_new = transaction.savepoint(), hold._state.adding
        locked = launch_services.launch_seats_lock(launch_id=hold.launch_id, seat_ids=ids, skip_locked=not must_wait)
        if len(locked) == count:
            claim_ids = _claim(hold, ids, now)
            if len(claim_ids) == count:
                transaction.savepoint_commit(savepoint)
                return chosen, claim_ids
        transaction.savepoint_rollback(savepoint)
        hold._state.adding = is_hold_new
        locked_by_others = set() if must_wait else locked_by_others | (set(ids) - {seat.pk for seat in locked})
    raise Busy


def _lapsed_claims_release(seat_ids: Collection[int], now: datetime) -> bool:
    """Clear lapsed holds of these seats away; see bookings.models, Note [Expired holds still occupy the index]."""
    lapsed = SeatClaim.objects.select_for_update().filter(
        launch_seat_id__in=seat_ids, status=ClaimStatus.HELD, held_until__lte=now
    )
    found = list(lapsed.order_by("pk"))
    for claim in found:
        claim.status = ClaimStatus.RELEASED
        claim.save(update_fields=["status"])
    return bool(found)


def hold_release(*, customer: "User", hold_id: UUID | str) -> Hold:
    """
    Give held seats back.

    Raises: HoldNotFound, HoldBooked, Busy. A hold that is closed already is returned as it is.
    """
    with transaction.atomic():
        hold = hold_lock(hold_id=hold_id, customer_id=customer.pk)
        booking = Booking.objects.filter(hold=hold).exclude(status=BookingStatus.EXPIRED).only("reference").first()
        if booking is not None:
            raise errors.HoldBooked(reference=booking.reference)
        if hold.status == HoldStatus.OPEN:
            hold_close(hold=hold, status=HoldStatus.RELEASED)
        return hold


def hold_close(*, hold: Hold, status: str) -> None:
    """End an open hold, free its seats and say so; needs a transaction and the hold's lock."""
    hold.status = status
    hold.save(update_fields=["status"])
    SeatClaim.objects.filter(hold=hold, is_live=True).update(status=ClaimStatus.RELEASED)
    outbox.publish(
        events.HoldReleased(
            hold_id=str(hold.pk),
            launch_id=hold.launch_id,
            customer_id=hold.customer_id,
            is_lapsed=status == HoldStatus.EXPIRED,
        ),
        actor_id=hold.customer_id,
    )
