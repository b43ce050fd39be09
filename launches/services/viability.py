"""
Calling off, or warning of it, launches that sell too few seats (domain.md, Viability).

How many seats are sold is asked from the caller: what customers took is none of this package's.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from common import outbox
from launches import events, locks, selectors
from launches.services import moves, recording


def launch_viability_decide(*, launch_id: int, seats_sold: Callable[[], int], now: datetime) -> str:
    """
    Warn the supplier of a launch that is not viable, or abort it, if the day for it has come.

    Everything is looked at again under the launch's lock, so that a seat sold at the same moment counts.

    Args:
        seats_sold: counts the launch's sold seats; called while nobody can sell.
    Returns: "aborted", "warned", or "" when there is nothing to do (any more).
    Raises: LaunchNotFound, Busy.
    """
    with transaction.atomic():
        launch = locks.launch_change_lock(launch_id=launch_id)
        viability = selectors.viability_of(launch=launch, now=now)
        if viability is None or not (viability.is_warning_due or viability.is_check_due):
            return ""
        sold = seats_sold()
        if sold >= viability.seats_needed:
            return ""
        if viability.is_check_due:
            reason = (
                f"Not viable: {sold} of {viability.seats_on_sale} seats were sold, "
                f"{viability.seats_needed} would have been needed."
            )
            moves.launch_abort(actor=None, launch_id=launch_id, reason=reason, now=now)
            return "aborted"
        row = recording.history_row(launch, "viability_warned_at", launch.viability_warned_at, now, None, now)
        launch.viability_warned_at = now
        # No new version: nothing that customers see, or documents copy, has changed.
        launch.save(update_fields=["viability_warned_at"])
        row.save(force_insert=True)
        outbox.publish(
            events.LaunchViabilityWarned(
                launch_id=launch.pk,
                supplier_id=launch.supplier_id,
                version=launch.version,
                seats_sold=sold,
                seats_needed=viability.seats_needed,
                seats_on_sale=viability.seats_on_sale,
                check_on=viability.check_on.isoformat(),
            )
        )
        return "warned"
