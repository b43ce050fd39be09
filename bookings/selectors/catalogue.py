"""Launches with the seats that are left: for the catalogue, and as offer documents."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from bookings.enums import LIVE_CLAIMS, ClaimStatus
from bookings.models import SeatClaim
from bookings.selectors.seats import live
from common import keyset
from documents.records import OfferRecord
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from launches.models import Launch

# How far a claim has come; the sum over a launch grows with every change, and is part of the offer's version.
_STAGE = {ClaimStatus.HELD: 1, ClaimStatus.SOLD: 2, ClaimStatus.RELEASED: 3}


@dataclass(frozen=True, kw_only=True)
class CatalogueEntry:
    """A launch as lists show it."""

    launch: "Launch"
    seats_total: int
    seats_left: int

    @property
    def seats_taken(self) -> int:
        """Seats nobody else can have now."""
        return self.seats_total - self.seats_left


def _with_seats(launches: "QuerySet[Launch]", now: datetime) -> "QuerySet[Any]":
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

    entries: list[CatalogueEntry]
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
    launches = _with_seats(launch_selectors.catalogue(filters=filters, now=now), now)
    if seats:
        launches = launches.filter(seats_left__gte=seats)
    order = launch_selectors.SORTS.get(sort, launch_selectors.SORTS["departure"])
    found = keyset.page(rows=launches, order=order, cursor=cursor, limit=limit)
    return CataloguePage([_entry(launch) for launch in found.rows], found.next_cursor)


def _entry(launch: Any) -> CatalogueEntry:
    total = launch.seats_on_sale - launch.seats_blocked
    return CatalogueEntry(launch=launch, seats_total=total, seats_left=max(launch.seats_left, 0))


def launch_offer(*, launch_id: int, now: datetime) -> CatalogueEntry | None:
    """Return one published launch with its seats."""
    launch = _with_seats(launch_selectors.launches_published().filter(pk=launch_id), now).first()
    return _entry(launch) if launch is not None else None


def offer_record(*, launch_id: int) -> OfferRecord | None:
    """Build a launch's offer from PostgreSQL; None when it is a draft or gone. One query of each table."""
    found = offers_of(launch_ids=[launch_id])
    return found[0] if found else None


def offers_after(*, after: int, limit: int) -> list[OfferRecord]:
    """Build offers in launch order, for reconciliation; holds count by their rows, not by the clock: repeatable."""
    return _offers(launch_selectors.launches_published().filter(pk__gt=after)[:limit])


def offer_count() -> int:
    """Count the launches that have an offer."""
    return launch_selectors.launches_published().count()


def offers_of(*, launch_ids: Collection[int]) -> list[OfferRecord]:
    """Build the offers of some launches."""
    return _offers(launch_selectors.launches_published().filter(pk__in=launch_ids))


def _offers(rows: "QuerySet[Launch]") -> list[OfferRecord]:
    launches: list[Any] = list(rows.annotate(seats_blocked=Count("seats", filter=Q(seats__is_blocked=True))))
    ids = [launch.pk for launch in launches]
    counts: dict[int, dict[str, int]] = {}
    claims = (
        SeatClaim.objects.filter(launch_id__in=ids).order_by().values("launch_id", "status").annotate(n=Count("pk"))
    )
    for row in claims:
        counts.setdefault(row["launch_id"], {})[row["status"]] = row["n"]
    return [_offer(launch, counts.get(launch.pk, {})) for launch in launches]


def _offer(launch: Any, counts: dict[str, int]) -> OfferRecord:
    taken = sum(counts.get(status, 0) for status in LIVE_CLAIMS)
    total = launch.seats_on_sale - launch.seats_blocked
    return OfferRecord(
        launch_id=launch.pk,
        version=launch.version + sum(_STAGE[ClaimStatus(status)] * n for status, n in counts.items()),
        slug=launch.slug,
        title=launch.title,
        supplier_name=launch.supplier.trade_name,
        rocket_name=launch.rocket.name,
        rocket_range=launch.rocket.range,
        destination_code=launch.destination.code,
        destination_name=launch.destination.name,
        spaceport_code=launch.spaceport.code,
        spaceport_name=launch.spaceport.name,
        spaceport_time_zone=launch.spaceport.time_zone,
        departure_at=launch.departure_at,
        departure_precision=launch.departure_precision,
        price_amount=launch.price_amount,
        price_currency=launch.price_currency,
        seats_total=total,
        seats_left=max(total - taken, 0),
        status=launch.status,
        updated_at=launch.updated_at,
    )
