"""Changing the plan of a launch that nobody else has seen yet."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from common import outbox
from common.money import round_money
from launches import access, errors, events, locks
from launches.enums import LaunchStatus
from launches.models import Destination, Launch, Rocket, Spaceport
from launches.services import planning, recording

if TYPE_CHECKING:
    from accounts.models import User


def launch_draft_change(
    *,
    actor: "User | None",
    launch_id: int,
    rocket_id: int,
    spaceport_id: int,
    destination_id: int,
    mission_name: str,
    departure_at: datetime,
    departure_precision: str,
    price_amount: Decimal,
    price_currency: str,
    seats_on_sale: int,
    now: datetime,
    description: str = "",
) -> Launch:
    """
    Change everything about a draft; what a published launch may change is in `launch_change` and the moves.

    Args: as `launch_draft`.
    Raises: LaunchNotFound, LaunchMoveRefused (published already), InvalidInput, RocketNotFound, RocketInactive,
        PlaceNotFound, DestinationOutOfRange, NotEnoughCabinSeats, RoleForbids, Busy.
    """
    mission_name = " ".join(mission_name.split())
    with transaction.atomic():
        launch = locks.launch_change_lock(launch_id=launch_id)
        access.require_change(actor, launch.supplier_id, not_found=errors.LaunchNotFound)
        if launch.status != LaunchStatus.DRAFT:
            raise errors.LaunchMoveRefused("It has been published: change its texts and price, or delay or abort it.")
        planning.check_values(
            mission_name,
            departure_at,
            departure_precision,
            price_amount,
            price_currency,
            seats_on_sale,
            launch.minimum_occupancy_percent,
        )
        rocket = (
            Rocket.objects.select_for_update(no_key=True).filter(pk=rocket_id, supplier_id=launch.supplier_id).first()
        )
        if rocket is None:
            raise errors.RocketNotFound
        if not rocket.is_active:
            raise errors.RocketInactive(rocket=rocket.name)
        spaceport: Spaceport = planning.place(Spaceport.objects.filter(pk=spaceport_id), "spaceport")
        destination: Destination = planning.place(Destination.objects.filter(pk=destination_id), "destination")
        planning.require_within_range(rocket, destination)
        seats = planning.cabin_seats(rocket, seats_on_sale)
        changes: dict[str, Any] = {
            "rocket": rocket,
            "spaceport": spaceport,
            "destination": destination,
            "mission_name": mission_name,
            "description": description.strip(),
            "departure_at": departure_at,
            "departure_precision": departure_precision,
            "price_amount": round_money(price_amount, price_currency),
            "price_currency": price_currency,
            "seats_on_sale": seats_on_sale,
        }
        changed = recording.launch_save(launch=launch, changes=changes, actor=actor, now=now)
        if {"rocket", "seats_on_sale"} & set(changed):
            launch.seats.all().delete()
            planning.seats_write(launch, seats)
        if changed:
            outbox.publish(
                events.LaunchChanged(
                    launch_id=launch.pk, supplier_id=launch.supplier_id, version=launch.version, fields=changed
                )
            )
        return launch
