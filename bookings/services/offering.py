"""
The supplier's seats: withdrawn, put back, more or fewer on sale, never fewer than customers have.

The launch is locked against every sale, then the seats by id: whoever holds seats at the same moment comes wholly
before (and is seen here) or wholly after (and sees the seat as withdrawn). See docs/locking.md.
"""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from bookings import errors, selectors
from bookings.enums import ClaimStatus
from bookings.locks import transaction_or_busy
from bookings.models import SeatClaim
from launches import selectors as launch_selectors
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User
    from launches.models import Launch, LaunchSeat


def seats_withdraw(*, actor: "User | None", launch_id: int, seat_ids: Collection[int], now: datetime) -> "Launch":
    """
    Take free seats of a published launch off sale; all of them or none.

    Args:
        actor: owner or operator of the supplier, support or admin; None for commands and jobs.
    Raises: LaunchNotFound, LaunchMoveRefused (a draft, or over), SeatsUnknown, SeatsInUse, NothingToChange,
        RoleForbids, Busy.
    """
    with transaction_or_busy():
        launch = launch_services.launch_seats_open(actor=actor, launch_id=launch_id)
        seats = [seat for seat in _seats_lock(launch_id, seat_ids) if not seat.is_blocked]
        if not seats:
            raise errors.NothingToChange("These seats are withdrawn already. Nothing was changed.")
        _block(launch, seats, actor, now)
        return launch


def seats_return(*, actor: "User | None", launch_id: int, seat_ids: Collection[int], now: datetime) -> "Launch":
    """
    Put withdrawn seats back on sale; the event offers them to the waiting list.

    Raises: as `seats_withdraw`.
    """
    with transaction_or_busy():
        launch = launch_services.launch_seats_open(actor=actor, launch_id=launch_id)
        seats = [seat for seat in _seats_lock(launch_id, seat_ids) if seat.is_blocked]
        if not seats:
            raise errors.NothingToChange("These seats are on sale already. Nothing was changed.")
        launch_services.launch_seats_block(launch=launch, seats=seats, is_blocked=False, actor=actor, now=now)
        return launch


def seats_on_sale_change(*, actor: "User | None", launch_id: int, count: int, now: datetime) -> "Launch":
    """
    Have exactly `count` seats on sale.

    More: withdrawn seats come back first, then the cabin's next ones are added. Fewer: free seats are withdrawn, from
    the tail forwards. Never fewer than are sold or held.

    Raises: LaunchNotFound, LaunchMoveRefused (a draft, or over), SeatsOnSaleRefused, NothingToChange, RoleForbids,
        Busy.
    """
    with transaction_or_busy():
        launch = launch_services.launch_seats_open(actor=actor, launch_id=launch_id)
        known = launch_selectors.launch_seats(launch_id=launch_id)
        _seats_lock(launch_id, [seat.pk for seat in known])
        taken = selectors.seat_ids_taken(launch_id=launch_id, now=now)
        capacity = launch_selectors.launch_capacity(launch=launch)
        on_sale = [seat for seat in known if not seat.is_blocked]
        withdrawn = [seat for seat in known if seat.is_blocked]
        least = max(len(taken), 1)
        if not least <= count <= capacity:
            sentence = _count_sentence(len(taken), capacity)
            raise errors.SeatsOnSaleRefused(sentence, fields={"count": sentence}, least=least, capacity=capacity)
        if count == len(on_sale):
            raise errors.NothingToChange(f"{count} seats are on sale already. Nothing was changed.")
        if count < len(on_sale):
            free = [seat for seat in on_sale if seat.pk not in taken]
            _block(launch, free[len(free) - (len(on_sale) - count) :], actor, now)
            return launch
        more = count - len(on_sale)
        if back := withdrawn[:more]:
            launch_services.launch_seats_block(launch=launch, seats=back, is_blocked=False, actor=actor, now=now)
        if more > len(back):
            launch_services.launch_seats_add(launch=launch, count=more - len(back), actor=actor, now=now)
        return launch


def _count_sentence(taken: int, capacity: int) -> str:
    if not taken:
        return f"Choose a number from 1 to {capacity}, the seats of the cabin."
    has = "1 seat is" if taken == 1 else f"{taken} seats are"
    return f"Choose a number from {taken} to {capacity}: {has} sold or held just now, and the cabin has {capacity}."


def _seats_lock(launch_id: int, seat_ids: Collection[int]) -> "list[LaunchSeat]":
    wanted = set(seat_ids)
    seats = launch_services.launch_seats_lock(launch_id=launch_id, seat_ids=wanted)
    if not wanted or len(seats) != len(wanted):
        raise errors.SeatsUnknown(fields={"seat_ids": "Choose seats of this launch."})
    return seats


def _block(launch: "Launch", seats: "list[LaunchSeat]", actor: "User | None", now: datetime) -> None:
    ids = [seat.pk for seat in seats]
    taken = selectors.seat_ids_taken(launch_id=launch.pk, now=now, seat_ids=ids)
    if labels := [seat.label for seat in seats if seat.pk in taken]:
        sentence = errors.SeatsInUse.sentence.format(labels=", ".join(labels))
        raise errors.SeatsInUse(fields={"seat_ids": sentence}, labels=", ".join(labels))
    # What lapsed is cleared away, so that the database can refuse to withdraw a seat with a live claim.
    lapsed = SeatClaim.objects.select_for_update().filter(
        launch_seat_id__in=ids, status=ClaimStatus.HELD, held_until__lte=now
    )
    SeatClaim.objects.filter(pk__in=list(lapsed.order_by("pk").values_list("pk", flat=True))).update(
        status=ClaimStatus.RELEASED
    )
    launch_services.launch_seats_block(launch=launch, seats=seats, is_blocked=True, actor=actor, now=now)
