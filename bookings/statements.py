"""
The few statements in the path of every sale, written out: what the query builder says in ten, the database does in one.

They read `launches_launchseat`, where the offered seats stand: whether a seat is free is a question to both tables.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bookings.models import Booking, Hold
from common.postgres.statements import Question, later, rows

_LIVE = "c.is_live AND (c.status = 'sold' OR c.held_until > %(now)s)"
# What is taken is read once and hashed, for a look-up a seat would cost a rush for one launch more with each seat sold;
# the index of offered seats in their order then ends with the first that is not in it.
_FREE = f"""
    FROM launches_launchseat s
    WHERE s.launch_id = %(launch)s AND NOT s.is_blocked AND s.id NOT IN (
      SELECT c.launch_seat_id FROM bookings_seatclaim c WHERE c.launch_id = %(launch)s AND {_LIVE}
    )
"""  # noqa: S608 - only placeholders


@dataclass(frozen=True, kw_only=True)
class Standing:
    """
    What a customer has, as far as it decides about more seats of a launch.

    trips_kept: on other launches, booked and not cancelled, as far as they were counted. seats: of this launch, held
    or sold. unpaid_*: open holds and bookings being paid, over all launches. is_waited_for: somebody else waits for
    seats of this launch.
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
         AND b.status IN ('confirmed', 'completed') AND b.launch_id <> %(launch)s AND b.id <> %(moving)s
         LIMIT %(trips)s) kept),
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


def standing(
    *, customer_id: int, launch_id: int, address_key: str, trips: int, now: datetime, moving_booking_id: int = 0
) -> Question[Standing]:
    """
    Ask all of it in one statement; exact for the customer under the customer-on-launch lock.

    Args:
        trips: so many kept ones are enough; no more are counted.
        moving_booking_id: one that is about to move to the launch, so no trip on another one.
    """
    values = {
        "customer": customer_id,
        "launch": launch_id,
        "address": address_key,
        "trips": trips,
        "now": now,
        "moving": moving_booking_id,
    }
    return Question(_STANDING, values, _standing)


def _standing(found: list[Any]) -> Standing:
    (row,) = found
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


def best_seat_locking(*, launch_id: int, now: datetime) -> Question[SeatRow | None]:
    """Choose and lock the best free seat that nobody else has under lock; None when there is none."""
    return Question(_BEST, {"launch": launch_id, "now": now}, lambda found: SeatRow(*found[0]) if found else None)


_LEFT = f"""
    SELECT count(*) FROM (
      SELECT 1 FROM launches_launchseat s
      WHERE s.launch_id = %(launch)s AND NOT s.is_blocked AND NOT EXISTS (
        SELECT 1 FROM bookings_seatclaim c WHERE c.launch_seat_id = s.id AND {_LIVE}
          AND (c.status = 'sold' OR c.customer_id <> %(customer)s)
      ) LIMIT %(wanted)s
    ) left_over
"""  # noqa: S608 - only placeholders


def seats_left(*, launch_id: int, customer_id: int, wanted: int, now: datetime) -> int:
    """Count seats that a customer could have, up to those wanted: the free ones, and those in holds of their own."""
    values = {"launch": launch_id, "customer": customer_id, "wanted": wanted, "now": now}
    return int(rows(_LEFT, values)[0][0])


def nothing() -> Question[Any]:
    """Ask nothing; answered by None."""
    return Question("SELECT FROM (VALUES (1)) AS nothing", (), lambda _: None)


def seats_free(*, launch_id: int, now: datetime) -> list[SeatRow]:
    """Return the seats nobody has, from the nose backwards and from left to right."""
    return [SeatRow(*row) for row in rows(_ALL_FREE, {"launch": launch_id, "now": now})]


_CLAIMS = """
    INSERT INTO bookings_seatclaim (launch_id, launch_seat_id, customer_id, hold_id, status, held_until, created_at)
    SELECT %(launch)s, seat_id, %(customer)s, %(hold)s, 'held', %(until)s, %(now)s
    FROM unnest(%(seats)s::bigint[]) AS seat_id
    ON CONFLICT (launch_seat_id) WHERE is_live DO NOTHING
    RETURNING launch_seat_id, id
"""
_HOLD = f"""
    WITH made AS (
      INSERT INTO bookings_hold (id, customer_id, launch_id, status, purpose, price_amount, price_currency,
        address_key, created_at, expires_at)
      VALUES (%(hold)s, %(customer)s, %(launch)s, %(status)s, %(purpose)s, %(price)s, %(currency)s, %(address)s,
        %(now)s, %(until)s)
    ) {_CLAIMS}
"""  # noqa: S608 - only placeholders


def hold_insert(hold: Hold, *, seat_ids: Collection[int]) -> dict[int, int]:
    """Write a new hold with claims on its seats; as `claims_insert`."""
    values = {
        **_claim_values(hold, seat_ids),
        "status": hold.status,
        "purpose": hold.purpose,
        "price": hold.price_amount,
        "currency": hold.price_currency,
        "address": hold.address_key,
    }
    return dict(rows(_HOLD, values))


def claims_insert(*, hold: Hold, seat_ids: Collection[int]) -> dict[int, int]:
    """
    Claim seats for a hold; those that have a live claim row already are left out.

    The unique index decides, so this is safe whatever was read before. Returns: claim id by seat id.
    """
    return dict(rows(_CLAIMS, _claim_values(hold, seat_ids)))


def _claim_values(hold: Hold, seat_ids: Collection[int]) -> dict[str, Any]:
    return {
        "launch": hold.launch_id,
        "customer": hold.customer_id,
        "hold": hold.pk,
        "until": hold.expires_at,
        "now": hold.created_at,
        "seats": list(seat_ids),
    }


_PASSENGERS = """
    INSERT INTO bookings_passenger (booking_id, claim_id, seat_label, full_name, email, phone, birth_date,
      price_amount, refund_amount)
    SELECT {booking}, p.claim_id, p.seat_label, p.full_name, p.email, p.phone, p.birth_date, %(seat_price)s, 0
    FROM unnest(%(claims)s::bigint[], %(labels)s::text[], %(names)s::text[], %(emails)s::text[], %(phones)s::text[],
      %(births)s::date[]) AS p (claim_id, seat_label, full_name, email, phone, birth_date)
"""
_BOOKING = f"""
    WITH made AS (
      INSERT INTO bookings_booking (reference, customer_id, launch_id, hold_id, status, price_amount, price_currency,
        refund_amount, leg, policy_tiers, cancel_cause, version, created_at)
      VALUES (%(reference)s, %(customer)s, %(launch)s, %(hold)s, 'pending', %(price)s, %(currency)s, 0, 1, %(tiers)s,
        '', 1, %(now)s)
      ON CONFLICT (reference) DO NOTHING
      RETURNING id
    ), named AS ({_PASSENGERS.format(booking="made.id")}, made
    ), told AS (
      INSERT INTO bookings_bookinghistory (booking_id, changed_at, actor_id, origin, old_status, new_status, reason)
      SELECT made.id, %(now)s, %(customer)s, %(origin)s, '', 'pending', '' FROM made
    )
    SELECT id FROM made
"""  # noqa: S608 - only placeholders


def booking_insert(
    booking: Booking,
    *,
    seats: Sequence[tuple[int, str]],
    passengers: Sequence[Any],
    seat_price: Decimal,
    origin: str,
) -> int | None:
    """
    Write a pending booking, its passengers and the first line of its history; None when the reference is taken.

    Args:
        seats: (claim id, label) of each passenger, in the same order.
    """
    values = {
        **_passenger_values(seats, passengers, seat_price),
        "reference": booking.reference,
        "customer": booking.customer_id,
        "launch": booking.launch_id,
        "hold": booking.hold_id,
        "price": booking.price_amount,
        "currency": booking.price_currency,
        "tiers": json.dumps(booking.policy_tiers),
        "now": booking.created_at,
        "origin": origin,
    }
    made = rows(_BOOKING, values)
    return made[0][0] if made else None


def passengers_insert(
    *, booking_id: int, seats: Sequence[tuple[int, str]], passengers: Sequence[Any], price_amount: Decimal
) -> None:
    """Write the passengers of a booking that is there already."""
    values = {**_passenger_values(seats, passengers, price_amount), "booking": booking_id}
    later(_PASSENGERS.format(booking="%(booking)s"), values)


def _passenger_values(
    seats: Sequence[tuple[int, str]], passengers: Sequence[Any], seat_price: Decimal
) -> dict[str, Any]:
    return {
        "claims": [claim_id for claim_id, _ in seats],
        "labels": [label for _, label in seats],
        "names": [one.full_name for one in passengers],
        "emails": [one.email for one in passengers],
        "phones": [one.phone for one in passengers],
        "births": [one.birth_date for one in passengers],
        "seat_price": seat_price,
    }


@dataclass(frozen=True, kw_only=True)
class Glance:
    """What must be known of a booking before its locks are taken; `status` may have changed by then."""

    launch_id: int
    status: str
    held_until: datetime
    seats: int


_GLANCE = """
    SELECT b.launch_id, b.status, h.expires_at, (SELECT count(*) FROM bookings_passenger p WHERE p.booking_id = b.id)
    FROM bookings_booking b JOIN bookings_hold h ON h.id = b.hold_id
    WHERE b.id = %s
"""
# Booking before claims, claims by id, as everywhere; nothing is changed unless every seat is still held.
_SELL = """
    WITH b AS (
      SELECT id, hold_id FROM bookings_booking WHERE id = %(booking)s AND status = 'pending' FOR UPDATE
    ), c AS (
      SELECT claim.id FROM b JOIN bookings_seatclaim claim ON claim.hold_id = b.hold_id
      WHERE claim.status = 'held' ORDER BY claim.id FOR UPDATE OF claim
    ), ok AS (
      SELECT id, hold_id FROM b WHERE (SELECT count(*) FROM c) = %(seats)s
    ), sold AS (
      UPDATE bookings_seatclaim SET status = 'sold' WHERE id IN (SELECT id FROM c) AND EXISTS (SELECT 1 FROM ok)
    ), used AS (
      UPDATE bookings_hold SET status = 'sold' WHERE id IN (SELECT hold_id FROM ok)
    ), confirmed AS (
      UPDATE bookings_booking SET status = 'confirmed', confirmed_at = %(now)s, version = version + 1
      WHERE id IN (SELECT id FROM ok)
    ), told AS (
      INSERT INTO bookings_bookinghistory (booking_id, changed_at, actor_id, origin, old_status, new_status, reason)
      SELECT id, %(now)s, NULL, %(origin)s, 'pending', 'confirmed', '' FROM ok
    )
    SELECT booking.reference, booking.customer_id, booking.price_amount, booking.price_currency
    FROM ok JOIN bookings_booking booking ON booking.id = ok.id
"""


def booking_glance(*, booking_id: int) -> Question[Glance | None]:
    """Read a booking without locking it; None when there is none."""
    return Question(_GLANCE, [booking_id], _glance)


def _glance(found: list[Any]) -> Glance | None:
    if not found:
        return None
    launch_id, status, held_until, seats = found[0]
    return Glance(launch_id=launch_id, status=status, held_until=held_until, seats=seats)


@dataclass(frozen=True)
class Sold:
    """A booking that was confirmed just now."""

    reference: str
    customer_id: int
    price_amount: Decimal
    price_currency: str


def booking_sell(*, booking_id: int, seats: int, now: datetime, origin: str) -> Sold | None:
    """Confirm a pending booking whose `seats` claims are all still held; None, and nothing done, when they are not."""
    done = rows(_SELL, {"booking": booking_id, "seats": seats, "now": now, "origin": origin})
    return Sold(*done[0]) if done else None
