"""
Locks of this package. The order (docs/locking.md): payment, customer on launch, waiting list, launch (shared), seats
by id, booking, claims by id, hold.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import OperationalError, connection, transaction

from bookings import errors
from bookings.enums import HoldPurpose
from bookings.models import Booking, Hold, SeatClaim
from common.errors import Busy
from common.postgres.statements import Question


@contextmanager
def transaction_or_busy() -> Iterator[None]:
    """Open a transaction; a wait for a lock that took too long, or a deadlock, ends it as Busy."""
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        raise Busy from error


def customer_on_launch_lock(*, customer_id: int, launch_id: int) -> None:
    """
    Let one customer hold and book seats of one launch one at a time: the seat limit counts under this lock.

    Raises: Busy.
    """
    _advisory_lock(_seats_name(customer_id, launch_id))


# One after the other, as the order of locks wants it: the second is only evaluated when the first is taken.
_TAKING = """
    SELECT CASE WHEN pg_advisory_xact_lock(hashtextextended(%(seats)s, 0)) IS NOT NULL AND EXISTS (
      SELECT 1 FROM bookings_waitingentry w
      WHERE w.launch_id = %(launch)s AND w.status = 'waiting' AND w.customer_id <> %(customer)s
    ) THEN pg_advisory_xact_lock(hashtextextended(%(waiting)s, 0)) END
"""


def taking_locks(*, customer_id: int, launch_id: int) -> Question[None]:
    """Take the customer's lock on the launch, and that of the waiting list if somebody else waits."""
    values = {
        "seats": _seats_name(customer_id, launch_id),
        "waiting": _waiting_name(launch_id),
        "launch": launch_id,
        "customer": customer_id,
    }
    return Question(_TAKING, values, lambda _: None)


def waiting_list_lock(*, launch_id: int) -> None:
    """Let one transaction at a time take or offer seats of a launch for which somebody waits. Raises: Busy."""
    _advisory_lock(_waiting_name(launch_id))


def waiting_list_lock_now(*, launch_id: int) -> None:
    """
    Take the waiting list's lock, or find it taken by this transaction, without waiting for it.

    For who holds locks that come after it, because somebody began to wait after `taking_locks` looked. Raises: Busy.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_waiting_name(launch_id)])
        if not cursor.fetchone()[0]:
            raise Busy


def _seats_name(customer_id: int, launch_id: int) -> str:
    return f"seats {customer_id} {launch_id}"


def _waiting_name(launch_id: int) -> str:
    return f"waiting {launch_id}"


def _advisory_lock(name: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
    except OperationalError as error:
        raise Busy from error


def booking_lock(*, booking_id: int) -> Booking:
    """Lock a booking's row. Raises: BookingNotFound, Busy."""
    try:
        booking = Booking.objects.select_for_update().filter(pk=booking_id).first()
    except OperationalError as error:
        raise Busy from error
    if booking is None:
        raise errors.BookingNotFound
    return booking


def claims_lock(*, hold_ids: Collection[UUID | str]) -> None:
    """Lock the live claims of these holds by id, as a new hold does, so that the two cannot wait for each other."""
    claims = SeatClaim.objects.select_for_update().filter(hold_id__in=hold_ids, is_live=True)
    list(claims.order_by("pk").values_list("pk", flat=True))


def hold_lock(*, hold_id: UUID | str, customer_id: int, allows_move: bool = False) -> Hold:
    """
    Lock a customer's hold.

    Args:
        allows_move: also one of a move to another launch, whose seats are neither bought nor given back by themselves.
    Raises: HoldNotFound, Busy.
    """
    rows = Hold.objects.all() if allows_move else Hold.objects.exclude(purpose=HoldPurpose.REBOOKING)
    try:
        hold = rows.select_for_update().filter(pk=hold_id, customer_id=customer_id).first()
    except OperationalError as error:
        raise Busy from error
    if hold is None:
        raise errors.HoldNotFound
    return hold
