"""Rows that somebody else has under lock, and little patience with them; for tests with committed data."""

import threading
from contextlib import contextmanager

from django.db import connection, connections, transaction


@contextmanager
def somebody_holds(rows):
    """Lock rows from another connection until the block ends."""
    locked, done, failures = threading.Event(), threading.Event(), []

    def hold():
        try:
            with transaction.atomic():
                assert list(rows.select_for_update())
                locked.set()
                done.wait(30)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)
        finally:
            locked.set()
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert locked.wait(30)
        assert not failures
        yield
    finally:
        done.set()
        thread.join(30)


@contextmanager
def little_patience():
    """Wait for locks a tenth of a second instead of three."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
