"""Which launches may still turn out not to be viable, and when that is looked at."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from common.dates import end_of_day, local_date
from launches import policies
from launches.enums import LaunchStatus
from launches.models import Launch, LaunchHistory, LaunchSeat

# A confirmed launch flies however many seats are sold, also when it is delayed afterwards: the supplier's word stands.
_UNDECIDED = (LaunchStatus.SCHEDULED, LaunchStatus.DELAYED)
_LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True, kw_only=True)
class Viability:
    """
    What a launch that is not confirmed must have sold, and by when; days are those at the spaceport.

    seats_on_sale: without withdrawn ones. today: there, at the instant of the question.
    """

    launch_id: int
    supplier_id: int
    slug: str
    seats_on_sale: int
    seats_needed: int
    today: date
    warn_on: date
    check_on: date
    is_warned: bool
    decide_until: datetime

    @property
    def is_warning_due(self) -> bool:
        """Whether the supplier is to be warned if too few seats are sold."""
        return not self.is_warned and self.today >= self.warn_on

    @property
    def is_check_due(self) -> bool:
        """Whether it is to be aborted if too few seats are sold."""
        return self.is_warned and self.today >= self.check_on


def viability_of(*, launch: Launch, now: datetime) -> Viability | None:
    """
    Say how a launch's viability is looked at. Up to two queries, none for a launch of `with_viability`.

    None when it is not: a draft, over, confirmed once, or too near its departure to be warned in time.
    """
    if launch.status not in _UNDECIDED or launch.departure_at <= now or _was_confirmed(launch):
        return None
    zone = launch.spaceport.time_zone
    today = local_date(now, zone)
    departure_day = local_date(launch.departure_at, zone)
    days = policies.viability_days(
        departure_day=departure_day,
        warned_day=local_date(launch.viability_warned_at, zone) if launch.viability_warned_at else None,
        today=today,
        months=settings.VIABILITY_MONTHS,
        warning_months=settings.VIABILITY_WARNING_MONTHS,
    )
    if days.check_on >= departure_day:
        return None
    on_sale = launch.seats_on_sale - _withdrawn(launch)
    return Viability(
        launch_id=launch.pk,
        supplier_id=launch.supplier_id,
        slug=launch.slug,
        seats_on_sale=on_sale,
        seats_needed=policies.seats_needed(on_sale, launch.minimum_occupancy_percent),
        today=today,
        warn_on=days.warn_on,
        check_on=days.check_on,
        is_warned=days.is_warned,
        decide_until=end_of_day(days.check_on - timedelta(days=1), zone),
    )


def _was_confirmed(launch: Launch) -> bool:
    if launch.status == LaunchStatus.SCHEDULED:  # nothing leads back to it
        return False
    known = getattr(launch, "was_confirmed", None)
    return _confirmations(launch.pk).exists() if known is None else bool(known)


def _withdrawn(launch: Launch) -> int:
    known = getattr(launch, "seats_withdrawn", None)
    return launch.seats.filter(is_blocked=True).count() if known is None else int(known)


def with_viability(rows: QuerySet[Launch]) -> QuerySet[Launch]:
    """Fetch with launches what `viability_of` asks of each."""
    withdrawn = LaunchSeat.objects.filter(launch=OuterRef("pk"), is_blocked=True).order_by().values("launch")
    return rows.annotate(
        was_confirmed=Exists(_confirmations(OuterRef("pk"))),
        seats_withdrawn=Coalesce(Subquery(withdrawn.annotate(n=Count("pk")).values("n")), 0),
    )


def _confirmations(launch_id: Any) -> QuerySet[LaunchHistory]:
    return LaunchHistory.objects.filter(launch_id=launch_id, field="status", new_value=LaunchStatus.CONFIRMED)


def viabilities_due(*, now: datetime, after: int, limit: int) -> tuple[list[Viability], int | None]:
    """
    Return launches to warn for or to check now, by id, beyond `after`; a batch at a time.

    Returns: those of the next `limit` undecided launches whose day has come, and the id to go on after (None at the
        end). Two queries.
    """
    horizon = now + _LONGEST_MONTH * (settings.VIABILITY_MONTHS + settings.VIABILITY_WARNING_MONTHS + 1)
    rows = Launch.objects.filter(status__in=_UNDECIDED, departure_at__gt=now, departure_at__lt=horizon, pk__gt=after)
    launches = list(with_viability(rows.select_related("spaceport")).order_by("pk")[:limit])
    found = [viability_of(launch=launch, now=now) for launch in launches]
    due = [one for one in found if one is not None and (one.is_warning_due or one.is_check_due)]
    return due, launches[-1].pk if len(launches) == limit else None
