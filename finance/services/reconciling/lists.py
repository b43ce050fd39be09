"""
What a gateway has, beside what we have, in one database: its list is streamed into temporary tables of the connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection

from finance.gateways.books import Books
from finance.services.reconciling.findings import Report

YOUNG = timedelta(minutes=1)  # younger than this, it is on its way
AROUND = timedelta(hours=1)  # a charge and its row may lie on two sides of midnight
BATCH = 2000

_TABLES = """
CREATE TEMP TABLE money_charge (key text, reference text, amount numeric, currency text, is_collected boolean,
    created_at timestamptz);
CREATE TEMP TABLE money_refund (key text, reference text, charge_reference text, amount numeric, currency text,
    is_paid boolean, created_at timestamptz);
"""
# What a repair booked for something that only the gateway knows counts as known; see gateways._book.
_CHARGES = """
WITH booked AS (
    SELECT split_part(m.source, ':', 3) AS payment_id, sum(e.amount) AS amount
    FROM finance_ledgermovement m JOIN finance_ledgerentry e ON e.movement_id = m.id
    WHERE m.kind = 'repair' AND m.source LIKE 'repair:gateway:%%' AND e.account = 'gateway' GROUP BY 1
)
SELECT c.key, c.reference, c.amount, c.currency, p.id, p.status, p.amount + coalesce(k.amount, 0), p.currency
FROM money_charge c
LEFT JOIN finance_payment p ON p.id::text = c.key AND p.gateway = %(gateway)s
LEFT JOIN booked k ON k.payment_id = c.key
WHERE c.is_collected AND c.created_at < %(before)s
  AND (p.id IS NULL OR p.status NOT IN ('succeeded', 'late') OR p.currency <> c.currency
       OR p.amount + coalesce(k.amount, 0) <> c.amount)
ORDER BY c.reference
"""
_PAYMENTS = """
SELECT p.id FROM finance_payment p
WHERE p.gateway = %(gateway)s AND p.status IN ('succeeded', 'late') AND p.created_at < %(before)s
  AND (%(since)s::timestamptz IS NULL OR p.created_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR p.created_at < %(until)s)
  AND NOT EXISTS (SELECT 1 FROM money_charge c WHERE c.key = p.id::text AND c.is_collected)
ORDER BY p.id
"""
_REFUNDS = """
SELECT c.reference, c.charge_reference, c.amount, c.currency, r.id, r.status, r.gateway_reference, r.amount
FROM money_refund c
LEFT JOIN finance_refund r ON r.id::text = left(c.key, 36)
WHERE c.is_paid AND c.created_at < %(before)s
  AND (r.id IS NULL OR r.status <> 'succeeded' OR r.gateway_reference <> c.reference OR r.amount <> c.amount)
  AND NOT EXISTS (SELECT 1 FROM finance_ledgermovement m WHERE m.source = 'repair:gateway:' || c.reference || ':1')
ORDER BY c.reference
"""
_SENT = """
SELECT r.id FROM finance_refund r JOIN finance_payment p ON p.id = r.payment_id
WHERE p.gateway = %(gateway)s AND r.status = 'succeeded' AND r.settled_at < %(before)s
  AND r.gateway_reference NOT LIKE 'manual:%%'
  AND (%(since)s::timestamptz IS NULL OR r.settled_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR r.settled_at < %(until)s)
  AND NOT EXISTS (SELECT 1 FROM money_refund c WHERE c.reference = r.gateway_reference AND c.is_paid)
ORDER BY r.id
"""


@contextmanager
def listed(report: Report, books: Books) -> Iterator[None]:
    """Keep the gateway's list in temporary tables for a while."""
    since, until = _period(report)
    around = {"since": since and since - AROUND, "until": until and until + AROUND}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
    try:
        report.looked_at += _copy("money_charge", books.charges_list(**around))
        report.looked_at += _copy("money_refund", books.refunds_list(**around))
        with connection.cursor() as cursor:
            cursor.execute("CREATE INDEX ON money_charge (key); CREATE INDEX ON money_refund (reference)")
            cursor.execute("ANALYZE money_charge; ANALYZE money_refund")
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE money_charge, money_refund")


def _copy(table: str, records: Iterator[Any]) -> int:
    """Copy records in batches: the sandbox's come over the very connection that a copy keeps to itself."""
    count = 0
    while batch := list(islice(records, BATCH)):
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for record in batch:
                copy.write_row(tuple(vars(record).values()))
        count += len(batch)
    return count


def _period(report: Report) -> tuple[datetime | None, datetime | None]:
    if report.day is None:
        return None, None
    since = datetime(report.day.year, report.day.month, report.day.day, tzinfo=UTC)
    return since, since + timedelta(days=1)


def charges_differing(report: Report, books: Books) -> list[Any]:
    """Return what the gateway collected and we do not know so: its facts, then our payment's."""
    return _rows(_CHARGES, _values(report, books))


def payments_unheard(report: Report, books: Books) -> list[Any]:
    """Return the ids of our payments that the list lacks."""
    return _rows(_PAYMENTS, _values(report, books))


def refunds_differing(report: Report, books: Books) -> list[Any]:
    """Return what the gateway paid back and we do not know so: reference, its charge, amount, our refund's facts."""
    return _rows(_REFUNDS, _values(report, books))


def refunds_unsent(report: Report, books: Books) -> list[Any]:
    """Return the ids of our refunds that the list lacks."""
    return _rows(_SENT, _values(report, books))


def _values(report: Report, books: Books) -> dict[str, Any]:
    since, until = _period(report)
    return {"gateway": books.name, "before": report.now - YOUNG, "since": since, "until": until}


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
