"""Reads of the ledger: balances are sums of entries, never kept numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import F, QuerySet, Sum

from accounts import selectors as account_selectors
from accounts.enums import EmployeeRole
from common.errors import Forbidden
from finance.enums import Account, MovementKind
from finance.models import LedgerEntry

if TYPE_CHECKING:
    from accounts.models import User

READERS = (EmployeeRole.FINANCE,)


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """An entry with what its movement says; positive amounts debit, negative ones credit."""

    occurred_at: datetime
    kind: str
    source: str
    note: str
    account: str
    amount: Decimal
    currency: str
    launch_id: int | None

    @property
    def account_label(self) -> str:
        """The account in words."""
        return Account(self.account).label

    @property
    def kind_label(self) -> str:
        """The movement's kind in words."""
        return MovementKind(self.kind).label


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What an account comes to in a currency."""

    account: str
    currency: str
    amount: Decimal

    @property
    def label(self) -> str:
        """The account in words."""
        return Account(self.account).label


def balance(
    *,
    actor: "User",
    account: str,
    currency: str,
    supplier_id: int | None = None,
    launch_id: int | None = None,
) -> Decimal:
    """
    Return the sum of an account, narrowed to a supplier or launch where one is given; credits are negative.

    Raises: Forbidden.
    """
    rows = _entries(actor).filter(account=account, currency=currency)
    if supplier_id is not None:
        rows = rows.filter(supplier_id=supplier_id)
    if launch_id is not None:
        rows = rows.filter(launch_id=launch_id)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def balances(*, actor: "User") -> list[Balance]:
    """Return every account's sum by currency; together they are zero in each. Raises: Forbidden."""
    rows = _entries(actor).values("account", "currency").annotate(amount=Sum("amount")).order_by("currency", "account")
    return [Balance(**row) for row in rows]


def ledger_of_booking(*, actor: "User", booking_id: int) -> list[LedgerLine]:
    """Return all entries of a booking's movements, the oldest first. Raises: Forbidden."""
    return _lines(_entries(actor).filter(movement__booking_id=booking_id))


def ledger_of_launch(*, actor: "User", launch_id: int) -> list[LedgerLine]:
    """Return all entries on a launch, the oldest first, at most a thousand. Raises: Forbidden."""
    return _lines(_entries(actor).filter(launch_id=launch_id))


def sums_of(lines: Iterable[LedgerLine]) -> list[Balance]:
    """Sum lines by account and currency."""
    sums: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        key = (line.currency, line.account)
        sums[key] = sums.get(key, Decimal(0)) + line.amount
    return [Balance(account=key[1], currency=key[0], amount=amount) for key, amount in sorted(sums.items())]


def launch_balance(*, launch_id: int, currency: str) -> Decimal:
    """
    Return what a launch's supplier is owed for it; positive when we owe.

    For services and for the supplier's own pages, which have found the launch within their view before.
    """
    rows = LedgerEntry.objects.filter(launch_id=launch_id, currency=currency, account=Account.SUPPLIERS)
    return -(rows.aggregate(total=Sum("amount"))["total"] or Decimal(0))


def reader_check(actor: "User") -> None:
    """Let finance and admins through. Raises: Forbidden."""
    if not account_selectors.employee_has_role(actor, *READERS):
        raise Forbidden


def _entries(actor: "User") -> QuerySet[LedgerEntry]:
    reader_check(actor)
    return LedgerEntry.objects.all()


def _lines(rows: QuerySet[LedgerEntry]) -> list[LedgerLine]:
    columns = rows.order_by("pk").values(
        "account",
        "amount",
        "currency",
        "launch_id",
        occurred_at=F("movement__occurred_at"),
        kind=F("movement__kind"),
        source=F("movement__source"),
        note=F("movement__note"),
    )
    return [LedgerLine(**row) for row in columns[:1000]]


_DIGEST = """
    SELECT encode(sha256(convert_to(coalesce(string_agg(
        concat_ws('|', e.id, m.source, m.kind, e.account, e.amount, e.currency), E'\\n' ORDER BY e.id), ''
    ), 'UTF8')), 'hex')
    FROM finance_ledgerentry e JOIN finance_ledgermovement m ON m.id = e.movement_id
"""


def ledger_digest() -> str:
    """Return a SHA-256, in hex, over all entries in their order: two ledgers with the same one agree to the cent."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST)
        return str(cursor.fetchone()[0])
