"""What must hold whatever was killed: seats at every instant, money once the jobs have run."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from bookings import services as booking_services
from common import outbox_consumers, outbox_delivery
from finance import services as finance_services
from finance.services.reconciling import money_reconcile

# Each asks for what must not be; the sentence says what a row would mean.
_SEATS = {
    "a seat with two owners": """
        SELECT launch_seat_id FROM bookings_seatclaim WHERE status IN ('held', 'sold')
        GROUP BY 1 HAVING count(*) > 1""",
    "a claim whose launch, customer or seat is another's": """
        SELECT c.id FROM bookings_seatclaim c JOIN bookings_hold h ON h.id = c.hold_id
        JOIN launches_launchseat s ON s.id = c.launch_seat_id
        WHERE c.launch_id <> h.launch_id OR c.customer_id <> h.customer_id OR c.launch_id <> s.launch_id""",
    "a held seat of a hold that is over": """
        SELECT c.id FROM bookings_seatclaim c JOIN bookings_hold h ON h.id = c.hold_id
        WHERE c.status = 'held' AND h.status NOT IN ('open', 'used')""",
    "an open hold without its seats": """
        SELECT h.id FROM bookings_hold h WHERE h.status = 'open'
        AND NOT EXISTS (SELECT 1 FROM bookings_seatclaim c WHERE c.hold_id = h.id AND c.status = 'held')""",
    "a used hold without a booking that is being paid, or the other way round": """
        SELECT h.id FROM bookings_hold h LEFT JOIN bookings_booking b ON b.hold_id = h.id
        WHERE (h.status = 'used') <> coalesce(b.status IN ('pending', 'expired'), false)""",
    "a sold seat that no passenger has": """
        SELECT c.id FROM bookings_seatclaim c LEFT JOIN bookings_passenger p ON p.claim_id = c.id
        LEFT JOIN bookings_booking b ON b.id = p.booking_id
        WHERE c.status = 'sold' AND (b.id IS NULL OR b.status NOT IN ('confirmed', 'completed')
          OR p.cancelled_at IS NOT NULL OR b.launch_id <> c.launch_id OR b.customer_id <> c.customer_id)""",
    "a passenger of a confirmed booking without a seat on its launch": """
        SELECT p.id FROM bookings_passenger p JOIN bookings_booking b ON b.id = p.booking_id
        JOIN bookings_seatclaim c ON c.id = p.claim_id JOIN launches_launchseat s ON s.id = c.launch_seat_id
        WHERE b.status IN ('confirmed', 'completed') AND p.cancelled_at IS NULL
          AND (c.status <> 'sold' OR c.launch_id <> b.launch_id OR s.label <> p.seat_label)""",
    "a booking that is being paid without a seat for each passenger": """
        SELECT b.id FROM bookings_booking b WHERE b.status = 'pending'
        AND (SELECT count(*) FROM bookings_seatclaim c WHERE c.hold_id = b.hold_id AND c.status = 'held') <>
            (SELECT count(*) FROM bookings_passenger p WHERE p.booking_id = b.id)""",
    "a booking without passengers, or whose price is not theirs": """
        SELECT b.id FROM bookings_booking b WHERE b.price_amount IS DISTINCT FROM
          (SELECT sum(p.price_amount) FROM bookings_passenger p WHERE p.booking_id = b.id)""",
    "a booking whose history does not end where it stands": """
        SELECT b.id FROM bookings_booking b WHERE b.status IS DISTINCT FROM
          (SELECT h.new_status FROM bookings_bookinghistory h WHERE h.booking_id = b.id ORDER BY h.id DESC LIMIT 1)""",
    "a confirmed booking without its money, or the other way round": """
        SELECT b.id FROM bookings_booking b WHERE b.status IN ('confirmed', 'completed', 'cancelled') IS DISTINCT FROM
          EXISTS (SELECT 1 FROM finance_payment p WHERE p.booking_id = b.id AND p.rebooking_id IS NULL
            AND p.status = 'succeeded'
            AND NOT EXISTS (SELECT 1 FROM finance_refund r WHERE r.dedupe_key = 'late:' || p.id))""",
    "a booking that is not where its latest move led": """
        SELECT b.id FROM bookings_booking b WHERE b.leg - 1 <>
            (SELECT count(*) FROM bookings_rebooking r WHERE r.booking_id = b.id AND r.status = 'done')
          OR b.launch_id <> coalesce((SELECT r.to_launch_id FROM bookings_rebooking r
            WHERE r.booking_id = b.id AND r.status = 'done' ORDER BY r.leg DESC LIMIT 1), b.launch_id)""",
    "a move that is done without its seats, or the other way round": """
        SELECT r.id FROM bookings_rebooking r JOIN bookings_hold h ON h.id = r.hold_id
        WHERE (r.status = 'done') <> (h.status = 'sold')""",
    "a booking that was not told of exactly once": """
        SELECT b.id FROM bookings_booking b CROSS JOIN (VALUES ('created'), ('confirmed'), ('cancelled'), ('expired'),
          ('moved')) AS told (what)
        WHERE (SELECT count(*) FROM common_outboxevent e WHERE e.name = 'bookings.booking.' || what
            AND (e.payload->>'booking_id')::bigint = b.id)
          <> CASE what WHEN 'moved' THEN b.leg - 1 ELSE (SELECT count(*) FROM bookings_bookinghistory h
            WHERE h.booking_id = b.id AND h.old_status <> h.new_status
              AND h.new_status = CASE what WHEN 'created' THEN 'pending' ELSE what END) END""",
    "a ledger that does not balance": """
        SELECT movement_id FROM finance_ledgerentry GROUP BY 1 HAVING sum(amount) <> 0""",
}
_BACK = "coalesce((SELECT sum(r.amount) FROM finance_sandboxrefund r WHERE r.charge_id = c.id), 0)"
_MONEY = {
    "a payment that is still open though the gateway has its money": """
        SELECT p.id FROM finance_payment p JOIN finance_sandboxcharge c ON c.key = p.id::text
        WHERE p.status IN ('created', 'processing')""",
    "money of nobody at the gateway": """
        SELECT c.id FROM finance_sandboxcharge c WHERE NOT EXISTS (
          SELECT 1 FROM finance_payment p WHERE p.id::text = c.key AND p.gateway_reference = c.reference)""",
    "two charges for the same": f"""
        SELECT p.booking_id FROM finance_payment p JOIN finance_sandboxcharge c ON c.key = p.id::text
        WHERE c.outcome IN ('succeeded', 'lost') AND {_BACK} < c.amount
        GROUP BY p.booking_id, p.rebooking_id HAVING count(*) > 1""",
    "money at the gateway that is not the booking's price less what was promised back": f"""
        SELECT b.id FROM bookings_booking b LEFT JOIN finance_payment p ON p.booking_id = b.id
        LEFT JOIN finance_sandboxcharge c ON c.key = p.id::text AND c.outcome IN ('succeeded', 'lost')
        GROUP BY b.id HAVING coalesce(sum(c.amount - {_BACK}), 0) <>
          CASE WHEN b.status IN ('confirmed', 'completed', 'cancelled') THEN b.price_amount - b.refund_amount ELSE 0 END
        """,  # noqa: S608 - a part of ours
    "a refund that is not paid": "SELECT id FROM finance_refund WHERE status <> 'succeeded'",
    "a ledger that disagrees with the gateway": f"""
        SELECT 1 WHERE (SELECT coalesce(sum(amount), 0) FROM finance_ledgerentry WHERE account = 'gateway') <>
          (SELECT coalesce(sum(c.amount - {_BACK}), 0) FROM finance_sandboxcharge c
           WHERE c.outcome IN ('succeeded', 'lost'))""",  # noqa: S608 - a part of ours
    "something owed to customers": """
        SELECT 1 WHERE (SELECT coalesce(sum(amount), 0) FROM finance_ledgerentry WHERE account = 'customers') <> 0""",
    "a launch whose bookings kept what is neither owed to its supplier nor given by us": """
        SELECT l.id FROM launches_launch l WHERE
          coalesce((SELECT -sum(e.amount) FROM finance_ledgerentry e WHERE e.account IN ('suppliers', 'goodwill')
            AND e.launch_id = l.id), 0) <>
          coalesce((SELECT sum(b.price_amount - b.refund_amount) FROM bookings_booking b WHERE b.launch_id = l.id
            AND b.status IN ('confirmed', 'completed', 'cancelled')), 0)""",
}


def seats_wrong() -> list[str]:
    """Say what is wrong with seats, bookings and their history; may be asked at every instant."""
    return _found(_SEATS)


def money_wrong() -> list[str]:
    """Say what is wrong with the money, which takes the jobs a moment to put straight."""
    return _found(_MONEY)


def assert_sound() -> None:
    """Let the jobs run; then nothing is wrong, and nothing is left to reconcile."""
    jobs_run()
    wrong = seats_wrong() + money_wrong()
    assert not wrong, "; ".join(wrong)
    run = money_reconcile(now=timezone.now() + timedelta(hours=1), is_dry_run=True, settle_s=0)
    assert not run.findings, run.findings


def jobs_run(*, later: timedelta = timedelta(minutes=5), consumers: tuple[str, ...] = ("bookings", "finance")) -> None:
    """Do what the worker would have done by then."""
    now = timezone.now() + later
    booking_services.holds_expire(now=now)
    booking_services.rebookings_expire(now=now)
    finance_services.payments_settle(now=now)
    while sum(outbox_delivery.deliver(consumer=consumer) for consumer in consumers or outbox_consumers.consumers()):
        finance_services.refunds_send_due(now=now)


def _found(questions: dict[str, str]) -> list[str]:
    wrong = []
    with connection.cursor() as cursor:
        for sentence, question in questions.items():
            cursor.execute(question)
            if rows := cursor.fetchall():
                wrong.append(f"{sentence}: {', '.join(str(row[0]) for row in rows)}")
    return wrong
