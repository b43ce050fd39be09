"""How long `reconcile_money` takes over many bookings, and how much memory: `python -m bench.reconcile_money`."""

import logging
import os
import resource
import sys
import time
from typing import Any

BOOKINGS = 100_000
LAUNCHES = 100
MISSING_EVERY = 1000  # one charge in so many is not in the ledger, in the second figure

# One in ten is cancelled, with nine tenths refunded. What no comparison reads (seats, passengers) is left out.
SEED = """
CREATE TEMP TABLE seed AS SELECT n, gen_random_uuid() AS hold_id, gen_random_uuid() AS payment_id,
    gen_random_uuid() AS refund_id, n %% 10 = 0 AS is_cancelled, now() - interval '1 day' AS at,
    (%(launches)s::bigint[])[1 + n %% cardinality(%(launches)s::bigint[])] AS launch_id
    FROM generate_series(1, %(count)s) AS n;
INSERT INTO bookings_hold (id, customer_id, launch_id, status, purpose, price_amount, price_currency, address_key,
    created_at, expires_at)
  SELECT hold_id, %(customer)s, launch_id, 'sold', 'sale', 250000, 'USD', '', at, at + interval '15 minutes' FROM seed;
INSERT INTO bookings_booking (id, reference, customer_id, launch_id, hold_id, status, price_amount, price_currency,
    refund_amount, leg, policy_tiers, cancel_cause, version, created_at, confirmed_at, cancelled_at)
  SELECT n, lpad(to_hex(n), 6, '0'), %(customer)s, launch_id, hold_id,
         CASE WHEN is_cancelled THEN 'cancelled' ELSE 'confirmed' END, 250000, 'USD',
         CASE WHEN is_cancelled THEN 225000 ELSE 0 END, 1, '[]', CASE WHEN is_cancelled THEN 'customer' ELSE '' END, 1,
         at, at, CASE WHEN is_cancelled THEN at END
  FROM seed;
INSERT INTO bookings_bookinghistory (booking_id, changed_at, origin, old_status, new_status, reason)
  SELECT n, at, 'api', 'pending', 'confirmed', '' FROM seed
  UNION ALL SELECT n, at, 'api', 'confirmed', 'cancelled', '' FROM seed WHERE is_cancelled;
INSERT INTO finance_payment (id, booking_id, gateway, gateway_reference, amount, currency, status, card_brand,
    card_last4, decline_reason, created_at, settled_at, attempts)
  SELECT payment_id, n, 'sandbox', 'sb_' || n, 250000, 'USD', 'succeeded', '', '4242', '', at, at, 0 FROM seed;
INSERT INTO finance_sandboxcharge (key, reference, amount, currency, outcome, decline_reason, card_last4,
    is_refundable, callback_url, created_at)
  SELECT payment_id, 'sb_' || n, 250000, 'USD', 'succeeded', '', '4242', true, '', at FROM seed;
INSERT INTO finance_refund (id, payment_id, booking_id, amount, currency, cause, status, dedupe_key,
    gateway_reference, attempts, latest_error, created_at, settled_at)
  SELECT refund_id, payment_id, n, 225000, 'USD', 'customer', 'succeeded', 'cancellation:' || n, 'sr_' || n, 0, '',
         at, at FROM seed WHERE is_cancelled;
INSERT INTO finance_sandboxrefund (key, charge_id, reference, amount, created_at)
  SELECT s.refund_id, c.id, 'sr_' || s.n, 225000, s.at
  FROM seed s JOIN finance_sandboxcharge c ON c.reference = 'sb_' || s.n WHERE s.is_cancelled;
INSERT INTO finance_invoice (kind, series, year, number, booking_id, customer_id, launch_id, supplier_id, leg,
    tax_percent, tax_amount, paid_amount, amount, currency, lines, issued_on, due_on, status)
  SELECT 'customer', 'C', 2020, n, n, %(customer)s, launch_id, %(supplier)s, 1, 0, 0, 250000, 250000, 'USD', '[]',
         at::date, at::date, 'paid' FROM seed;
INSERT INTO finance_invoice (kind, series, year, number, booking_id, customer_id, launch_id, supplier_id, leg,
    tax_percent, tax_amount, paid_amount, amount, currency, lines, issued_on, due_on, status, corrects_id)
  SELECT 'credit_note', 'CN', 2020, row_number() OVER (ORDER BY s.n), s.n, %(customer)s, s.launch_id,
         %(supplier)s, 1, 0, 0, 225000, 225000, 'USD', '[]', s.at::date, s.at::date, 'paid', i.id
  FROM seed s JOIN finance_invoice i ON i.booking_id = s.n WHERE s.is_cancelled;
INSERT INTO finance_ledgermovement (kind, source, currency, booking_id, note, occurred_at)
  SELECT 'charge', 'charge:' || payment_id, 'USD', n, '', at FROM seed WHERE n %% %(missing)s <> 0
  UNION ALL SELECT 'refund', 'refund:' || refund_id, 'USD', n, '', at FROM seed WHERE is_cancelled
  UNION ALL SELECT 'refund_paid', 'refund_paid:' || refund_id, 'USD', n, '', at FROM seed WHERE is_cancelled;
INSERT INTO finance_ledgerentry (movement_id, account, amount, currency, launch_id, supplier_id)
  SELECT m.id, side.account, side.amount, 'USD', side.launch_id, CASE WHEN side.launch_id IS NOT NULL THEN %(supplier)s
         END
  FROM finance_ledgermovement m JOIN seed s ON s.n = m.booking_id
  CROSS JOIN LATERAL (VALUES
    ('charge', 'gateway', 250000, NULL), ('charge', 'suppliers', -250000, s.launch_id),
    ('refund', 'suppliers', 225000, s.launch_id), ('refund', 'customers', -225000, NULL),
    ('refund_paid', 'customers', 225000, NULL), ('refund_paid', 'gateway', -225000, NULL)
  ) AS side (kind, account, amount, launch_id) WHERE side.kind = m.kind;
DROP TABLE seed;
"""


def measure(*, bookings: int = BOOKINGS) -> list[tuple[str, str]]:
    """
    Seed an empty database with so many bookings' money and reconcile it twice: with differences to repair, and without.

    Needs Django set up on a scratch database. Returns: rows of a table, what and figure.
    """
    from django.db import connection, transaction  # noqa: PLC0415 - Django is set up by then
    from django.utils import timezone  # noqa: PLC0415 - Django is set up by then

    from bench.seed import Fleet, customers_make  # noqa: PLC0415 - Django is set up by then
    from finance.services import money_reconcile  # noqa: PLC0415 - Django is set up by then

    fleet = Fleet()
    values = {
        "launches": [fleet.launch(1).pk for _ in range(LAUNCHES)],
        "customer": customers_make(1, "money")[0].pk,
        "supplier": fleet.supplier.pk,
        "count": bookings,
        "missing": MISSING_EVERY,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in SEED.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    rows: list[tuple[str, str]] = [("bookings", f"{bookings:,}")]
    before = _memory_mb()
    for title in ("with differences", "without"):
        started = time.perf_counter()
        run = money_reconcile(now=timezone.now())
        took = time.perf_counter() - started
        rows.append((f"reconciled {title}: {run.found:,} found, {run.repaired:,} repaired", f"{took:.1f} s"))
    rows.append(("memory it added", f"{_memory_mb() - before:.0f} MB"))
    return rows


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: list[str]) -> None:
    """Measure on a database of its own and print the table."""
    from bench.site import site  # noqa: PLC0415 - Django is set up by then

    logging.disable(logging.WARNING)  # each difference is a line of the log
    with site() as here:
        os.environ.update(here.env)
        import django  # noqa: PLC0415 - Django is set up by then

        django.setup()
        from django.db import connections  # noqa: PLC0415 - Django is set up by then

        try:
            rows: list[Any] = measure(bookings=int(arguments[0]) if arguments else BOOKINGS)
        finally:
            connections.close_all()
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"{name.ljust(width)}  {figure:>10}")  # noqa: T201 - what it is for


if __name__ == "__main__":
    main(sys.argv[1:])
