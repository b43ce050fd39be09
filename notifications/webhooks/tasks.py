"""Jobs of webhooks, run by django-q2."""

import logging
import time
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from common import context
from common.context import Origin
from notifications.webhooks import services

log = logging.getLogger(__name__)

# With a last round of the slowest receivers (40 attempts, 8 at a time, 15 seconds each) this stays below the worker's
# own limit of 300 seconds; the next minute goes on.
TIME_LIMIT_S = 200
BATCH = 40
_AWAKE = "webhooks-wake-up-is-on-its-way"


def send_due(**_: Any) -> int:
    """
    Send what is due until nothing is, or the time is up; every minute, and at once when there is something new.

    Returns: how many were delivered.
    """
    # First of all: whoever enqueues from here on wakes the worker again, so nothing is missed in between.
    cache.delete(_AWAKE)
    started = time.monotonic()
    delivered = 0
    with context.scope(origin=Origin.JOB):
        while time.monotonic() - started < TIME_LIMIT_S:
            outcome = services.webhooks_send_due(now=timezone.now(), limit=BATCH)
            delivered += outcome.delivered
            if outcome.is_store_away or outcome.handled == 0:
                break
    return delivered


def send_soon() -> None:
    """Ask the worker to send now; one wake-up for many messages. Never fails: the sweep comes every minute."""
    try:
        if cache.add(_AWAKE, value=True, timeout=60):
            with transaction.atomic():
                async_task(
                    "notifications.webhooks.tasks.send_due", q_options={"task_name": "send webhooks", "save": False}
                )
    except Exception as error:  # noqa: BLE001 - a lost wake-up costs a minute, not a message
        log.warning("The worker was not woken to send webhooks: %s", error)


def keep_house(**_: Any) -> int:
    """Remove what was kept long enough; daily. Returns: how many deliveries were removed."""
    with context.scope(origin=Origin.JOB):
        return services.webhooks_keep_house(now=timezone.now())
