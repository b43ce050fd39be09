"""
The time, by the database's clock.

Holds end by one clock for all web servers and workers, the database's, whatever their own clocks say.
Asking it for every request would cost a statement each; so a process asks now and then and counts on from there by its
own steady clock.
"""

import threading
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

_lock = threading.Lock()
_read_at: datetime | None = None
_read_monotonic = 0.0


def now() -> datetime:
    """
    Return the present instant, aware, in UTC, as the database counts it (to about a millisecond).

    Raises: OperationalError when the database is away and was not asked within `settings.CLOCK_READ_EVERY_S`.
    """
    every = settings.CLOCK_READ_EVERY_S
    if not every:
        return timezone.now()
    with _lock:
        read_at, elapsed = _read_at, time.monotonic() - _read_monotonic
    if read_at is None or elapsed >= every:
        return _read()
    return read_at + timedelta(seconds=elapsed)


def _read() -> datetime:
    global _read_at, _read_monotonic  # noqa: PLW0603 - one clock a process
    asked = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        told: datetime = cursor.fetchone()[0]
    answered = time.monotonic()
    # The answer was true about half-way between question and answer.
    with _lock:
        _read_at, _read_monotonic = told, (asked + answered) / 2
    return told + timedelta(seconds=(answered - asked) / 2)
