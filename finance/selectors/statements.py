"""Reads of suppliers' statements."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from common import keyset
from finance import access, errors
from finance.models import SupplierStatement

if TYPE_CHECKING:
    from accounts.models import User

LATEST_FIRST = ("-issued_at", "-id")


def _statements() -> QuerySet[SupplierStatement]:
    return SupplierStatement.objects.select_related(
        "supplier", "invoice", "launch__rocket", "launch__destination", "launch__spaceport"
    )


def statement_list_for_supplier(*, actor: "User", cursor: str = "", limit: int = 25) -> keyset.Page:
    """List the actor's supplier's statements, the latest first. Raises: NotASupplierMember, MoneyRoleForbids."""
    rows = _statements().filter(supplier_id=access.supplier_of_money_member(actor))
    return keyset.page(rows=rows, order=LATEST_FIRST, cursor=cursor, limit=limit)


def statement_get_for_supplier(*, actor: "User", statement_id: int) -> SupplierStatement:
    """Return one of them. Raises: StatementNotFound (also for others'), NotASupplierMember, MoneyRoleForbids."""
    return _one(_statements().filter(supplier_id=access.supplier_of_money_member(actor)), statement_id)


def statement_told(*, statement_id: int, supplier_id: int) -> SupplierStatement:
    """Return a statement for a message to its supplier. Raises: StatementNotFound, also for another's."""
    return _one(_statements().filter(supplier_id=supplier_id), statement_id)


def statement_list_for_employee(
    *, actor: "User", is_open: bool = False, cursor: str = "", limit: int = 50
) -> keyset.Page:
    """List everybody's statements, the latest first; `is_open`: only those that are not paid out. Raises: Forbidden."""
    access.money_desk_check(actor)
    rows = _statements().filter(paid_out_at=None) if is_open else _statements()
    return keyset.page(rows=rows, order=LATEST_FIRST, cursor=cursor, limit=limit)


def statement_get_for_employee(*, actor: "User", statement_id: int) -> SupplierStatement:
    """Return any statement. Raises: StatementNotFound, Forbidden."""
    access.money_desk_check(actor)
    return _one(_statements(), statement_id)


def statements_open_count() -> int:
    """Count statements that wait for their payout."""
    return SupplierStatement.objects.filter(paid_out_at=None, payout_amount__gt=0).count()


def _one(rows: QuerySet[SupplierStatement], statement_id: int) -> SupplierStatement:
    statement = rows.filter(pk=statement_id).first()
    if statement is None:
        raise errors.StatementNotFound
    return statement
