"""What a supplier's members see: their own launches, rockets, place and history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet

from launches import access, errors, policies
from launches.enums import LaunchStatus, MemberRole, Range
from launches.models import (
    Destination,
    Launch,
    LaunchHistory,
    LaunchSeat,
    Rocket,
    Spaceport,
    Supplier,
    SupplierMember,
)

if TYPE_CHECKING:
    from accounts.models import User


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


def launch_capacity(*, launch: Launch) -> int:
    """Return how many seats can be on sale at most: what the cabin has to sell, and what is on sale already."""
    cabin = launch.rocket.seats.filter(is_blocked=False).values_list("label", flat=True)
    return len({*cabin, *launch.seats.values_list("label", flat=True)})


def seats_withdrawn(*, launch_ids: Sequence[int]) -> dict[int, int]:
    """Count the seats that suppliers took off sale, by launch; the caller has checked who asks. One query."""
    rows = LaunchSeat.objects.filter(launch_id__in=launch_ids, is_blocked=True).order_by().values_list("launch_id")
    return dict(rows.annotate(n=Count("pk")))


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
