"""
Row locks of launches, always in the same order: launch, then its seats by id.

# Note [Three strengths of locks on a launch]
Who changes a launch takes FOR NO KEY UPDATE on its row. Who sells its seats takes FOR SHARE: any number of sellers at
once, none while the launch changes, and no change while they sell. Rows that only refer to a launch need neither. Each
wait ends after the connection's lock_timeout, as Busy.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import OperationalError, connection

from common.errors import Busy
from common.postgres import statements
from launches import errors
from launches.models import Launch, LaunchSeat

BIGINT_MAX = 2**63 - 1


@contextmanager
def _waiting() -> Iterator[None]:
    """Say a lock wait that took too long, or a deadlock, as Busy."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") in ("55P03", "40P01"):
            raise Busy from error
        raise


def launch_change_lock(*, launch_id: int) -> Launch:
    """Return the launch with its names, locked for a change; needs a transaction. Raises: LaunchNotFound, Busy."""
    with _waiting():
        launch = Launch.objects.select_for_update(of=("self",), no_key=True).with_names().filter(pk=launch_id).first()
    if launch is None:
        raise errors.LaunchNotFound
    return launch


@dataclass(frozen=True)
class LaunchTerms:
    """What may change of a launch that is being sold, as it is under the lock."""

    supplier_id: int
    supplier_status: str
    status: str
    version: int
    departure_at: datetime
    departure_precision: str
    time_zone: str
    price_amount: Decimal
    price_currency: str
    policy_tiers: list[dict[str, int]]


_TERMS = """
    SELECT l.supplier_id, s.status, l.status, l.version, l.departure_at, l.departure_precision, p.time_zone,
           l.price_amount, l.price_currency, c.tiers
    FROM launches_launch l
    JOIN launches_supplier s ON s.id = l.supplier_id
    JOIN launches_spaceport p ON p.id = l.spaceport_id
    JOIN launches_cancellationpolicy c ON c.id = l.cancellation_policy_id
    WHERE l.id = %s
    FOR SHARE OF l
"""  # Django's query builder has no FOR SHARE


def launch_share_lock(*, launch_id: int) -> LaunchTerms:
    """Keep the launch as it is until the transaction ends; needs one. Raises: LaunchNotFound, Busy."""
    with _waiting():
        (terms,) = statements.ask(launch_sharing(launch_id=launch_id))
    return terms


def launch_sharing(*, launch_id: int) -> statements.Question[LaunchTerms]:
    """Ask as `launch_share_lock`, in one trip with other questions; a lock wait too long is an OperationalError."""
    if not 0 < launch_id <= BIGINT_MAX:
        raise errors.LaunchNotFound
    return statements.Question(_TERMS, [launch_id], _terms)


def _terms(found: list[Any]) -> LaunchTerms:
    if not found:
        raise errors.LaunchNotFound
    values = [*found[0][:-1], json.loads(found[0][-1])]
    return LaunchTerms(*values)


def launch_seats_lock(*, launch_id: int, seat_ids: Collection[int], skip_locked: bool = False) -> list[LaunchSeat]:
    """Lock seats of a launch in id order; those of other launches, or with `skip_locked` locked ones, are left out."""
    ids = sorted({seat_id for seat_id in seat_ids if 0 < seat_id <= BIGINT_MAX})
    rows = LaunchSeat.objects.select_for_update(of=("self",), skip_locked=skip_locked)
    with _waiting():
        return list(rows.filter(launch_id=launch_id, pk__in=ids).order_by("pk"))


def feed_lock() -> None:
    """Let one record of any launch schedule be written at a time; needs a transaction."""
    with _waiting(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('launches.feed', 20261122))")


def slug_lock(*, base: str) -> None:
    """Let one transaction at a time choose an address that begins so: two tables share the names."""
    with _waiting(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 20261122))", [f"launches.slug:{base}"])
