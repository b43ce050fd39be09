"""Reads of what is offered. Public ones show what is published; the others take the actor and show what is theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet

from accounts.enums import UserKind
from common.errors import Forbidden
from launches import access, errors, policies
from launches.enums import ON_SALE, LaunchStatus, MemberRole, Range, SupplierStatus
from launches.models import (
    CancellationPolicy,
    Destination,
    Launch,
    LaunchHistory,
    LaunchSeat,
    LaunchSlug,
    Rocket,
    Spaceport,
    Supplier,
    SupplierMember,
)

if TYPE_CHECKING:
    from accounts.models import User

M = TypeVar("M", bound=Model)
# What a reader may sort by -> the columns; each ends in a unique one.
SORTS: dict[str, tuple[str, ...]] = {
    "departure": ("departure_at", "id"),
    "-departure": ("-departure_at", "-id"),
    "price": ("price_amount", "departure_at", "id"),
    "-price": ("-price_amount", "departure_at", "id"),
}


# --- the public ---------------------------------------------------------------------------------------------
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
    return _narrowed(rows, filters)


def _narrowed(rows: QuerySet[Launch], filters: CatalogueFilters) -> QuerySet[Launch]:
    for word in _clean(filters.text).split()[:8]:
        rows = rows.filter(
            Q(mission_name__icontains=word)
            | Q(rocket__name__icontains=word)
            | Q(destination__name__icontains=word)
            | Q(spaceport__name__icontains=word)
            | Q(supplier__trade_name__icontains=word)
        )
    exact = {
        "destination__code": _clean(filters.destination),
        "spaceport__code": _clean(filters.spaceport),
        "supplier__slug": _clean(filters.supplier),
        "destination__required_range": _clean(filters.range),
    }
    rows = rows.filter(**{field: value for field, value in exact.items() if value})
    if filters.date_from:
        rows = rows.filter(departure_at__gte=datetime.combine(filters.date_from, time(), UTC))
    if filters.date_to and filters.date_to < date.max:
        rows = rows.filter(departure_at__lt=datetime.combine(filters.date_to + timedelta(days=1), time(), UTC))
    if filters.price_max is not None and filters.price_max.is_finite():
        rows = rows.filter(price_amount__lte=filters.price_max)
    return rows


def _clean(text: str) -> str:
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


@dataclass(frozen=True, kw_only=True)
class LaunchPage:
    """A launch found by an address; with `is_old_address` the reader is sent to `launch.slug`."""

    launch: Launch
    is_old_address: bool


def launch_get_public(*, slug: str) -> LaunchPage:
    """Find a published launch by its address, also by one it had before. Raises: LaunchNotFound."""
    rows = Launch.objects.with_names().select_related("cancellation_policy").exclude(status=LaunchStatus.DRAFT)
    slug = _clean(slug)
    launch = rows.filter(slug=slug).first()
    if launch is not None:
        return LaunchPage(launch=launch, is_old_address=False)
    launch = rows.filter(pk__in=LaunchSlug.objects.filter(slug=slug).values("launch_id")).first()
    if launch is None:
        raise errors.LaunchNotFound
    return LaunchPage(launch=launch, is_old_address=True)


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
    slug: str
    title: str
    mission_name: str
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
    launch = Launch.objects.with_names().select_related("cancellation_policy").filter(pk=launch_id).first()
    if launch is None:
        raise errors.LaunchNotFound
    return LaunchBrief(
        id=launch.pk,
        supplier_id=launch.supplier_id,
        slug=launch.slug,
        title=launch.title,
        mission_name=launch.mission_name,
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
    """Return every launch that customers may know of (no drafts), with names, by id; for offers."""
    return Launch.objects.exclude(status=LaunchStatus.DRAFT).with_names().order_by("id")


# --- suppliers ----------------------------------------------------------------------------------------------
def supplier_get_own(*, actor: "User") -> Supplier:
    """Return the supplier the actor works for. Raises: NotASupplierMember."""
    return access.supplier_of(actor)


def member_get_own(*, actor: "User") -> SupplierMember:
    """Return the actor's membership, with the supplier. Raises: NotASupplierMember."""
    return access.membership_of(actor)


def may_change_launches(*, actor: "User") -> bool:
    """Tell whether a supplier member may plan and move launches (owners and operators)."""
    return access.membership_of(actor).role in access.CHANGING_MEMBERS


def may_see_money(*, actor: "User") -> bool:
    """Tell whether a supplier member works with money (owners and finance)."""
    return access.membership_of(actor).role in (MemberRole.OWNER, MemberRole.FINANCE)


def launch_list_for_supplier(*, actor: "User", statuses: Sequence[str] = ()) -> QuerySet[Launch]:
    """Return the launches of the actor's supplier, drafts too, with names, in no order. Raises: NotASupplierMember."""
    rows = Launch.objects.filter(supplier=access.supplier_of(actor)).with_names()
    return rows.filter(status__in=statuses) if statuses else rows


def launch_get_for_supplier(*, actor: "User", launch_id: int) -> Launch:
    """Return one of them. Raises: LaunchNotFound (also for another supplier's), NotASupplierMember."""
    launch = launch_list_for_supplier(actor=actor).select_related("cancellation_policy").filter(pk=launch_id).first()
    if launch is None:
        raise errors.LaunchNotFound
    return launch


def launch_history(*, actor: "User", launch_id: int) -> list[LaunchHistory]:
    """Return a launch's changes, latest first, for those who may see it. Raises: LaunchNotFound, NotASupplierMember."""
    if not access.launches_of(actor).filter(pk=launch_id).exists():
        raise errors.LaunchNotFound
    return list(
        LaunchHistory.objects.filter(launch_id=launch_id).select_related("actor").order_by("-changed_at", "-id")
    )


def rocket_list(*, actor: "User") -> QuerySet[Rocket]:
    """Return the rockets of the actor's supplier, by name. Raises: NotASupplierMember."""
    return Rocket.objects.filter(supplier=access.supplier_of(actor)).order_by("name", "id")


def member_user_ids(*, supplier_id: int, roles: Sequence[str] = ()) -> list[int]:
    """Return the users who work for a supplier (in one of the roles); for notifications."""
    rows = SupplierMember.objects.filter(supplier_id=supplier_id)
    return list((rows.filter(role__in=roles) if roles else rows).order_by("pk").values_list("user_id", flat=True))


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A supplier member's place and what the role opens: gate people check in, finance people count money."""

    member: SupplierMember

    @property
    def supplier(self) -> Supplier:
        """The supplier the member works for."""
        return self.member.supplier

    @property
    def may_change(self) -> bool:
        """Whether launches may be planned and moved."""
        return self.member.role in access.CHANGING_MEMBERS

    @property
    def may_see_money(self) -> bool:
        """Whether amounts are shown."""
        return self.member.role in (MemberRole.OWNER, MemberRole.FINANCE)

    @property
    def may_see_manifest(self) -> bool:
        """Whether the passengers' particulars are shown: to those who meet them, not to those who count money."""
        return self.member.role in (MemberRole.OWNER, MemberRole.OPERATOR, MemberRole.GATE)


def desk_get(*, actor: "User") -> Desk:
    """Return the actor's place in a supplier. One query. Raises: NotASupplierMember."""
    return Desk(member=access.membership_of(actor))


def launch_counts_for_supplier(*, supplier_id: int) -> dict[str, int]:
    """Count a supplier's launches by status; the caller has checked who asks."""
    rows = Launch.objects.filter(supplier_id=supplier_id).order_by().values_list("status").annotate(n=Count("pk"))
    return dict(rows)


def moves_possible(*, launch: Launch, now: datetime) -> tuple[str, ...]:
    """Return the statuses that a launch may be given now, in the order of LaunchStatus."""
    has_departed = launch.departure_at <= now
    after_departure = (LaunchStatus.LAUNCHED, LaunchStatus.FAILED)
    return tuple(
        status.value
        for status in LaunchStatus
        if policies.is_move_allowed(launch.status, status)
        and not (status in after_departure and not has_departed)
        and not (status == LaunchStatus.SCHEDULED and has_departed)
    )


def spaceport_list() -> list[Spaceport]:
    """Return all spaceports, by name."""
    return list(Spaceport.objects.order_by("name", "id"))


def destination_list() -> list[Destination]:
    """Return all destinations, by how far they are and by name."""
    return sorted(
        Destination.objects.all(), key=lambda place: (list(Range).index(Range(place.required_range)), place.name)
    )


# --- employees ----------------------------------------------------------------------------------------------
def launch_list_all(
    *, actor: "User", filters: CatalogueFilters | None = None, statuses: Sequence[str] = ()
) -> QuerySet[Launch]:
    """Return launches of everybody in any state, with names, in no order; for employees. Raises: Forbidden."""
    if actor.kind != UserKind.EMPLOYEE:
        raise Forbidden("Only employees of Astro Bookings can see every supplier's launches.")
    rows = Launch.objects.with_names()
    rows = rows.filter(status__in=statuses) if statuses else rows
    return _narrowed(rows, filters) if filters else rows


def launch_get_for_employee(*, actor: "User", launch_id: int) -> Launch:
    """Return any launch. Raises: LaunchNotFound, Forbidden."""
    launch = launch_list_all(actor=actor).select_related("cancellation_policy").filter(pk=launch_id).first()
    if launch is None:
        raise errors.LaunchNotFound
    return launch


def supplier_get(*, supplier_id: int) -> Supplier:
    """Return a supplier. Raises: SupplierNotFound."""
    supplier = Supplier.objects.filter(pk=supplier_id).first()
    if supplier is None:
        raise errors.SupplierNotFound
    return supplier


def supplier_list(*, actor: "User", status: str = "", text: str = "") -> list[Supplier]:
    """Return suppliers with `launches_total`, by name; for employees. Raises: Forbidden."""
    if actor.kind != UserKind.EMPLOYEE:
        raise Forbidden("Only employees of Astro Bookings can see every supplier.")
    rows = Supplier.objects.annotate(launches_total=Count("launches")).order_by("trade_name", "id")
    if status:
        rows = rows.filter(status=status)
    if text := _clean(text):
        rows = rows.filter(
            Q(trade_name__icontains=text) | Q(legal_name__icontains=text) | Q(contact_email__icontains=text)
        )
    return list(rows)


def supplier_find(*, trade_name: str) -> Supplier | None:
    """Return the supplier of that name, if there is one."""
    return Supplier.objects.filter(trade_name=trade_name).first()


def rocket_find(*, supplier_id: int, name: str) -> Rocket | None:
    """Return the supplier's rocket of that name, if there is one."""
    return Rocket.objects.filter(supplier_id=supplier_id, name=name).first()


def spaceport_get(*, code: str) -> Spaceport:
    """Return a spaceport. Raises: PlaceNotFound."""
    return _by_code(Spaceport, code, "spaceport")


def destination_get(*, code: str) -> Destination:
    """Return a destination. Raises: PlaceNotFound."""
    return _by_code(Destination, code, "destination")


def policy_get(*, code: str) -> CancellationPolicy:
    """Return a cancellation policy. Raises: PlaceNotFound."""
    return _by_code(CancellationPolicy, code, "cancellation policy")


def _by_code(model: type[M], code: str, thing: str) -> M:
    row = model._default_manager.filter(code=_clean(code)).first()
    if row is None:
        raise errors.PlaceNotFound(thing=thing)
    return row


def has_launches() -> bool:
    """Tell whether there is any launch yet."""
    return Launch.objects.exists()


def statuses_on_sale() -> tuple[str, ...]:
    """Return the statuses that sell seats."""
    return tuple(str(status) for status in ON_SALE)
