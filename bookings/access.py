"""Who may see which bookings."""

from typing import TYPE_CHECKING

from django.db.models import Q

from common.errors import Forbidden

if TYPE_CHECKING:
    from accounts.models import User


def employee_check(actor: "User") -> None:
    """Let employees through. Raises: Forbidden."""
    if not actor.is_active or actor.kind != "employee":
        raise Forbidden


def of_supplier(actor: "User") -> Q:
    """Narrow bookings to those on launches of the actor's own supplier."""
    return Q(launch__supplier__members__user=actor, launch__supplier__members__user__kind="supplier")


def changeable_by(actor: "User") -> Q:
    """Narrow bookings to those whose passengers the actor may change: one's own; for support and admins, all."""
    if not actor.is_active:
        raise Forbidden
    if actor.kind == "employee":
        if actor.employee_role not in ("support", "admin"):
            raise Forbidden("Your role may look at this but not change it. Support and admins may.")
        return Q()
    return Q(customer=actor)
