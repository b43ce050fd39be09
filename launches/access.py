"""Who may see and change which launches."""

from typing import TYPE_CHECKING

from accounts.enums import EmployeeRole, UserKind
from common.errors import Forbidden, NotFound
from launches import errors
from launches.enums import MemberRole, SupplierStatus
from launches.models import Launch, LaunchQuerySet, Supplier, SupplierMember

if TYPE_CHECKING:
    from accounts.models import User

CHANGING_MEMBERS = frozenset({MemberRole.OWNER, MemberRole.OPERATOR})
CHANGING_EMPLOYEES = frozenset({EmployeeRole.SUPPORT, EmployeeRole.ADMIN})


def membership_of(actor: "User") -> SupplierMember:
    """Return the actor's place in a supplier, with the supplier. Raises: NotASupplierMember."""
    member = SupplierMember.objects.select_related("supplier").filter(user_id=actor.pk).first()
    if actor.kind != UserKind.SUPPLIER or member is None:
        raise errors.NotASupplierMember
    return member


def supplier_of(actor: "User") -> Supplier:
    """Return the supplier the actor works for. Raises: NotASupplierMember."""
    return membership_of(actor).supplier


def launches_of(actor: "User") -> LaunchQuerySet:
    """
    Return the launches the actor may see behind the scenes: a member's own supplier's, an employee's all.

    Raises: NotASupplierMember for everybody else.
    """
    if actor.kind == UserKind.EMPLOYEE:
        return Launch.objects.all()
    return Launch.objects.filter(supplier=supplier_of(actor))


def require_change(actor: "User | None", supplier_id: int, *, not_found: type[NotFound]) -> None:
    """
    Let the owner and operators of the supplier pass, support and admins of ours, and jobs and commands (no actor).

    Raises: RoleForbids for the supplier's other members and our other employees, `not_found` for another supplier's
        members, NotASupplierMember for customers.
    """
    if actor is None:
        return
    if actor.kind == UserKind.EMPLOYEE:
        if actor.employee_role not in CHANGING_EMPLOYEES:
            raise errors.RoleForbids(role=actor.get_employee_role_display())
        return
    member = membership_of(actor)
    if member.supplier_id != supplier_id:
        raise not_found
    if member.role not in CHANGING_MEMBERS:
        raise errors.RoleForbids(role=member.get_role_display().lower())


def require_employee(actor: "User | None") -> None:
    """Let support and admins pass, and jobs and commands (no actor). Raises: RoleForbids, NotASupplierMember."""
    if actor is None:
        return
    if actor.kind != UserKind.EMPLOYEE:
        raise Forbidden("Only employees of Astro Bookings can do this.")
    if actor.employee_role not in CHANGING_EMPLOYEES:
        raise errors.RoleForbids(
            f"Your role ({actor.get_employee_role_display()}) may not do this; support and admins may."
        )


def require_approved(supplier: Supplier) -> None:
    """Raises: SupplierNotApproved."""
    if supplier.status != SupplierStatus.APPROVED:
        raise errors.SupplierNotApproved(supplier=supplier.trade_name)
