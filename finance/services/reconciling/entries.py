"""
Payments, refunds and statements against the ledger.

What the ledger should say is computed from the rows by the rules of docs/ledger.md, what it does say is summed from its
entries, repairs included, and PostgreSQL gives back only what differs. The SQL reads bookings' tables: asking row by
row would take a hundred times as long.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection

from common.money import format_money
from finance.enums import MoneyDifference, MovementKind
from finance.models import LedgerMovement
from finance.services import ledger
from finance.services.ledger import Line
from finance.services.reconciling.findings import Finding

# A refund is booked on the launch where the booking was when it was owed; if it moved, any of its launches will do.
_OF_BOOKINGS = """
charge AS (
    SELECT p.*, b.launch_id AS now_on,
           p.status = 'late' OR EXISTS (SELECT 1 FROM finance_refund l WHERE l.dedupe_key = 'late:' || p.id) AS is_late,
           coalesce(
               (SELECT x.to_launch_id FROM bookings_rebooking x WHERE x.id = p.rebooking_id),
               (SELECT x.from_launch_id FROM bookings_rebooking x
                WHERE x.booking_id = b.id AND x.status = 'done' ORDER BY x.leg, x.id LIMIT 1),
               b.launch_id
           ) AS launch_id
    FROM finance_payment p JOIN bookings_booking b ON b.id = p.booking_id
    WHERE p.booking_id = ANY(%(bookings)s) AND p.status IN ('succeeded', 'late')
),
back AS (
    SELECT r.*, coalesce(
        (SELECT e.launch_id
         FROM finance_ledgermovement m JOIN finance_ledgerentry e ON e.movement_id = m.id
         JOIN bookings_rebooking x ON x.booking_id = b.id AND x.status = 'done'
              AND e.launch_id IN (x.from_launch_id, x.to_launch_id)
         WHERE m.source = 'refund:' || r.id LIMIT 1),
        b.launch_id
    ) AS launch_id
    FROM finance_refund r JOIN bookings_booking b ON b.id = r.booking_id
    WHERE r.booking_id = ANY(%(bookings)s)
),
expected (subject, booking_id, happened_at, currency, account, launch_id, amount) AS (
    SELECT 'charge:' || c.id, c.booking_id, c.settled_at, c.currency, side.account, side.launch_id, side.amount
    FROM charge c CROSS JOIN LATERAL (VALUES
        ('gateway', NULL, c.amount),
        (CASE WHEN c.is_late THEN 'customers' ELSE 'suppliers' END,
         CASE WHEN c.is_late THEN NULL ELSE c.launch_id END, -c.amount)
    ) AS side (account, launch_id, amount)
    UNION ALL
    SELECT 'refund:' || r.id, r.booking_id, r.created_at, r.currency, side.account, side.launch_id, side.amount
    FROM back r CROSS JOIN LATERAL (VALUES
        (CASE WHEN r.cause = 'goodwill' THEN 'goodwill' ELSE 'suppliers' END, r.launch_id, r.amount),
        ('customers', NULL, -r.amount)
    ) AS side (account, launch_id, amount)
    WHERE r.dedupe_key NOT LIKE 'late:%%'
    UNION ALL
    SELECT 'refund_paid:' || r.id, r.booking_id, r.settled_at, r.currency, side.account, NULL, side.amount
    FROM back r CROSS JOIN LATERAL (VALUES
        ('customers', r.amount),
        (CASE WHEN r.gateway_reference LIKE 'manual:%%' THEN 'bank' ELSE 'gateway' END, -r.amount)
    ) AS side (account, amount)
    WHERE r.status = 'succeeded'
    UNION ALL
    SELECT 'transfer:' || x.id, x.booking_id, x.done_at, x.currency, 'suppliers', side.launch_id, side.amount
    FROM bookings_rebooking x CROSS JOIN LATERAL (VALUES
        (x.from_launch_id, x.old_price_amount), (x.to_launch_id, -x.old_price_amount)
    ) AS side (launch_id, amount)
    WHERE x.booking_id = ANY(%(bookings)s) AND x.status = 'done' AND x.old_price_amount <> 0
),
movement AS (SELECT * FROM finance_ledgermovement WHERE booking_id = ANY(%(bookings)s))
"""
# Whatever belongs to no booking is looked at here, also a charge or refund of nobody, which nothing explains.
_OF_LAUNCHES = """
expected (subject, booking_id, happened_at, currency, account, launch_id, amount) AS (
    SELECT 'fee:' || i.launch_id, NULL::bigint, i.issued_on::timestamptz, i.currency, side.account, i.launch_id,
           side.amount
    FROM finance_invoice i
    CROSS JOIN LATERAL (VALUES ('suppliers', i.amount), ('fees', -i.amount)) AS side (account, amount)
    WHERE i.kind = 'supplier' AND i.status <> 'cancelled' AND i.amount <> 0
    UNION ALL
    SELECT 'payout:' || s.id, NULL, s.paid_out_at, s.currency, side.account, side.launch_id, side.amount
    FROM finance_supplierstatement s CROSS JOIN LATERAL (VALUES
        ('suppliers', s.launch_id, s.payout_amount), ('bank', NULL, -s.payout_amount)
    ) AS side (account, launch_id, amount)
    WHERE s.paid_out_at IS NOT NULL AND s.payout_amount > 0
    UNION ALL
    SELECT 'receipt:' || r.id, NULL, r.recorded_at, i.currency, side.account, side.launch_id, side.amount
    FROM finance_invoicepayment r JOIN finance_invoice i ON i.id = r.invoice_id CROSS JOIN LATERAL (VALUES
        ('bank', NULL, r.amount), ('suppliers', i.launch_id, -r.amount)
    ) AS side (account, launch_id, amount)
),
movement AS (SELECT * FROM finance_ledgermovement WHERE booking_id IS NULL)
"""
# A repair counts for what it corrects: "repair:charge:<payment id>:2" belongs to "charge:<payment id>".
_DIFFERING = """
, said AS (
    SELECT CASE WHEN m.kind = 'repair' THEN regexp_replace(substr(m.source, 8), ':[0-9]+$', '') ELSE m.source END
           AS subject, m.booking_id, m.occurred_at, e.currency, e.account, e.launch_id, e.amount, m.kind
    FROM movement m JOIN finance_ledgerentry e ON e.movement_id = m.id
),
side AS (
    SELECT subject, booking_id, happened_at, currency, account, launch_id, amount AS expected, 0 AS found,
           false AS is_there
    FROM expected
    UNION ALL
    SELECT subject, booking_id, NULL, currency, account, launch_id, 0, amount, kind <> 'repair'
    FROM said WHERE subject !~ '^(gateway|goodwill):'
),
summed AS (
    SELECT subject, currency, account, launch_id, max(booking_id) AS booking_id, max(happened_at) AS happened_at,
           sum(expected) AS expected, sum(found) AS found, bool_or(is_there) AS is_there
    FROM side GROUP BY subject, currency, account, launch_id
)
SELECT subject, currency, account, launch_id, booking_id, happened_at, expected, found, is_there
FROM summed s
WHERE subject IN (SELECT d.subject FROM summed d WHERE d.expected <> d.found)
ORDER BY subject, currency, account, launch_id
"""
BOOKINGS = "WITH " + _OF_BOOKINGS + _DIFFERING
LAUNCHES = "WITH " + _OF_LAUNCHES + _DIFFERING


class Side(NamedTuple):
    """An account of a subject: what it should come to, and what it comes to."""

    currency: str
    account: str
    launch_id: int | None
    expected: Decimal
    found: Decimal


@dataclass(frozen=True, kw_only=True)
class EntryDifference:
    """A movement that is not as its cause would have it."""

    subject: str
    booking_id: int | None
    happened_at: datetime | None
    is_there: bool
    sides: tuple[Side, ...]

    @property
    def kind(self) -> MoneyDifference:
        """Its class."""
        if not any(side.expected for side in self.sides):
            return MoneyDifference.ENTRY_UNEXPLAINED
        if not self.is_there:
            return MoneyDifference.ENTRY_MISSING
        if self._by_account("expected") == self._by_account("found"):
            return MoneyDifference.WRONG_LAUNCH
        return MoneyDifference.ENTRY_DIFFERS

    def _by_account(self, field: str) -> dict[tuple[str, str], Decimal]:
        sums: dict[tuple[str, str], Decimal] = {}
        for side in self.sides:
            if amount := getattr(side, field):
                key = (side.currency, side.account)
                sums[key] = sums.get(key, Decimal(0)) + amount
        return sums


def differing_of_bookings(booking_ids: Collection[int]) -> list[EntryDifference]:
    """Return the movements of these bookings that are missing, wrong or unexplained."""
    return _differing(BOOKINGS, {"bookings": list(booking_ids)})


def differing_of_launches() -> list[EntryDifference]:
    """Return the fees, payouts and receipts that are missing or wrong, and unexplained movements of no booking."""
    return _differing(LAUNCHES, {})


def _differing(statement: str, values: dict[str, Any]) -> list[EntryDifference]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    return list(_grouped(rows))


def _grouped(rows: list[Any]) -> Iterator[EntryDifference]:
    for subject, group in groupby(rows, key=lambda row: row[0]):
        sides = list(group)
        yield EntryDifference(
            subject=subject,
            booking_id=next((row[4] for row in sides if row[4] is not None), None),
            happened_at=next((row[5] for row in sides if row[5] is not None), None),
            is_there=any(row[8] for row in sides),
            sides=tuple(Side(row[1], row[2], row[3], row[6], row[7]) for row in sides),
        )


def entry_finding(difference: EntryDifference, *, about: str, is_dry_run: bool, now: datetime) -> Finding:
    """
    Say a difference and make it good by a movement more. Needs a transaction.

    Args:
        about: of whom it is: "booking ABC234".
    """
    done, is_repaired = _repair(difference, is_dry_run=is_dry_run, now=now)
    return Finding(
        kind=difference.kind,
        subject=f"{about}, {difference.subject}" if about else difference.subject,
        expected=_said(difference, "expected"),
        found=_said(difference, "found"),
        done=done,
        is_repaired=is_repaired,
    )


def _repair(difference: EntryDifference, *, is_dry_run: bool, now: datetime) -> tuple[str, bool]:
    if difference.kind == MoneyDifference.ENTRY_UNEXPLAINED:
        return "Nothing: no payment, refund or statement explains this movement. Find out who wrote it.", False
    if difference.kind == MoneyDifference.ENTRY_MISSING:
        if is_dry_run:
            return "It would be posted.", False
        if _post_missing(difference, now):
            return "It was posted.", True
        return "Nothing: a movement of this name belongs to something else. Look at the ledger.", False
    if is_dry_run:
        return "A repair would be posted.", False
    number = LedgerMovement.objects.filter(source__startswith=f"repair:{difference.subject}:").count() + 1
    for currency, group in groupby(difference.sides, key=lambda side: side.currency):
        lines = [Line(s.account, s.expected - s.found, s.launch_id) for s in group if s.expected != s.found]
        if not lines:
            continue
        ledger.repair_post(
            subject=difference.subject,
            number=number,
            currency=currency,
            lines=lines,
            note=f"Reconciliation: {difference.kind.label.lower()}",
            now=now,
            booking_id=difference.booking_id,
        )
        number += 1
    return "A repair was posted.", True


def _post_missing(difference: EntryDifference, now: datetime) -> bool:
    lines = [Line(side.account, side.expected, side.launch_id) for side in difference.sides if side.expected]
    lines.sort(key=lambda line: line.amount, reverse=True)  # debit first, as always
    return ledger.movement_post(
        kind=MovementKind(difference.subject.partition(":")[0]),
        source=difference.subject,
        currency=difference.sides[0].currency,
        lines=lines,
        occurred_at=difference.happened_at or now,
        booking_id=difference.booking_id,
        note="Posted by reconciliation",
    )


def _said(difference: EntryDifference, field: str) -> str:
    parts = []
    for side in difference.sides:
        if amount := getattr(side, field):
            where = f" of launch {side.launch_id}" if side.launch_id else ""
            parts.append(f"{side.account}{where} {format_money(amount, side.currency)}")
    return ", ".join(parts) or "nothing"
