"""
Offers: what customers see of launches.

PostgreSQL finds them, in order, with the seats that are free at this very instant; what they say is read from Customer
MongoDB, or built from PostgreSQL where that is away or behind (`documents.copies`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from bookings.enums import LIVE_CLAIMS, ClaimStatus
from bookings.models import SeatClaim
from bookings.selectors.catalogue import CatalogueEntry, entry_of, launches_found, with_seats
from common import keyset
from documents.copies import Built, Copies, Stored
from documents.records import (
    OfferDestination,
    OfferRecord,
    OfferRocket,
    OfferSpaceport,
    OfferSupplier,
    PolicyTier,
)
from documents.repositories import Offers
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from launches.models import Launch

OfferEntry = CatalogueEntry[OfferRecord]
# How far a claim has come; the sum over a launch grows with every change, and is part of the offer's version.
_STAGE = {ClaimStatus.HELD: 1, ClaimStatus.SOLD: 2, ClaimStatus.RELEASED: 3}
# What is asked of a launch whose offer says the rest; the first three pages are sorted by.
_FOUND_BY = ("id", "departure_at", "price_amount", "supplier_id", "version", "seats_on_sale")


# --- what customers read --------------------------------------------------------------------------
@dataclass(frozen=True)
class OfferPage:
    """Offers of one page, and the cursor of the next ('' when this is the last)."""

    entries: list[OfferEntry]
    next_cursor: str


@dataclass(frozen=True)
class OfferGroup:
    """A supplier's offers that leave next, and how many there are in all."""

    entries: list[OfferEntry]
    count: int

    @property
    def supplier(self) -> OfferSupplier:
        """Who flies."""
        return self.entries[0].launch.supplier


def offer_list(
    *,
    filters: "launch_selectors.CatalogueFilters",
    now: datetime,
    seats: int = 0,
    sort: str = "departure",
    cursor: str = "",
    limit: int = 24,
) -> OfferPage:
    """
    List offers on sale that have at least `seats` free (0 shows sold-out ones too), a page at a time. One query.

    Args:
        sort: a key of launches.selectors.SORTS; unknown ones sort by departure.
    Raises: InvalidInput (cursor).
    """
    order = launch_selectors.SORTS.get(sort, launch_selectors.SORTS["departure"])
    rows = _bare(launches_found(filters=filters, now=now, seats=seats))
    found = keyset.page(rows=rows, order=order, cursor=cursor, limit=limit)
    return OfferPage(_entries(found.rows), found.next_cursor)


def offer_get(*, launch_id: int, now: datetime) -> OfferEntry | None:
    """Return one published launch's offer with its seats; None when it is a draft or gone. One query."""
    rows = _bare(with_seats(launch_selectors.launches_published().filter(pk=launch_id), now))
    entries = _entries(rows)
    return entries[0] if entries else None


def offer_shown(*, ground: "launch_selectors.LaunchGround") -> OfferRecord | None:
    """Return what the offer of a found launch says; None when it has just gone. No query."""
    return _offers.read({ground.id: ground.version}).get(ground.id)


def offers_by_supplier(*, now: datetime, per_supplier: int, limit: int = 300) -> list[OfferGroup]:
    """Group what leaves next by supplier, in the order of their names. One query."""
    rows = _bare(launches_found(filters=launch_selectors.CatalogueFilters(), now=now))
    by_supplier: dict[int, list[Any]] = {}
    for row in rows.order_by(*launch_selectors.SORTS["departure"])[:limit]:
        by_supplier.setdefault(row.supplier_id, []).append(row)
    shown = _entries(row for rows in by_supplier.values() for row in rows[:per_supplier])
    by_id = {entry.launch.pk: entry for entry in shown}
    groups = [
        OfferGroup(entries, len(rows))
        for rows in by_supplier.values()
        if (entries := [by_id[row.pk] for row in rows[:per_supplier] if row.pk in by_id])
    ]
    return sorted(groups, key=lambda group: group.supplier.trade_name.casefold())


def _bare(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Leave out what the documents say."""
    return rows.select_related(None).only(*_FOUND_BY)


def _entries(rows: Iterable[Any]) -> list[OfferEntry]:
    rows = list(rows)
    offers = _offers.read({row.pk: row.version for row in rows})
    return [entry_of(row, launch=offers[row.pk]) for row in rows if row.pk in offers]


# --- how offers are built -------------------------------------------------------------------------
def offer_record(*, launch_id: int) -> OfferRecord | None:
    """Build a launch's offer from PostgreSQL; None when it is a draft or gone. One query of each table."""
    found = offers_of(launch_ids=[launch_id])
    return found[0] if found else None


def offers_after(*, after: int, limit: int) -> list[OfferRecord]:
    """Build offers in launch order, for reconciliation; holds count by their rows, not by the clock: repeatable."""
    return _built(launch_selectors.launches_published().filter(pk__gt=after)[:limit])


def offer_count() -> int:
    """Count the launches that have an offer."""
    return launch_selectors.launches_published().count()


def offers_of(*, launch_ids: Collection[int]) -> list[OfferRecord]:
    """Build the offers of some launches."""
    return _built(launch_selectors.launches_published().filter(pk__in=launch_ids))


def _built(rows: "QuerySet[Launch]") -> list[OfferRecord]:
    launches: list[Any] = list(rows.annotate(seats_blocked=Count("seats", filter=Q(seats__is_blocked=True))))
    ids = [launch.pk for launch in launches]
    counts: dict[int, dict[str, int]] = {}
    claims = (
        SeatClaim.objects.filter(launch_id__in=ids).order_by().values("launch_id", "status").annotate(n=Count("pk"))
    )
    for row in claims:
        counts.setdefault(row["launch_id"], {})[row["status"]] = row["n"]
    return [_record(launch, counts.get(launch.pk, {})) for launch in launches]


def _record(launch: Any, counts: dict[str, int]) -> OfferRecord:
    taken = sum(counts.get(status, 0) for status in LIVE_CLAIMS)
    total = launch.seats_on_sale - launch.seats_blocked
    supplier, rocket, spaceport, destination = launch.supplier, launch.rocket, launch.spaceport, launch.destination
    return OfferRecord(
        launch_id=launch.pk,
        version=launch.version + sum(_STAGE[ClaimStatus(status)] * n for status, n in counts.items()),
        launch_version=launch.version,
        slug=launch.slug,
        title=launch.title,
        mission_name=launch.mission_name,
        description=launch.description,
        supplier=OfferSupplier(slug=supplier.slug, trade_name=supplier.trade_name, description=supplier.description),
        rocket=OfferRocket(name=rocket.name, range=rocket.range, description=rocket.description),
        spaceport=OfferSpaceport(
            code=spaceport.code, name=spaceport.name, country=spaceport.country, time_zone=spaceport.time_zone
        ),
        destination=OfferDestination(
            code=destination.code,
            name=destination.name,
            description=destination.description,
            required_range=destination.required_range,
        ),
        departure_at=launch.departure_at,
        departure_precision=launch.departure_precision,
        price_amount=launch.price_amount,
        price_currency=launch.price_currency,
        seats_total=total,
        seats_left=max(total - taken, 0),
        status=launch.status,
        reason=launch.reason,
        policy=tuple(
            PolicyTier(months_before=tier["months"], refund_percent=tier["percent"])
            for tier in launch.cancellation_policy.tiers
        ),
        updated_at=launch.updated_at,
    )


def _of_ids(launch_ids: Collection[int]) -> list[OfferRecord]:
    return offers_of(launch_ids=launch_ids)


_offers: Copies[OfferRecord] = Copies(
    stored=Stored(Offers),
    built=Built(_of_ids, key=lambda offer: offer.launch_id),
    version=lambda offer: offer.launch_version,  # everything that is shown of it, for the seats come with the rows
    remembered=1_000,
)
forget = _offers.forget
