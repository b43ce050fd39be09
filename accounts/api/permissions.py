"""Which callers a view lets in, by kind and role."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import selectors
from accounts.enums import UserKind


class _OfKind(BasePermission):
    kind: UserKind

    def has_permission(self, request: Request, view: Any) -> bool:
        """Compare the caller's kind; nobody signed in is told to sign in (401), others are refused (403)."""
        return getattr(request.user, "kind", None) == self.kind


class IsCustomer(_OfKind):
    """Lets customers in."""

    kind = UserKind.CUSTOMER
    message = "This part of the API is for customers."


class IsSupplierMember(_OfKind):
    """Lets members of suppliers in; which supplier, the services ask."""

    kind = UserKind.SUPPLIER
    message = "This part of the API is for suppliers."


class IsEmployee(_OfKind):
    """Lets every employee in; `IsEmployee.of(...)` only some roles."""

    kind = UserKind.EMPLOYEE
    roles: tuple[str, ...] = ()
    message = "This part of the API is for employees of Astro Bookings."

    @classmethod
    def of(cls, *roles: str) -> type["IsEmployee"]:
        """Return the permission for employees with one of the roles; admins have them all."""
        told = f"Your role does not open this. It is for: {', '.join(map(str, roles))}."
        return type("IsEmployeeOf", (cls,), {"roles": roles, "message": told})

    def has_permission(self, request: Request, view: Any) -> bool:
        """Compare the caller's kind and role."""
        user = request.user
        return bool(user.is_authenticated and selectors.employee_has_role(user, *self.roles))
