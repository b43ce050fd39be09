"""Launches that are over, for those who settle the money; the callers are jobs and services."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from launches.enums import ON_SALE, LaunchStatus
from launches.models import Launch, LaunchHistory

ENDED = (LaunchStatus.LAUNCHED, LaunchStatus.FAILED, LaunchStatus.ABORTED)


def launches_ended(*, besides: Collection[int] = ()) -> list[int]:
    """
    Return the launches that were on sale here and are over, the earliest departure first.

    Flights of a supplier's past that an import entered were never sold here, so they are none of these.
    """
    ended_here = LaunchHistory.objects.filter(
        launch=OuterRef("pk"), field="status", old_value__in=ON_SALE, new_value__in=ENDED
    )
    rows = Launch.objects.filter(Exists(ended_here), status__in=ENDED).exclude(pk__in=besides)
    return list(rows.order_by("departure_at", "pk").values_list("pk", flat=True))


def launches_flown_before(*, launch: Launch) -> int:
    """Count the supplier's successful launches before this one, by departure."""
    rows = Launch.objects.filter(supplier_id=launch.supplier_id, status=LaunchStatus.LAUNCHED)
    return rows.filter(departure_at__lt=launch.departure_at).exclude(pk=launch.pk).count()
