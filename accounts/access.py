"""Who may do what to an account."""

from typing import Any

from accounts.enums import EmployeeRole, UserKind
from accounts.models import User
from common.errors import Forbidden, InvalidInput


def has_role(user: User, *roles: str) -> bool:
    """Whether the user is an active employee with one of the roles; an admin has them all."""
    return bool(
        user.is_active and user.kind == UserKind.EMPLOYEE and user.employee_role in (*roles, EmployeeRole.ADMIN)
    )


def may_manage_employees(actor: User) -> bool:
    """Only admins make employees and give roles."""
    return has_role(actor)


def check_may_change(actor: User, user: User, changes: dict[str, Any]) -> None:
    """
    Let IT change accounts, but only admins those of employees; nobody shuts themselves out.

    Raises: Forbidden, InvalidInput.
    """
    if not has_role(actor, EmployeeRole.IT):
        raise Forbidden
    if user.kind == UserKind.EMPLOYEE and not may_manage_employees(actor):
        raise Forbidden("Only an admin changes the accounts of employees.")
    if "employee_role" in changes and changes["employee_role"] != user.employee_role:
        if user.kind != UserKind.EMPLOYEE or changes["employee_role"] not in EmployeeRole.values:
            raise InvalidInput(fields={"employee_role": "Only employees have a role, and each has one."})
        if actor.pk == user.pk:
            raise Forbidden("You cannot change your own role; ask another admin.")
    if changes.get("is_active") is False and actor.pk == user.pk:
        raise Forbidden("You cannot deactivate your own account; ask another admin.")
