"""Write one record of a launch schedule: create or update its launch."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from common import outbox
from common.errors import DomainError
from common.money import round_money
from launches import errors, events, locks, policies
from launches.enums import LaunchStatus, SupplierStatus
from launches.models import Destination, Launch, Rocket
from launches.services import moves, planning, recording
from launches.services.feed_named import rocket_for, spaceport_for, supplier_for
from launches.services.feed_options import CURRENCY_DEFAULT, PRICE_DEFAULT, SEATS_DEFAULT, FeedOptions
from launches.services.feed_parse import FAILED, OPEN, FeedRecord

REASON = "Moved in the published launch schedule."
IsTaken = Callable[[int], bool]  # whether seats of a launch are sold or held; asked under its lock


class Outcome(StrEnum):
    """What became of a record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class RecordResult:
    """What became of a record; field and why only when it was refused."""

    outcome: Outcome
    name: str
    field: str = ""
    why: str = ""


def record_import(
    *, record: FeedRecord, departure_at: datetime, options: FeedOptions, is_taken: IsTaken, now: datetime
) -> RecordResult:
    """
    Create or update the launch of a record, in a transaction of its own.

    A launch with seats sold or held keeps rocket, spaceport and destination, and leaves no earlier: that is what people
    bought, and what refunds and ages were reckoned with. A later departure is a delay, which asks them.

    Args:
        departure_at: the record's departure, moved when the schedule is.
        is_taken: whether seats of a launch are sold or held.
    """
    try:
        with transaction.atomic():
            locks.feed_lock()
            outcome = _write(record, departure_at, options, is_taken, now)
    except errors.FeedRecordRefused as error:
        return RecordResult(outcome=Outcome.REFUSED, name=record.name, field=error.field, why=error.why)
    except DomainError as error:
        field, why = next(iter(error.fields.items()), ("launch", error.message))
        return RecordResult(outcome=Outcome.REFUSED, name=record.name, field=field, why=why)
    return RecordResult(outcome=outcome, name=record.name)


def _write(
    record: FeedRecord, departure_at: datetime, options: FeedOptions, is_taken: IsTaken, now: datetime
) -> Outcome:
    digest = _digest(record, departure_at, options)
    found = Launch.objects.filter(feed_id=record.feed_id).values_list("pk", flat=True).first()
    if found is not None:
        launch = locks.launch_change_lock(launch_id=found)
        if launch.feed_digest == digest:
            return Outcome.UNCHANGED
        is_changed = _update(launch, record, departure_at, options, is_taken, now, digest)
        Launch.objects.filter(pk=launch.pk).update(feed_digest=digest)
        return Outcome.UPDATED if is_changed else Outcome.UNCHANGED
    is_over = record.outcome != OPEN and options.rebase_to is None
    if departure_at <= now and not is_over:
        raise errors.FeedRecordRefused(
            "net", f"{_day(departure_at)} is past, and the feed does not say how it ended; --rebase-to moves a schedule"
        )
    if departure_at > now and is_over:
        raise errors.FeedRecordRefused("status", f"says it has flown, but net is {_day(departure_at)}")
    launch = _create(record, departure_at, options, now)
    if is_over:
        _flown(launch, record, now)
    else:
        moves.launch_schedule(actor=None, launch_id=launch.pk, now=now)
    Launch.objects.filter(pk=launch.pk).update(feed_digest=digest)
    return Outcome.CREATED


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _digest(record: FeedRecord, departure_at: datetime, options: FeedOptions) -> str:
    """
    Return 64 characters: 16 of the departure, 48 of all the rest.

    Apart, so that a departure which a supplier has moved here is not moved back when the feed changes something else.
    """

    def sha(value: Any) -> str:
        return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()

    rest = {name: value for name, value in asdict(record).items() if name not in ("net", "precision")}
    given = [options.supplier, options.seats, str(options.price), options.currency]
    return sha([departure_at, record.precision])[:16] + sha([rest, given])[:48]


# --- a new launch -------------------------------------------------------------------------------------------
def _create(record: FeedRecord, departure_at: datetime, options: FeedOptions, now: datetime) -> Launch:
    supplier = supplier_for(record, options)
    if supplier.status != SupplierStatus.APPROVED:
        raise errors.FeedRecordRefused(
            "launch_service_provider.name", f"{supplier.trade_name} is {supplier.status} here and may not sell"
        )
    destination = Destination.objects.get(code=record.destination_code)
    seats = options.seats or SEATS_DEFAULT
    rocket = rocket_for(supplier, record, destination, seats)
    return planning.launch_draft(
        actor=None,
        supplier_id=supplier.pk,
        rocket_id=rocket.pk,
        spaceport_id=spaceport_for(record.place).pk,
        destination_id=destination.pk,
        mission_name=record.mission_name,
        description=record.description,
        departure_at=departure_at,
        departure_precision=record.precision.value,
        price_amount=PRICE_DEFAULT if options.price is None else options.price,
        price_currency=options.currency or CURRENCY_DEFAULT,
        seats_on_sale=seats,
        feed_id=record.feed_id,
        now=now,
    )


def _flown(launch: Launch, record: FeedRecord, now: datetime) -> None:
    """Enter a launch that flew before anybody could book it: history, never on sale."""
    is_failed = record.outcome == FAILED
    changes = {"status": (LaunchStatus.FAILED if is_failed else LaunchStatus.LAUNCHED).value}
    if is_failed:
        changes["reason"] = record.fail_reason or "Failed, as the published schedule says."
    changed = recording.launch_save(launch=launch, changes=changes, actor=None, now=now)
    _publish_changed(launch, changed)


def _publish_changed(launch: Launch, changed: tuple[str, ...], changes: Mapping[str, Any] | None = None) -> None:
    outbox.publish(
        events.LaunchChanged(
            launch_id=launch.pk,
            supplier_id=launch.supplier_id,
            version=launch.version,
            fields=changed,
            changes=changes or {},
        )
    )


# --- a launch we have ---------------------------------------------------------------------------------------
def _update(
    launch: Launch,
    record: FeedRecord,
    departure_at: datetime,
    options: FeedOptions,
    is_taken: IsTaken,
    now: datetime,
    digest: str,
) -> bool:
    """Bring a locked launch up to date; tell whether anything changed."""
    is_over = record.outcome != OPEN and options.rebase_to is None and departure_at <= now
    if not policies.MOVES[launch.status]:
        flown = LaunchStatus.FAILED if record.outcome == FAILED else LaunchStatus.LAUNCHED
        if is_over and launch.status == flown:
            return False
        raise errors.FeedRecordRefused("status", f"it is {launch.status} here, and that is final")
    supplier = supplier_for(record, options)
    if supplier.pk != launch.supplier_id:
        raise errors.FeedRecordRefused(
            "launch_service_provider.name", f"it belongs to {launch.supplier.trade_name} here and cannot change hands"
        )
    if is_over:
        return _update_flown(launch, record, now)
    is_departure_new = not launch.feed_digest.startswith(digest[:16])
    if is_departure_new and departure_at <= now:
        raise errors.FeedRecordRefused(
            "net", f"{_day(departure_at)} is past, and the feed does not say how it ended; --rebase-to moves a schedule"
        )
    changed = _update_fields(launch, record, departure_at if is_departure_new else None, options, is_taken, now)
    if is_departure_new and departure_at > launch.departure_at:
        moves.launch_delay(
            actor=None,
            launch_id=launch.pk,
            departure_at=departure_at,
            departure_precision=record.precision.value,
            reason=REASON,
            now=now,
        )
        return True
    return changed


def _update_flown(launch: Launch, record: FeedRecord, now: datetime) -> bool:
    if launch.departure_at > now:
        raise errors.FeedRecordRefused(
            "status", f"says it has flown, but it departs on {_day(launch.departure_at)} here"
        )
    if launch.status == LaunchStatus.SCHEDULED:
        moves.launch_confirm(actor=None, launch_id=launch.pk, now=now)
    if record.outcome == FAILED:
        reason = record.fail_reason or "Failed, as the published schedule says."
        moves.launch_mark_failed(actor=None, launch_id=launch.pk, reason=reason, now=now)
    else:
        moves.launch_mark_launched(actor=None, launch_id=launch.pk, now=now)
    return True


def _update_fields(
    launch: Launch,
    record: FeedRecord,
    departure_at: datetime | None,
    options: FeedOptions,
    is_taken: IsTaken,
    now: datetime,
) -> bool:
    destination = Destination.objects.get(code=record.destination_code)
    wanted = options.seats or launch.seats_on_sale
    rocket = rocket_for(launch.supplier, record, destination, wanted)
    planning.require_within_range(rocket, destination)
    if wanted < launch.seats_on_sale:
        raise errors.FeedRecordRefused("--seats", f"{launch.seats_on_sale} are on sale already and may be sold")
    if options.currency and options.currency != launch.price_currency:
        raise errors.FeedRecordRefused("--currency", f"it is sold in {launch.price_currency} already")
    changes: dict[str, Any] = {
        "mission_name": record.mission_name,
        "description": record.description,
        "destination": destination,
        "rocket": rocket,
        "spaceport": spaceport_for(record.place),
        "seats_on_sale": wanted,
    }
    if options.price is not None:
        planning.require_price(options.price, launch.price_currency)
        changes["price_amount"] = round_money(options.price, launch.price_currency)
    if departure_at is not None and departure_at <= launch.departure_at:
        changes |= {"departure_at": departure_at, "departure_precision": record.precision.value}
    _sold_check(launch, changes, is_taken)
    if rocket != launch.rocket:
        _cabin_exchange(launch, rocket, wanted)
    elif wanted > launch.seats_on_sale:
        used = {seat.label for seat in launch.seats.all()}
        free = [seat for seat in planning.cabin_seats(rocket, wanted) if seat.label not in used]
        planning.seats_write(launch, free[: wanted - launch.seats_on_sale])
    before = {name: getattr(launch, name) for name in changes}
    changed = recording.launch_save(launch=launch, changes=changes, actor=None, now=now)
    if changed:
        told = {name: {"before": _plain(before[name]), "after": _plain(changes[name])} for name in changed}
        _publish_changed(launch, changed, told)
    return bool(changed)


def _cabin_exchange(launch: Launch, rocket: Rocket, wanted: int) -> None:
    """Offer the seats of another rocket's cabin, of a launch that nobody has booked. Raises: NotEnoughCabinSeats."""
    seats = planning.cabin_seats(rocket, wanted)
    places = [(seat.label, seat.row, seat.column) for seat in seats]
    if places == list(launch.seats.order_by("row", "column", "id").values_list("label", "row", "column")):
        return
    try:
        launch.seats.all().delete()
    except ProtectedError as error:
        why = f"{rocket.name} has another cabin, and seats of this launch were held once; abort it here instead"
        raise errors.FeedRecordRefused("rocket.configuration", why) from error
    planning.seats_write(launch, seats)


def _plain(value: Any) -> Any:
    """Return what an event can carry: a place or rocket by its name."""
    return getattr(value, "name", value)


def _sold_check(launch: Launch, changes: dict[str, Any], is_taken: IsTaken) -> None:
    """Refuse what would make another trip of one that people have bought."""
    refused = []
    if changes.get("departure_at", launch.departure_at) < launch.departure_at:
        refused.append(("net", f"{_day(changes['departure_at'])} is earlier than {_day(launch.departure_at)}"))
    for name, field in (("spaceport", "pad"), ("destination", "mission.orbit"), ("rocket", "rocket.configuration")):
        here, wanted = getattr(launch, name), changes[name]
        if wanted != here:
            refused.append((field, f"{wanted.name} is another {name} than {here.name}"))
    if refused and is_taken(launch.pk):
        field, why = refused[0]
        raise errors.FeedRecordRefused(
            field, f"{why}, and seats of this launch are sold or held; abort it here if it does not fly as sold"
        )
