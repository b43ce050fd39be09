"""The moves of the status machine (domain.md, Launches); one service a move."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from common import outbox
from common.dates import Precision, departure_text, slip_days
from common.errors import InvalidInput
from launches import access, errors, events, locks, policies
from launches.enums import LaunchStatus
from launches.models import Launch
from launches.services import recording

if TYPE_CHECKING:
    from accounts.models import User

REASON_MAX = 300  # characters; the column's length


def launch_schedule(*, actor: "User | None", launch_id: int, now: datetime) -> Launch:
    """
    Publish a draft: its seats are on sale.

    Raises: LaunchNotFound, LaunchMoveRefused, SupplierNotApproved, DepartureInPast, RoleForbids, Busy.
    """

    def check(launch: Launch) -> None:
        access.require_approved(launch.supplier)
        if launch.departure_at <= now:
            raise errors.DepartureInPast

    return _move(actor, launch_id, LaunchStatus.SCHEDULED, now, check, {}, "", events.LaunchScheduled)


def launch_confirm(*, actor: "User | None", launch_id: int, now: datetime) -> Launch:
    """
    Declare a launch viable.

    Raises: LaunchNotFound, LaunchMoveRefused, RoleForbids, Busy.
    """
    return _move(actor, launch_id, LaunchStatus.CONFIRMED, now, _no_check, {"reason": ""}, "", events.LaunchConfirmed)


def launch_delay(
    *,
    actor: "User | None",
    launch_id: int,
    departure_at: datetime,
    departure_precision: str,
    reason: str,
    now: datetime,
) -> Launch:
    """
    Move the departure to a later instant; bookings stay, the address changes with the date.

    Raises: LaunchNotFound, LaunchMoveRefused, DepartureNotLater, DepartureInPast, ReasonMissing, InvalidInput,
        RoleForbids, Busy.
    """
    reason = _reason(reason)
    if departure_precision not in {item.value for item in Precision}:
        raise InvalidInput(fields={"departure_precision": f"Choose one of: {', '.join(Precision)}."})
    if departure_at.tzinfo is None:
        raise InvalidInput(fields={"departure_at": "Give the departure with its time zone."})
    facts: dict[str, Any] = {"departure_at": departure_at, "departure_precision": departure_precision, "reason": reason}
    facts["announced_at"] = now

    def check(launch: Launch) -> None:
        if departure_at <= launch.departure_at:
            sentence = errors.DepartureNotLater.sentence.format(departure=launch.departure_text)
            raise errors.DepartureNotLater(fields={"departure_at": sentence}, departure=launch.departure_text)
        if departure_at <= now:
            raise errors.DepartureInPast(fields={"departure_at": errors.DepartureInPast.sentence})
        facts["old_departure_at"] = launch.departure_at
        facts["slip_days"] = slip_days(launch.departure_at, departure_at, launch.spaceport.time_zone)
        facts["old_departure_precision"] = launch.departure_precision

    changes = {"departure_at": departure_at, "departure_precision": departure_precision, "reason": reason}
    return _move(
        actor, launch_id, LaunchStatus.DELAYED, now, check, changes, reason,
        lambda **common: events.LaunchDelayed(**common, **facts),
    )  # fmt: skip


def launch_abort(*, actor: "User | None", launch_id: int, reason: str, now: datetime) -> Launch:
    """
    Call a launch off for good; every booking is cancelled and refunded in full by those who hear of it.

    Raises: LaunchNotFound, LaunchMoveRefused, ReasonMissing, RoleForbids, Busy.
    """
    reason = _reason(reason)
    return _move(
        actor, launch_id, LaunchStatus.ABORTED, now, _no_check, {"reason": reason}, reason,
        lambda **common: events.LaunchAborted(**common, reason=reason),
    )  # fmt: skip


def launch_mark_launched(*, actor: "User | None", launch_id: int, now: datetime) -> Launch:
    """
    Record that it flew and succeeded; only after its departure.

    Raises: LaunchNotFound, LaunchMoveRefused, DepartureNotReached, RoleForbids, Busy.
    """
    check = _flown_check(now)
    return _move(actor, launch_id, LaunchStatus.LAUNCHED, now, check, {"reason": ""}, "", events.LaunchLaunched)


def launch_mark_failed(*, actor: "User | None", launch_id: int, reason: str, now: datetime) -> Launch:
    """
    Record that it left and failed; only after its departure. Every booking is refunded in full.

    Raises: LaunchNotFound, LaunchMoveRefused, DepartureNotReached, ReasonMissing, RoleForbids, Busy.
    """
    reason = _reason(reason)
    return _move(
        actor, launch_id, LaunchStatus.FAILED, now, _flown_check(now), {"reason": reason}, reason,
        lambda **common: events.LaunchFailed(**common, reason=reason),
    )  # fmt: skip


def launch_mark_flown(*, actor: "User | None", launch_id: int, outcome: str, now: datetime, reason: str = "") -> Launch:
    """
    Record how a flight ended: outcome "launched", or "failed" with a reason.

    Raises: as `launch_mark_launched` and `launch_mark_failed`; InvalidInput for another outcome.
    """
    if outcome == LaunchStatus.LAUNCHED:
        return launch_mark_launched(actor=actor, launch_id=launch_id, now=now)
    if outcome == LaunchStatus.FAILED:
        return launch_mark_failed(actor=actor, launch_id=launch_id, reason=reason, now=now)
    raise InvalidInput(fields={"outcome": "Choose launched or failed."})


def _move(
    actor: "User | None",
    launch_id: int,
    wanted: LaunchStatus,
    now: datetime,
    check: Callable[[Launch], None],
    changes: dict[str, Any],
    reason: str,
    event: Callable[..., outbox.Event],
) -> Launch:
    with transaction.atomic():
        launch = locks.launch_change_lock(launch_id=launch_id)
        access.require_change(actor, launch.supplier_id, not_found=errors.LaunchNotFound)
        if not policies.is_move_allowed(launch.status, wanted):
            raise errors.LaunchMoveRefused(
                current=launch.get_status_display().lower(),
                wanted=wanted.label.lower(),
                why=policies.move_refusal(launch.status, wanted),
            )
        check(launch)
        old_status = launch.status
        recording.launch_save(
            launch=launch, changes={"status": wanted.value, **changes}, actor=actor, now=now, reason=reason
        )
        outbox.publish(
            event(
                launch_id=launch.pk,
                supplier_id=launch.supplier_id,
                version=launch.version,
                old_status=old_status,
                new_status=launch.status,
            ),
            actor_id=actor.pk if actor else None,
        )
        return launch


def _no_check(_: Launch) -> None:
    return None


def _flown_check(now: datetime) -> Callable[[Launch], None]:
    def check(launch: Launch) -> None:
        if launch.departure_at > now:
            raise errors.DepartureNotReached(
                departure=departure_text(launch.departure_at, launch.departure_precision, launch.spaceport.time_zone)
            )

    return check


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason or len(reason) > REASON_MAX or not reason.isprintable():
        raise errors.ReasonMissing(fields={"reason": errors.ReasonMissing.sentence})
    return reason
