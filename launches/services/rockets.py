"""Rockets and their cabins."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from common import outbox
from common.errors import InvalidInput
from launches import access, errors, events, policies
from launches.enums import Range
from launches.models import CabinSeat, Rocket

if TYPE_CHECKING:
    from accounts.models import User


def rocket_create(
    *,
    actor: "User | None",
    supplier_id: int,
    name: str,
    range: str,  # noqa: A002 - the domain's word
    seats: int,
    blocked_labels: Collection[str] = (),
    description: str = "",
    is_active: bool = True,
    feed_id: str | None = None,
) -> Rocket:
    """
    Enter a rocket with a generated cabin (launches.policies.cabin_plan).

    Args:
        range: one of launches.enums.Range.
        seats: of the cabin, blocked ones included, 1 to policies.CABIN_SEATS_MAX.
        blocked_labels: seats that are never sold, for crew or equipment.
        feed_id: its configuration id in Launch Library 2.
    Raises: NameTaken, InvalidInput, RoleForbids, SupplierNotFound.
    """
    access.require_change(actor, supplier_id, not_found=errors.SupplierNotFound)
    name = " ".join(name.split())
    problems = {}
    if not 1 <= len(name) <= 80:
        problems["name"] = "Give the rocket a name of 1 to 80 characters."
    if range not in Range.values:
        problems["range"] = f"Choose one of: {', '.join(Range.values)}."
    if not 1 <= seats <= policies.CABIN_SEATS_MAX:
        problems["seats"] = f"A cabin has 1 to {policies.CABIN_SEATS_MAX} seats."
    if problems:
        raise InvalidInput(fields=problems)
    try:
        with transaction.atomic():
            rocket = Rocket.objects.create(
                supplier_id=supplier_id,
                name=name,
                range=range,
                description=description,
                is_active=is_active,
                feed_id=feed_id,
            )
            _seats_write(rocket, policies.cabin_plan(seats), frozenset(blocked_labels))
            outbox.publish(events.RocketCreated(supplier_id=supplier_id, rocket_id=rocket.pk))
    except IntegrityError as error:
        raise errors.NameTaken(thing="rocket", taken=name) from error
    return rocket


def cabin_grow(*, rocket: Rocket, seats: int) -> None:
    """Add rows behind the last until the cabin has so many seats that can be sold; needs a transaction."""
    existing = list(rocket.seats.all())
    sellable = sum(1 for seat in existing if not seat.is_blocked)
    if sellable >= seats:
        return
    abreast = max((ord(seat.label[0]) - ord("A") + 1 for seat in existing), default=0)
    plan = policies.cabin_plan(len(existing) + seats - sellable, abreast=abreast)
    labels = {seat.label for seat in existing}
    added = [seat for seat in plan if seat.label not in labels]
    _seats_write(rocket, added, frozenset())
    changes = {"cabin_seats": {"before": len(existing), "after": len(existing) + len(added)}}
    outbox.publish(events.RocketChanged(supplier_id=rocket.supplier_id, rocket_id=rocket.pk, changes=changes))


def _seats_write(rocket: Rocket, plan: list[policies.SeatPlan], blocked: frozenset[str]) -> None:
    CabinSeat.objects.bulk_create(
        CabinSeat(
            rocket=rocket,
            label=seat.label,
            row=seat.row,
            column=seat.column,
            is_window=seat.is_window,
            is_exit=seat.is_exit,
            is_blocked=seat.label in blocked,
        )
        for seat in plan
    )
