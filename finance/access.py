"""Who may move money by hand."""

from typing import TYPE_CHECKING

from accounts import selectors as account_selectors
from accounts.enums import EmployeeRole
from common.errors import Forbidden
from finance.errors import MoneyRoleForbids
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from accounts.models import User

MONEY_DESK = (EmployeeRole.FINANCE,)
REFUND_DESK = (EmployeeRole.FINANCE,)
GOODWILL_DESK = (EmployeeRole.FINANCE, EmployeeRole.SUPPORT)


def refund_desk_check(actor: "User") -> None:
    """Let finance and admins through. Raises: Forbidden."""
    if not account_selectors.employee_has_role(actor, *REFUND_DESK):
        raise Forbidden


def goodwill_check(actor: "User") -> None:
    """Let finance, support and admins through. Raises: Forbidden."""
    if not account_selectors.employee_has_role(actor, *GOODWILL_DESK):
        raise Forbidden


def money_desk_check(actor: "User") -> None:
    """Let those through who work with invoices, receipts and payouts: finance and admins. Raises: Forbidden."""
    if not account_selectors.employee_has_role(actor, *MONEY_DESK):
        raise Forbidden


def supplier_of_money_member(actor: "User") -> int:
    """Return the supplier whose money the actor works with. Raises: NotASupplierMember, MoneyRoleForbids."""
    desk = launch_selectors.desk_get(actor=actor)
    if not desk.may_see_money:
        raise MoneyRoleForbids
    return desk.supplier.pk
