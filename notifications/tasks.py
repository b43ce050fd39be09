"""Jobs of the package, run by django-q2."""

import logging
import time
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from common import context
from common.context import Origin
from notifications import services

log = logging.getLogger(__name__)

# Below the worker's own limit of 300 seconds; the next minute goes on.
TIME_LIMIT_S = 200
BATCH = 50
# The sweep comes every minute, when a full minute's mails are just about free again.
LIMIT_WAIT_S = 10
_AWAKE = "notifications-wake-up-is-on-its-way"


def send_due(**_: Any) -> int:
    """
    Send what is due until nothing is, or the time is up; every minute, and at once when there is something new.

    Returns: how many mails were sent.
    """
    # First of all: whoever enqueues from here on wakes the worker again, so nothing is missed in between.
    cache.delete(_AWAKE)
    started = time.monotonic()
    sent = 0
    with context.scope(origin=Origin.JOB):
        while time.monotonic() - started < TIME_LIMIT_S:
            outcome = services.notifications_send_due(now=timezone.now(), limit=BATCH)
            sent += outcome.sent
            if outcome.limited_until and _is_soon(outcome.limited_until):
                continue
            if outcome.limited_until or outcome.is_server_away or outcome.handled == 0:
                break
    return sent


def _is_soon(at: datetime) -> bool:
    """Wait for the provider's limit where that is a matter of seconds; the next minute goes on otherwise."""
    seconds = (at - timezone.now()).total_seconds()
    if seconds > LIMIT_WAIT_S:
        return False
    time.sleep(max(seconds, 0.05))
    return True


def send_soon() -> None:
    """Ask the worker to send now; one wake-up for many messages. Never fails: the sweep comes every minute."""
    try:
        if cache.add(_AWAKE, value=True, timeout=60):
            with transaction.atomic():
                async_task("notifications.tasks.send_due", q_options={"task_name": "send mails", "save": False})
    except Exception as error:  # noqa: BLE001 - a lost wake-up costs a minute, not a mail
        log.warning("The worker was not woken to send mails: %s", error)
