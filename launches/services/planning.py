"""Planning a launch: drafts, and changes that are no move."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from common import outbox
from common.dates import Precision
from common.errors import InvalidInput
from common.money import CURRENCIES, round_money
from launches import access, errors, events, locks, policies, selectors
from launches.enums import LaunchStatus
from launches.models import (
    CabinSeat,
    CancellationPolicy,
    Destination,
    Launch,
    LaunchHistory,
    LaunchSeat,
    Rocket,
    Spaceport,
)
from launches.services import recording

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User

DEFAULT_POLICY = "standard"
PRICE_MAX = Decimal("10000000000")  # ten thousand million; what the column holds


def launch_draft(
    *,
    actor: "User | None",
    supplier_id: int,
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
    minimum_occupancy_percent: int | None = None,
    cancellation_policy_id: int | None = None,
    feed_id: "UUID | None" = None,
) -> Launch:
    """
    Plan a launch; nobody else sees it until `launch_schedule`.

    The first seats of the cabin that are not blocked become its seats on sale.

    Args:
        actor: owner or operator of the supplier, support or admin; None for commands and jobs.
        departure_at: aware; no earlier than, exact only as far as departure_precision (common.dates.Precision).
        price_amount: a seat, in price_currency.
        minimum_occupancy_percent: `settings.MINIMUM_OCCUPANCY_PERCENT` when not given.
        cancellation_policy_id: the standard one when not given.
    Raises: InvalidInput, RocketNotFound, RocketInactive, PlaceNotFound, DestinationOutOfRange, NotEnoughCabinSeats,
        RoleForbids, SupplierNotFound.
    """
    access.require_change(actor, supplier_id, not_found=errors.SupplierNotFound)
    mission_name = " ".join(mission_name.split())
    percent = settings.MINIMUM_OCCUPANCY_PERCENT if minimum_occupancy_percent is None else minimum_occupancy_percent
    check_values(mission_name, departure_at, departure_precision, price_amount, price_currency, seats_on_sale, percent)
    with transaction.atomic():
        # The lock keeps the cabin and the range as they are while they are compared.
        rocket = Rocket.objects.select_for_update(no_key=True).filter(pk=rocket_id, supplier_id=supplier_id).first()
        if rocket is None:
            raise errors.RocketNotFound
        if not rocket.is_active:
            raise errors.RocketInactive(rocket=rocket.name)
        spaceport = place(Spaceport.objects.filter(pk=spaceport_id), "spaceport")
        destination = place(Destination.objects.filter(pk=destination_id), "destination")
        policy = (
            selectors.policy_get(code=DEFAULT_POLICY)
            if cancellation_policy_id is None
            else place(CancellationPolicy.objects.filter(pk=cancellation_policy_id), "cancellation policy")
        )
        require_within_range(rocket, destination)
        seats = cabin_seats(rocket, seats_on_sale)
        launch = Launch(
            supplier_id=supplier_id,
            rocket=rocket,
            spaceport=spaceport,
            destination=destination,
            cancellation_policy=policy,
            mission_name=mission_name,
            description=description,
            departure_at=departure_at,
            departure_precision=departure_precision,
            price_amount=round_money(price_amount, price_currency),
            price_currency=price_currency,
            seats_on_sale=seats_on_sale,
            minimum_occupancy_percent=percent,
            feed_id=feed_id,
        )
        launch.slug = recording.address_free(launch)
        launch.save(force_insert=True)
        seats_write(launch, seats)
        LaunchHistory.objects.bulk_create([recording.history_row(launch, "status", "", launch.status, actor, now)])
        outbox.publish(events.LaunchDrafted(launch_id=launch.pk, supplier_id=supplier_id, version=launch.version))
        return launch


def launch_change(
    *,
    actor: "User | None",
    launch_id: int,
    now: datetime,
    mission_name: str | None = None,
    description: str | None = None,
    price_amount: Decimal | None = None,
) -> Launch:
    """
    Change what people read, or the price of seats not sold yet; what is None stays.

    Raises: LaunchNotFound, LaunchMoveRefused (it is over), InvalidInput, RoleForbids, Busy.
    """
    with transaction.atomic():
        launch = locks.launch_change_lock(launch_id=launch_id)
        access.require_change(actor, launch.supplier_id, not_found=errors.LaunchNotFound)
        if not policies.MOVES[launch.status]:
            raise errors.LaunchMoveRefused(
                f"A launch that is {launch.get_status_display().lower()} does not change any more."
            )
        changes: dict[str, Any] = {}
        if mission_name is not None:
            changes["mission_name"] = " ".join(mission_name.split())
        if description is not None:
            changes["description"] = description.strip()
        if price_amount is not None:
            require_price(price_amount, launch.price_currency)
            changes["price_amount"] = round_money(price_amount, launch.price_currency)
        if not 1 <= len(changes.get("mission_name", "-")) <= 160:
            raise InvalidInput(fields={"mission_name": "Give the mission a name of 1 to 160 characters."})
        before = {name: getattr(launch, name) for name in changes}
        changed = recording.launch_save(launch=launch, changes=changes, actor=actor, now=now)
        if changed:
            outbox.publish(
                events.LaunchChanged(
                    launch_id=launch.pk,
                    supplier_id=launch.supplier_id,
                    version=launch.version,
                    fields=changed,
                    changes={name: {"before": before[name], "after": changes[name]} for name in changed},
                )
            )
        return launch


def launch_draft_delete(*, actor: "User | None", launch_id: int) -> None:
    """
    Throw a draft away; nothing else is ever deleted.

    Raises: LaunchNotFound, LaunchMoveRefused, RoleForbids, Busy.
    """
    with transaction.atomic():
        launch = locks.launch_change_lock(launch_id=launch_id)
        access.require_change(actor, launch.supplier_id, not_found=errors.LaunchNotFound)
        if launch.status != LaunchStatus.DRAFT:
            raise errors.LaunchMoveRefused("Only a draft can be deleted; this launch has been published.")
        outbox.publish(
            events.LaunchDraftDeleted(launch_id=launch.pk, supplier_id=launch.supplier_id, version=launch.version)
        )
        launch.seats.all().delete()
        launch.delete()


def require_within_range(rocket: Rocket, destination: Destination) -> None:
    """Raises: DestinationOutOfRange."""
    if not policies.is_within_range(rocket.range, destination.required_range):
        raise errors.DestinationOutOfRange(
            rocket=rocket.name,
            range=rocket.get_range_display(),
            destination=destination.name,
            required=destination.get_required_range_display(),
        )


def require_price(amount: Decimal, currency: str) -> None:
    """Raises: InvalidInput with `price_amount` or `price_currency`."""
    if currency not in CURRENCIES:
        raise InvalidInput(fields={"price_currency": f"Choose one of: {', '.join(CURRENCIES)}."})
    if not amount.is_finite() or not 0 < amount < PRICE_MAX or not round_money(amount, currency):
        raise InvalidInput(fields={"price_amount": "A seat's price is more than 0 and less than 10,000,000,000."})


def cabin_seats(rocket: Rocket, count: int) -> list[CabinSeat]:
    """Return the first seats of the cabin that may be sold, from the nose. Raises: NotEnoughCabinSeats."""
    sellable = list(rocket.seats.filter(is_blocked=False).order_by("row", "column", "id"))
    if len(sellable) < count:
        raise errors.NotEnoughCabinSeats(rocket=rocket.name, capacity=len(sellable), wanted=count)
    return sellable[:count]


def seats_write(launch: Launch, seats: list[CabinSeat]) -> None:
    """Put cabin seats on sale; needs a transaction."""
    LaunchSeat.objects.bulk_create(
        LaunchSeat(
            launch=launch,
            label=seat.label,
            row=seat.row,
            column=seat.column,
            is_window=seat.is_window,
            is_exit=seat.is_exit,
        )
        for seat in seats
    )


def check_values(
    mission_name: str,
    departure_at: datetime,
    precision: str,
    price: Decimal,
    currency: str,
    seats: int,
    percent: int,
) -> None:
    """Raises: InvalidInput with a sentence for every field that is wrong."""
    problems = {}
    if not 1 <= len(mission_name) <= 160:
        problems["mission_name"] = "Give the mission a name of 1 to 160 characters."
    if departure_at.tzinfo is None:
        problems["departure_at"] = "Give the departure with its time zone."
    if precision not in {item.value for item in Precision}:
        problems["departure_precision"] = f"Choose one of: {', '.join(Precision)}."
    if seats < 1:
        problems["seats_on_sale"] = "Put at least one seat on sale."
    if not 0 <= percent <= 100:
        problems["minimum_occupancy_percent"] = "Give a percentage from 0 to 100."
    try:
        require_price(price, currency)
    except InvalidInput as error:
        problems |= error.fields
    if problems:
        raise InvalidInput(fields=problems)


def place(rows: Any, thing: str) -> Any:
    """Return the only row. Raises: PlaceNotFound."""
    row = rows.first()
    if row is None:
        raise errors.PlaceNotFound(thing=thing)
    return row
