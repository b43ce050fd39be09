"""Launches with the seats that are free at this very instant, as PostgreSQL says: what moving bookings chooses from."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from bookings.models import SeatClaim
from bookings.selectors.seats import live
from common import keyset
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from launches.models import Launch

L = TypeVar("L")


@dataclass(frozen=True, kw_only=True)
class CatalogueEntry(Generic[L]):
    """A launch, or its offer, as lists show it."""

    launch: L
    seats_total: int
    seats_left: int

    @property
    def seats_taken(self) -> int:
        """Seats nobody else can have now."""
        return self.seats_total - self.seats_left


def with_seats(launches: "QuerySet[Launch]", now: datetime) -> "QuerySet[Any]":
    """Annotate `seats_taken` (claims live now) on launches."""
    taken = (
        SeatClaim.objects.filter(live(now), launch_id=OuterRef("pk"))
        .order_by()
        .values("launch_id")
        .annotate(n=Count("pk"))
        .values("n")
    )
    blocked = Count("seats", filter=Q(seats__is_blocked=True))
    return launches.annotate(
        seats_taken=Coalesce(Subquery(taken, output_field=IntegerField()), Value(0)), seats_blocked=blocked
    ).annotate(seats_left=F("seats_on_sale") - F("seats_blocked") - F("seats_taken"))


@dataclass(frozen=True)
class CataloguePage:
    """Entries of one page, and the cursor of the next ('' when this is the last)."""

    entries: "list[CatalogueEntry[Launch]]"
    next_cursor: str


def catalogue_list(
    *,
    filters: "launch_selectors.CatalogueFilters",
    now: datetime,
    seats: int = 0,
    sort: str = "departure",
    cursor: str = "",
    limit: int = 24,
) -> CataloguePage:
    """
    List launches on sale that have at least `seats` free (0 shows sold-out ones too), a page at a time. One query.

    Args:
        sort: a key of launches.selectors.SORTS; unknown ones sort by departure.
    Raises: InvalidInput (cursor).
    """
    launches = launches_found(filters=filters, now=now, seats=seats)
    order = launch_selectors.SORTS.get(sort, launch_selectors.SORTS["departure"])
    found = keyset.page(rows=launches, order=order, cursor=cursor, limit=limit)
    return CataloguePage([entry_of(launch, launch=launch) for launch in found.rows], found.next_cursor)


def launches_found(*, filters: "launch_selectors.CatalogueFilters", now: datetime, seats: int = 0) -> "QuerySet[Any]":
    """Return launches on sale that have at least `seats` free, with their seats, in no order."""
    launches = with_seats(launch_selectors.catalogue(filters=filters, now=now), now)
    return launches.filter(seats_left__gte=seats) if seats else launches


def entry_of(row: Any, *, launch: L) -> CatalogueEntry[L]:
    """Make an entry of a row that `with_seats` annotated; `launch` says the rest."""
    total = row.seats_on_sale - row.seats_blocked
    return CatalogueEntry(launch=launch, seats_total=total, seats_left=max(row.seats_left, 0))
