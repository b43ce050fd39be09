"""Fill the database with sold seats, in plain SQL: what a busy site has after a while."""

from django.db import connection

from bench import seed

SEATS_A_LAUNCH = 500
_FILL = """
WITH seats AS (
  SELECT s.id AS seat, s.launch_id, s.label, gen_random_uuid() AS hold,
    (%(customers)s::bigint[])[1 + s.id %% %(count)s] AS customer
  FROM launches_launchseat s WHERE s.launch_id = ANY(%(launches)s)
), holds AS (
  INSERT INTO bookings_hold (id, customer_id, launch_id, status, purpose, price_amount, price_currency, address_key,
    created_at, expires_at)
  SELECT hold, customer, launch_id, 'sold', 'sale', 250000, 'USD', '', now() - interval '1 day', now() FROM seats
), claims AS (
  INSERT INTO bookings_seatclaim (launch_id, launch_seat_id, customer_id, hold_id, status, held_until, created_at)
  SELECT launch_id, seat, customer, hold, 'sold', now(), now() FROM seats RETURNING id, hold_id
), bookings AS (
  INSERT INTO bookings_booking (reference, customer_id, launch_id, hold_id, status, price_amount, price_currency,
    refund_amount, leg, policy_tiers, cancel_cause, version, created_at, confirmed_at)
  SELECT 'Z' || upper(to_hex(seat)), customer, launch_id, hold, 'confirmed', 250000, 'USD', 0, 1, '[]', '', 2, now(),
    now()
  FROM seats
  RETURNING id, hold_id
), payments AS (
  INSERT INTO finance_payment (id, booking_id, gateway, gateway_reference, amount, currency, status, card_brand,
    card_last4, decline_reason, created_at, settled_at, attempts)
  SELECT gen_random_uuid(), id, 'sandbox', 'v' || id, 250000, 'USD', 'succeeded', '', '4242', '', now(), now(), 0
  FROM bookings
)
INSERT INTO bookings_passenger (booking_id, claim_id, seat_label, full_name, email, phone, birth_date, price_amount,
  refund_amount)
SELECT b.id, c.id, s.label, 'Ada Lovelace', 'ada@bench.example', '+14155550123', '1985-06-15', 250000, 0
FROM seats s JOIN bookings b ON b.hold_id = s.hold JOIN claims c ON c.hold_id = s.hold
"""


def fill(fleet: seed.Fleet, *, seats: int) -> None:
    """Sell so many seats to a thousand customers, on launches of their own."""
    customers = [user.pk for user in seed.customers_make(1000, f"volume{seats}-")]
    for _ in range(seats // SEATS_A_LAUNCH):
        launch = fleet.launch(SEATS_A_LAUNCH)
        with connection.cursor() as cursor:
            cursor.execute(_FILL, {"customers": customers, "count": len(customers), "launches": [launch.pk]})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def sold() -> int:
    """Count the seats sold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bookings_seatclaim WHERE status = 'sold'")
        return int(cursor.fetchone()[0])
