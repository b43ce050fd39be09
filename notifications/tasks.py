"""Jobs of the package, run by django-q2."""

import logging
import time
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
            if outcome.is_server_away or outcome.handled == 0:
                break
    return sent


def send_soon() -> None:
    """Ask the worker to send now; one wake-up for many messages. Never fails: the sweep comes every minute."""
    try:
        if cache.add(_AWAKE, value=True, timeout=60):
            with transaction.atomic():
                async_task("notifications.tasks.send_due", q_options={"task_name": "send mails", "save": False})
    except Exception as error:  # noqa: BLE001 - a lost wake-up costs a minute, not a mail
        log.warning("The worker was not woken to send mails: %s", error)
