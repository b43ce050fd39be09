"""Single launches: what everybody may know, and what selling needs to know."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from launches import errors
from launches.enums import LaunchStatus, SupplierStatus
from launches.models import (
    Launch,
    LaunchHistory,
    LaunchSeat,
    LaunchSlug,
)
from launches.selectors.catalogue import words_clean


@dataclass(frozen=True, kw_only=True)
class LaunchGround:
    """What a launch's page asks of PostgreSQL; its offer says the rest."""

    id: int
    version: int
    slug: str
    is_old_address: bool
    is_on_sale: bool
    departure_at: datetime

    def sells_at(self, now: datetime) -> bool:
        """Tell whether seats may be sold at an instant: on sale, and the departure lies ahead."""
        return self.is_on_sale and self.departure_at > now


def launch_ground(*, slug: str) -> LaunchGround:
    """
    Find a published launch by its address, also by one it had before. Raises: LaunchNotFound. One query, two for an
    old address.
    """
    rows = Launch.objects.exclude(status=LaunchStatus.DRAFT).select_related("supplier")
    rows = rows.only("version", "slug", "status", "departure_at", "supplier__status")
    slug = words_clean(slug)
    launch = rows.filter(slug=slug).first()
    if launch is None:
        launch = rows.filter(pk__in=LaunchSlug.objects.filter(slug=slug).values("launch_id")).first()
    if launch is None:
        raise errors.LaunchNotFound
    return LaunchGround(
        id=launch.pk,
        version=launch.version,
        slug=launch.slug,
        is_old_address=launch.slug != slug,
        is_on_sale=launch.is_on_sale and launch.supplier.status == SupplierStatus.APPROVED,
        departure_at=launch.departure_at,
    )


def departure_before(*, launch_id: int) -> tuple[datetime, str] | None:
    """Return the departure and its precision that the latest change of date replaced; None when it never moved."""
    rows = LaunchHistory.objects.filter(launch_id=launch_id, field__in=("departure_at", "departure_precision"))
    latest = list(rows.order_by("-changed_at", "field")[:2])
    if not latest or latest[0].field != "departure_at":
        return None
    is_coarser = len(latest) > 1 and latest[1].changed_at == latest[0].changed_at
    if is_coarser:
        precision = latest[1].old_value
    else:
        precision = str(Launch.objects.values_list("departure_precision", flat=True).get(pk=launch_id))
    return datetime.fromisoformat(latest[0].old_value), precision


def launch_seats(*, launch_id: int) -> list[LaunchSeat]:
    """Return a launch's seats, from the nose backwards and from left to right, withdrawn ones too (`is_blocked`)."""
    return list(LaunchSeat.objects.filter(launch_id=launch_id).order_by("row", "column", "id"))


@dataclass(frozen=True, kw_only=True)
class LaunchBrief:
    """
    What selling needs to know of a launch.

    is_on_sale: by its status, and its supplier may sell; whether it has departed, the caller compares with now.
    policy_tiers: [{"months": 12, "percent": 90}, ...], longest first.
    """

    id: int
    supplier_id: int
    status: str
    is_on_sale: bool
    departure_at: datetime
    departure_precision: str
    time_zone: str
    price_amount: Decimal
    price_currency: str
    policy_tiers: list[dict[str, int]]
    version: int

    @property
    def is_off(self) -> bool:
        """Whether it was aborted or failed: everybody gets everything back."""
        return self.status in (LaunchStatus.ABORTED, LaunchStatus.FAILED)

    def sells_at(self, now: datetime) -> bool:
        """Tell whether seats may be sold at an instant: on sale, and the departure lies ahead."""
        return self.is_on_sale and self.departure_at > now


def launch_brief(*, launch_id: int) -> LaunchBrief:
    """Return the brief, in one query. Raises: LaunchNotFound."""
    rows = Launch.objects.select_related("supplier", "spaceport", "cancellation_policy")
    launch = rows.filter(pk=launch_id).first()
    if launch is None:
        raise errors.LaunchNotFound
    return LaunchBrief(
        id=launch.pk,
        supplier_id=launch.supplier_id,
        status=launch.status,
        is_on_sale=launch.is_on_sale and launch.supplier.status == SupplierStatus.APPROVED,
        departure_at=launch.departure_at,
        departure_precision=launch.departure_precision,
        time_zone=launch.spaceport.time_zone,
        price_amount=launch.price_amount,
        price_currency=launch.price_currency,
        policy_tiers=launch.cancellation_policy.tiers,
        version=launch.version,
    )


def launch_get(*, launch_id: int) -> Launch:
    """Return any launch with its names, for handlers and jobs that show it to nobody. Raises: LaunchNotFound."""
    launch = Launch.objects.with_names().select_related("cancellation_policy").filter(pk=launch_id).first()
    if launch is None:
        raise errors.LaunchNotFound
    return launch


def launches_published() -> QuerySet[Launch]:
    """Return every launch that customers may know of (no drafts), with names and policy, by id; for offers."""
    rows = Launch.objects.exclude(status=LaunchStatus.DRAFT)
    return rows.with_names().select_related("cancellation_policy").order_by("id")


def has_launches() -> bool:
    """Tell whether there is any launch yet."""
    return Launch.objects.exists()
