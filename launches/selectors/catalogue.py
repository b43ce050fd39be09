"""The catalogue: what is on sale, narrowed and sorted as a reader asks."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from launches.enums import ON_SALE
from launches.models import (
    Destination,
    Launch,
    Spaceport,
    Supplier,
)

if TYPE_CHECKING:
    pass

# What a reader may sort by -> the columns; each ends in a unique one.
SORTS: dict[str, tuple[str, ...]] = {
    "departure": ("departure_at", "id"),
    "-departure": ("-departure_at", "-id"),
    "price": ("price_amount", "departure_at", "id"),
    "-price": ("-price_amount", "departure_at", "id"),
}


@dataclass(frozen=True, kw_only=True)
class CatalogueFilters:
    """
    How a reader narrows the catalogue; what is empty narrows nothing.

    destination, spaceport and supplier are their codes (slugs), range one of launches.enums.Range (what the destination
    needs), dates are inclusive and of the departure in UTC, price_max is a seat's.
    """

    text: str = ""
    destination: str = ""
    spaceport: str = ""
    supplier: str = ""
    range: str = ""
    date_from: date | None = None
    date_to: date | None = None
    price_max: Decimal | None = None


def catalogue(*, filters: CatalogueFilters, now: datetime) -> QuerySet[Launch]:
    """Return launches on sale that depart after now, with their names, in no order; see SORTS."""
    rows = Launch.objects.on_sale().with_names().filter(departure_at__gt=now)
    return narrowed(rows, filters)


def narrowed(rows: QuerySet[Launch], filters: CatalogueFilters) -> QuerySet[Launch]:
    """Narrow launches as a reader asks; at most eight words are looked for."""
    for word in words_clean(filters.text).split()[:8]:
        rows = rows.filter(
            Q(mission_name__icontains=word)
            | Q(rocket__name__icontains=word)
            | Q(destination__name__icontains=word)
            | Q(spaceport__name__icontains=word)
            | Q(supplier__trade_name__icontains=word)
        )
    exact = {
        "destination__code": words_clean(filters.destination),
        "spaceport__code": words_clean(filters.spaceport),
        "supplier__slug": words_clean(filters.supplier),
        "destination__required_range": words_clean(filters.range),
    }
    rows = rows.filter(**{field: value for field, value in exact.items() if value})
    if filters.date_from:
        rows = rows.filter(departure_at__gte=datetime.combine(filters.date_from, time(), UTC))
    if filters.date_to and filters.date_to < date.max:
        rows = rows.filter(departure_at__lt=datetime.combine(filters.date_to + timedelta(days=1), time(), UTC))
    if filters.price_max is not None and filters.price_max.is_finite():
        rows = rows.filter(price_amount__lte=filters.price_max)
    return rows


def words_clean(text: str) -> str:
    """PostgreSQL texts cannot hold NUL."""
    return text.replace("\0", "").strip()[:200]


def destinations_on_sale(*, now: datetime) -> list[Destination]:
    """Return destinations that some launch on sale goes to, by name."""
    return list(Destination.objects.filter(Exists(_on_sale(now, destination=OuterRef("pk")))).order_by("name", "id"))


def spaceports_on_sale(*, now: datetime) -> list[Spaceport]:
    """Return spaceports that some launch on sale leaves from, by name."""
    return list(Spaceport.objects.filter(Exists(_on_sale(now, spaceport=OuterRef("pk")))).order_by("name", "id"))


def suppliers_on_sale(*, now: datetime) -> list[Supplier]:
    """Return suppliers that have a launch on sale, by name."""
    rows = Supplier.objects.filter(Exists(_on_sale(now, supplier=OuterRef("pk"))))
    return list(rows.order_by("trade_name", "id"))


def _on_sale(now: datetime, **of: Any) -> QuerySet[Launch]:
    return Launch.objects.on_sale().filter(departure_at__gt=now, **of)


def statuses_on_sale() -> tuple[str, ...]:
    """Return the statuses that sell seats."""
    return tuple(str(status) for status in ON_SALE)
