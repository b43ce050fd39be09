"""
Seats of a published launch: withdrawn from sale, put back, added from the cabin.

Who has which seat is known one package above: bookings.services.offering asks first, in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common import outbox
from launches import access, errors, events, locks, policies
from launches.enums import LaunchStatus
from launches.models import Launch, LaunchHistory, LaunchSeat
from launches.services import planning, recording

if TYPE_CHECKING:
    from accounts.models import User


def launch_seats_open(*, actor: "User | None", launch_id: int) -> Launch:
    """
    Lock a launch so that its seats on sale can change: nobody sells any meanwhile. Needs a transaction.

    Raises: LaunchNotFound, LaunchMoveRefused (a draft, or over), RoleForbids, NotASupplierMember, Busy.
    """
    launch = locks.launch_change_lock(launch_id=launch_id)
    access.require_change(actor, launch.supplier_id, not_found=errors.LaunchNotFound)
    if launch.status == LaunchStatus.DRAFT:
        raise errors.LaunchMoveRefused("Nobody buys seats of a draft: change its plan instead.")
    if not policies.MOVES[launch.status]:
        raise errors.LaunchMoveRefused(
            f"A launch that is {launch.get_status_display().lower()} does not change any more."
        )
    return launch


def launch_seats_block(
    *, launch: Launch, seats: Sequence[LaunchSeat], is_blocked: bool, actor: "User | None", now: datetime
) -> None:
    """Withdraw locked seats of a locked launch, or put them back on sale; the caller knows that nobody has them."""
    for seat in seats:
        seat.is_blocked = is_blocked
    LaunchSeat.objects.bulk_update(seats, ["is_blocked"])
    labels = ", ".join(seat.label for seat in sorted(seats, key=lambda seat: (seat.row, seat.column)))
    field = "seats_withdrawn" if is_blocked else "seats_returned"
    _tell(launch, [recording.history_row(launch, field, "", labels, actor, now)], field, actor)


def launch_seats_add(*, launch: Launch, count: int, actor: "User | None", now: datetime) -> None:
    """
    Put so many more seats of the cabin on sale, from the nose backwards.

    Raises: NotEnoughCabinSeats.
    """
    there = set(launch.seats.values_list("label", flat=True))
    cabin = [
        seat
        for seat in launch.rocket.seats.filter(is_blocked=False).order_by("row", "column", "id")
        if seat.label not in there
    ]
    if len(cabin) < count:
        raise errors.NotEnoughCabinSeats(
            rocket=launch.rocket.name, capacity=len(there) + len(cabin), wanted=len(there) + count
        )
    planning.seats_write(launch, cabin[:count])
    recording.launch_save(launch=launch, changes={"seats_on_sale": launch.seats_on_sale + count}, actor=actor, now=now)
    _publish(launch, "seats_on_sale", actor)


def _tell(launch: Launch, rows: list[LaunchHistory], field: str, actor: "User | None") -> None:
    launch.version += 1
    launch.save(update_fields=["version", "updated_at"])
    LaunchHistory.objects.bulk_create(rows)
    _publish(launch, field, actor)


def _publish(launch: Launch, field: str, actor: Any) -> None:
    outbox.publish(
        events.LaunchChanged(
            launch_id=launch.pk, supplier_id=launch.supplier_id, version=launch.version, fields=(field,)
        ),
        actor_id=actor.pk if actor else None,
    )
