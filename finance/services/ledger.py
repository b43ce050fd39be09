"""
Writing to the ledger: a movement and its entries in one statement, once a source. docs/ledger.md has the accounts.

Each post belongs to the transaction of what it tells of. The database itself refuses a movement that does not balance
and any change of what is written (migration 0004); what was wrong is made good by a movement of kind `repair`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db import connection

from common.postgres import statements
from finance.enums import Account, MovementKind, RefundCause

if TYPE_CHECKING:
    from finance.models import Payment, Refund

LATE_KEY = "late:"  # how the dedupe key of a refund begins whose money came too late for its seats
BY_HAND = "manual:"  # how the reference of a refund begins that an employee paid outside the gateway


class Line(NamedTuple):
    """One side of a movement: positive amounts debit, negative ones credit."""

    account: str
    amount: Decimal
    launch_id: int | None = None


# The supplier is the launch's, so that the two can never contradict each other. It is read here because this statement
# runs with every sale, and another question to the database would cost more than the whole of it.
_POST = """
WITH movement AS (
    INSERT INTO finance_ledgermovement (kind, source, currency, booking_id, note, occurred_at)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (source) DO NOTHING
    RETURNING id, currency
)
INSERT INTO finance_ledgerentry (movement_id, account, amount, currency, launch_id, supplier_id)
SELECT movement.id, line.account, line.amount, movement.currency, line.launch_id,
       (SELECT launch.supplier_id FROM launches_launch launch WHERE launch.id = line.launch_id)
FROM movement, unnest(%s::text[], %s::numeric[], %s::bigint[]) AS line (account, amount, launch_id)
RETURNING id
"""


def movement_post(
    *,
    kind: str,
    source: str,
    currency: str,
    lines: Sequence[Line],
    occurred_at: datetime,
    booking_id: int | None = None,
    note: str = "",
) -> bool:
    """
    Add a movement, once a source; one statement, in the transaction of its cause.

    Args:
        source: what caused it, "charge:<payment id>"; the same again adds nothing.
        lines: two or more that sum to zero; the database refuses others when the transaction commits.
    Returns: whether it is new.
    Raises: RuntimeError outside a transaction.
    """
    return bool(_post(kind, source, currency, lines, occurred_at, booking_id, note)())


def _post(
    kind: str,
    source: str,
    currency: str,
    lines: Sequence[Line],
    occurred_at: datetime,
    booking_id: int | None = None,
    note: str = "",
) -> Callable[[], list[Any]]:
    if not connection.in_atomic_block:
        raise RuntimeError("A movement belongs to the transaction of its cause.")
    accounts, amounts, launches = ([line[place] for line in lines] for place in range(3))
    values = [kind, source, currency, booking_id, note, occurred_at, accounts, amounts, launches]
    return statements.later(_POST, values)


def charge_post(*, payment: "Payment", is_seated: bool, now: datetime) -> None:
    """
    Book money that came in: for a launch's supplier, or, when it bought no seats, to be given back.

    It runs with every sale and asks for no answer, so after `together` it waits for none.
    """
    launch_id = None
    if is_seated:
        rebooking = payment.rebooking if payment.rebooking_id else None
        launch_id = rebooking.to_launch_id if rebooking else payment.booking.launch_id
    lines = charge_lines(amount=payment.amount, launch_id=launch_id)
    _post(MovementKind.CHARGE, f"charge:{payment.pk}", payment.currency, lines, now, payment.booking_id)


def charge_lines(*, amount: Decimal, launch_id: int | None) -> list[Line]:
    """Say the two sides of a charge."""
    owed_to = Account.CUSTOMERS if launch_id is None else Account.SUPPLIERS
    return [Line(Account.GATEWAY, amount), Line(owed_to, -amount, launch_id)]


def refund_post(*, refund: "Refund", launch_id: int, now: datetime) -> bool:
    """
    Book money owed back, borne by the supplier, or by us as goodwill.

    What goes back because it came too late was owed to the customer from the start: nothing is added for it.
    """
    if refund.dedupe_key.startswith(LATE_KEY):
        return False
    return movement_post(
        kind=MovementKind.REFUND,
        source=f"refund:{refund.pk}",
        currency=refund.currency,
        lines=refund_lines(amount=refund.amount, launch_id=launch_id, cause=refund.cause),
        occurred_at=now,
        booking_id=refund.booking_id,
    )


def refund_lines(*, amount: Decimal, launch_id: int, cause: str) -> list[Line]:
    """Say the two sides of a refund."""
    borne_by = Account.GOODWILL if cause == RefundCause.GOODWILL else Account.SUPPLIERS
    return [Line(borne_by, amount, launch_id), Line(Account.CUSTOMERS, -amount)]


def refund_paid_post(*, refund: "Refund", now: datetime) -> bool:
    """Book that a refund was paid: by the gateway, or by hand from the bank."""
    paid_from = Account.BANK if refund.gateway_reference.startswith(BY_HAND) else Account.GATEWAY
    return movement_post(
        kind=MovementKind.REFUND_PAID,
        source=f"refund_paid:{refund.pk}",
        currency=refund.currency,
        lines=[Line(Account.CUSTOMERS, refund.amount), Line(paid_from, -refund.amount)],
        occurred_at=now,
        booking_id=refund.booking_id,
    )


def transfer_post(
    *,
    rebooking_id: UUID | str,
    booking_id: int,
    from_launch_id: int,
    to_launch_id: int,
    amount: Decimal,
    currency: str,
    now: datetime,
) -> bool:
    """Book that a booking's money follows it to another launch: the old price; a difference is a charge or refund."""
    if not amount:
        return False
    return movement_post(
        kind=MovementKind.TRANSFER,
        source=f"transfer:{rebooking_id}",
        currency=currency,
        lines=[Line(Account.SUPPLIERS, amount, from_launch_id), Line(Account.SUPPLIERS, -amount, to_launch_id)],
        occurred_at=now,
        booking_id=booking_id,
    )


def fee_post(*, launch_id: int, amount: Decimal, currency: str, now: datetime) -> bool:
    """Book our fee of a launch, kept from what its supplier is owed."""
    return movement_post(
        kind=MovementKind.FEE,
        source=f"fee:{launch_id}",
        currency=currency,
        lines=[Line(Account.SUPPLIERS, amount, launch_id), Line(Account.FEES, -amount, launch_id)],
        occurred_at=now,
    )


def payout_post(*, statement_id: int, launch_id: int, amount: Decimal, currency: str, now: datetime) -> bool:
    """Book that a statement's payout left our bank account."""
    return movement_post(
        kind=MovementKind.PAYOUT,
        source=f"payout:{statement_id}",
        currency=currency,
        lines=[Line(Account.SUPPLIERS, amount, launch_id), Line(Account.BANK, -amount)],
        occurred_at=now,
    )


def receipt_post(*, receipt_id: int, launch_id: int, amount: Decimal, currency: str, now: datetime) -> bool:
    """Book money that a supplier paid for an invoice that no payout could be kept for (an aborted launch's)."""
    return movement_post(
        kind=MovementKind.RECEIPT,
        source=f"receipt:{receipt_id}",
        currency=currency,
        lines=[Line(Account.BANK, amount), Line(Account.SUPPLIERS, -amount, launch_id)],
        occurred_at=now,
    )


def repair_post(
    *,
    subject: str,
    number: int,
    currency: str,
    lines: Sequence[Line],
    note: str,
    now: datetime,
    booking_id: int | None = None,
) -> bool:
    """
    Add what makes a wrong movement right; nothing that is written is touched.

    Args:
        subject: the source that it corrects, or "gateway:<reference>" for what happened at the gateway alone.
        number: 1 for the first repair of this subject.
    """
    return movement_post(
        kind=MovementKind.REPAIR,
        source=f"repair:{subject}:{number}",
        currency=currency,
        lines=lines,
        occurred_at=now,
        booking_id=booking_id,
        note=note[:200],
    )
