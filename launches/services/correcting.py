"""Corrections of what launches refer to: told with what was before, and passed on to the launches that show it."""

from common import outbox
from launches import events
from launches.models import CancellationPolicy, Destination, Rocket, Spaceport, Supplier
from launches.services import recording

Referred = Supplier | Rocket | Spaceport | Destination | CancellationPolicy


def referred_tell(*, row: Referred, changes: events.Changes, is_new: bool = False) -> int:
    """
    Tell of a row that was just entered or corrected; the offers and trips that copy it follow. Needs a transaction.

    Args:
        changes: what was before and what is, by field, at least one; no secrets.
        is_new: before it there was no such row; for spaceports, destinations and policies.
    Returns: how many published launches show it.
    """
    outbox.publish(_event(row, changes, is_new))
    return 0 if is_new else recording.launches_touch(launches=row.launches.all(), field=type(row).__name__.lower())


def _event(row: Referred, changes: events.Changes, is_new: bool) -> outbox.Event:
    match row:
        case Supplier():
            return events.SupplierChanged(supplier_id=row.pk, changes=changes)
        case Rocket():
            return events.RocketChanged(supplier_id=row.supplier_id, rocket_id=row.pk, changes=changes)
        case Spaceport():
            place = events.SpaceportCreated if is_new else events.SpaceportChanged
            return place(spaceport_id=row.pk, changes=changes)
        case Destination():
            goal = events.DestinationCreated if is_new else events.DestinationChanged
            return goal(destination_id=row.pk, changes=changes)
        case CancellationPolicy():
            terms = events.CancellationPolicyCreated if is_new else events.CancellationPolicyChanged
            return terms(cancellation_policy_id=row.pk, changes=changes)
