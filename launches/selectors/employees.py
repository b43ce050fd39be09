"""What employees see, and finders by name or code for commands, imports and the demo."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Count, Model, Q, QuerySet

from accounts.enums import UserKind
from common.errors import Forbidden
from launches import errors
from launches.models import (
    CancellationPolicy,
    Destination,
    Launch,
    Rocket,
    Spaceport,
    Supplier,
)
from launches.selectors.catalogue import CatalogueFilters, narrowed, words_clean

if TYPE_CHECKING:
    from accounts.models import User

M = TypeVar("M", bound=Model)


def launch_list_all(
    *, actor: "User", filters: CatalogueFilters | None = None, statuses: Sequence[str] = ()
) -> QuerySet[Launch]:
    """Return launches of everybody in any state, with names, in no order; for employees. Raises: Forbidden."""
    if actor.kind != UserKind.EMPLOYEE:
        raise Forbidden("Only employees of Astro Bookings can see every supplier's launches.")
    rows = Launch.objects.with_names()
    rows = rows.filter(status__in=statuses) if statuses else rows
    return narrowed(rows, filters) if filters else rows


def launch_get_for_employee(*, actor: "User", launch_id: int) -> Launch:
    """Return any launch. Raises: LaunchNotFound, Forbidden."""
    launch = launch_list_all(actor=actor).select_related("cancellation_policy").filter(pk=launch_id).first()
    if launch is None:
        raise errors.LaunchNotFound
    return launch


def launch_id_of_address(*, actor: "User", slug: str) -> int:
    """Return the id of any launch that has, or had, this address. Raises: LaunchNotFound, Forbidden."""
    rows, slug = launch_list_all(actor=actor), words_clean(slug).lower()
    found = rows.filter(slug=slug).first() or rows.filter(old_slugs__slug=slug).first()
    if found is None:
        raise errors.LaunchNotFound
    return found.pk


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
    if text := words_clean(text):
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
    row = model._default_manager.filter(code=words_clean(code)).first()
    if row is None:
        raise errors.PlaceNotFound(thing=thing)
    return row
