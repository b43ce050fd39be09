"""
The few statements in the path of every sale, written out: what the query builder says in ten, the database does in one.

They read `launches_launchseat`, where the offered seats stand: whether a seat is free is a question to both tables.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from bookings.models import Hold

_LIVE = "c.status IN ('held', 'sold') AND (c.status = 'sold' OR c.held_until > %(now)s)"
_FREE = f"""
    FROM launches_launchseat s
    WHERE s.launch_id = %(launch)s AND NOT s.is_blocked
      AND NOT EXISTS (SELECT 1 FROM bookings_seatclaim c WHERE c.launch_seat_id = s.id AND {_LIVE})
"""  # noqa: S608 - only placeholders


@dataclass(frozen=True, kw_only=True)
class Standing:
    """
    What a customer has, as far as it decides about more seats of a launch.

    trips_kept: booked and not cancelled, counted to two. seats: of this launch, held or sold. unpaid_*: open holds and
    bookings being paid, over all launches. is_waited_for: somebody else waits for seats of this launch.
    """

    trips_kept: int
    seats: int
    unpaid_of_customer: int
    unpaid_of_address: int
    open_hold_id: UUID | None
    is_waited_for: bool


_UNPAID = "h.status IN ('open', 'used') AND h.purpose <> 'offer' AND h.expires_at > %(now)s"
_STANDING = f"""
    SELECT
      (SELECT count(*) FROM (SELECT 1 FROM bookings_booking b WHERE b.customer_id = %(customer)s
         AND b.status IN ('confirmed', 'completed') LIMIT 2) kept),
      (SELECT count(*) FROM bookings_seatclaim c
         WHERE c.launch_id = %(launch)s AND c.customer_id = %(customer)s AND {_LIVE}),
      (SELECT count(*) FROM bookings_hold h WHERE h.customer_id = %(customer)s AND {_UNPAID}),
      (SELECT count(*) FROM bookings_hold h
         WHERE h.address_key = %(address)s AND %(address)s <> '' AND {_UNPAID}),
      (SELECT h.id FROM bookings_hold h WHERE h.customer_id = %(customer)s AND h.launch_id = %(launch)s
         AND h.status = 'open' AND h.purpose = 'sale'),
      EXISTS (SELECT 1 FROM bookings_waitingentry w
         WHERE w.launch_id = %(launch)s AND w.status = 'waiting' AND w.customer_id <> %(customer)s)
"""  # noqa: S608 - only placeholders


def standing(*, customer_id: int, launch_id: int, address_key: str, now: datetime) -> Standing:
    """Read all of it in one statement; exact for the customer under the customer-on-launch lock."""
    values = {"customer": customer_id, "launch": launch_id, "address": address_key, "now": now}
    (row,) = _rows(_STANDING, values)
    return Standing(
        trips_kept=row[0],
        seats=row[1],
        unpaid_of_customer=row[2],
        unpaid_of_address=row[3],
        open_hold_id=row[4],
        is_waited_for=row[5],
    )


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat on sale."""

    id: int
    label: str
    row: int
    column: int
    is_window: bool


_COLUMNS = 'SELECT s.id, s.label, s.row, s."column", s.is_window'
# The order is that of policies.best_seats for a party of one: windows first, then the front, then from the left.
_BEST = f'{_COLUMNS} {_FREE} ORDER BY s.is_window DESC, s.row, s."column" LIMIT 1 FOR NO KEY UPDATE OF s SKIP LOCKED'
_ALL_FREE = f'{_COLUMNS} {_FREE} ORDER BY s.row, s."column"'


def best_seat_lock(*, launch_id: int, now: datetime) -> SeatRow | None:
    """Choose and lock the best free seat that nobody else has under lock; None when there is none."""
    rows = _rows(_BEST, {"launch": launch_id, "now": now})
    return SeatRow(*rows[0]) if rows else None


def seats_free(*, launch_id: int, now: datetime) -> list[SeatRow]:
    """Return the seats nobody has, from the nose backwards and from left to right."""
    return [SeatRow(*row) for row in _rows(_ALL_FREE, {"launch": launch_id, "now": now})]


_HOLD = """
    INSERT INTO bookings_hold (id, customer_id, launch_id, status, purpose, price_amount, price_currency, address_key,
      created_at, expires_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_CLAIMS = """
    INSERT INTO bookings_seatclaim (launch_id, launch_seat_id, customer_id, hold_id, status, held_until, created_at)
    SELECT %s, seat_id, %s, %s, 'held', %s, %s FROM unnest(%s::bigint[]) AS seat_id
    ON CONFLICT (launch_seat_id) WHERE status IN ('held', 'sold') DO NOTHING
    RETURNING launch_seat_id, id
"""


def hold_insert(hold: Hold) -> None:
    """Write a new hold."""
    values = [hold.pk, hold.customer_id, hold.launch_id, hold.status, hold.purpose, hold.price_amount]
    values += [hold.price_currency, hold.address_key, hold.created_at, hold.expires_at]
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, values)


def claims_insert(*, hold: Hold, seat_ids: Collection[int]) -> dict[int, int]:
    """
    Claim seats for a hold; those that have a live claim row already are left out.

    The unique index decides, so this is safe whatever was read before. Returns: claim id by seat id.
    """
    values = [hold.launch_id, hold.customer_id, hold.pk, hold.expires_at, hold.created_at, list(seat_ids)]
    return dict(_rows(_CLAIMS, values))


def _rows(statement: str, values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
