"""What every change of a launch does besides: version, history, address, in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.text import slugify

from common import context, outbox
from common.dates import slug_date
from launches import events, locks
from launches.enums import LaunchStatus
from launches.models import Launch, LaunchHistory, LaunchSlug

if TYPE_CHECKING:
    from accounts.models import User


def launch_save(
    *, launch: Launch, changes: Mapping[str, Any], actor: "User | None", now: datetime, reason: str = ""
) -> tuple[str, ...]:
    """
    Write changed fields of a locked launch: one version more, a history row a field, a new address when it must.

    Returns: the names of the fields that did change; with none nothing is written.
    """
    changed = {name: value for name, value in changes.items() if getattr(launch, name) != value}
    if not changed:
        return ()
    address_before = address_of(launch)
    rows = []
    for name, value in changed.items():
        rows.append(history_row(launch, name, getattr(launch, name), value, actor, now, reason))
        setattr(launch, name, value)
    launch.version += 1
    written = [*changed, "version", "updated_at"]
    if address_of(launch) != address_before:
        old, launch.slug = launch.slug, address_free(launch)
        rows.append(history_row(launch, "slug", old, launch.slug, actor, now, reason))
        written.append("slug")
        LaunchSlug.objects.filter(slug=launch.slug, launch=launch).delete()
        LaunchSlug.objects.create(slug=old, launch=launch)
    launch.save(update_fields=written)
    LaunchHistory.objects.bulk_create(rows)
    return tuple(changed)


def history_row(
    launch: Launch, field: str, old: Any, new: Any, actor: "User | None", now: datetime, reason: str = ""
) -> LaunchHistory:
    """Build a history row; a relation is told by its id, an instant in ISO 8601."""
    return LaunchHistory(
        launch=launch,
        changed_at=now,
        actor_id=actor.pk if actor else context.current().actor_id,
        origin=context.current().origin,
        field=field,
        old_value=_text(old),
        new_value=_text(new),
        reason=reason,
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def address_of(launch: Launch) -> str:
    """Return rocket, spaceport, destination and date as an address, no finer than the date is known (domain.md)."""
    when = slug_date(launch.departure_at, launch.departure_precision, launch.spaceport.time_zone)
    return f"{_way(launch)}-{when}"


def _way(launch: Launch) -> str:
    rocket = slugify(launch.rocket.name) or f"rocket-{launch.rocket_id}"
    return f"{rocket}-{launch.spaceport.code}-{launch.destination.code}"


def address_free(launch: Launch) -> str:
    """Return the launch's address, with -2, -3 ... when another launch has it or had it. Needs a transaction."""
    base = address_of(launch)
    locks.slug_lock(base=_way(launch))
    others = Launch.objects.exclude(pk=launch.pk).filter(slug__startswith=base).values_list("slug", flat=True)
    earlier = LaunchSlug.objects.exclude(launch_id=launch.pk).filter(slug__startswith=base)
    used = {*others, *earlier.values_list("slug", flat=True)}
    number, slug = 1, base
    while slug in used:
        number += 1
        slug = f"{base}-{number}"
    return slug


def launches_touch(*, launches: QuerySet[Launch], field: str) -> int:
    """
    Tell that published launches show something anew that stands in another row, such as their rocket's range.

    Their offers and trips are copies and follow the launch's version; the worker writes them, for a spaceport's name
    touches hundreds of launches. Needs a transaction; returns how many there are.
    """
    rows = launches.exclude(status=LaunchStatus.DRAFT).select_for_update(no_key=True, of=("self",)).order_by("pk")
    touched = list(rows)
    for launch in touched:
        launch.version += 1
        launch.save(update_fields=["version", "updated_at"])
    if touched:
        told = (
            events.LaunchChanged(
                launch_id=launch.pk, supplier_id=launch.supplier_id, version=launch.version, fields=(field,)
            )
            for launch in touched
        )
        with outbox.left_to_worker():
            outbox.publish(*told)
    return len(touched)
