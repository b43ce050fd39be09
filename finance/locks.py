"""Locks of money; docs/locking.md has the order."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection

from common.errors import Busy
from finance import errors


@contextmanager
def gateway_asked() -> Iterator[None]:
    """Say a lock that is lost once the gateway was asked: it may have charged. Raises: PaymentUnrecorded."""
    try:
        yield
    except (Busy, OperationalError) as error:
        raise errors.PaymentUnrecorded from error


def supplier_lock(*, supplier_id: int) -> None:
    """
    Let nobody else settle with a supplier until the transaction ends, which it needs.

    What is carried into a statement is read from all earlier ones; two at once would carry the same twice.
    Raises: Busy.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("supplier_lock needs a transaction.")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"settling {supplier_id}"])
    except OperationalError as error:
        raise Busy from error
