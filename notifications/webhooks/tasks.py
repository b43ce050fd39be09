"""Jobs of webhooks, run by django-q2."""

import logging
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from common import context
from common.context import Origin
from notifications.webhooks import services

log = logging.getLogger(__name__)

# One turn of a worker's process, to which the time of the slowest receiver is added: then other jobs have theirs.
TURN_S = 20
LIMIT = 10_000
_AWAKE = "webhooks-wake-up-is-on-its-way"


def send_due(**_: Any) -> int:
    """
    Send what is due until nothing is, or the turn is over, and then ask for another; every minute, and at once when
    there is something new.

    Returns: how many were delivered.
    """
    # First of all: whoever enqueues from here on wakes the worker again, so nothing is missed in between.
    cache.delete(_AWAKE)
    with context.scope(origin=Origin.JOB):
        outcome = services.webhooks_send_due(now=timezone.now(), limit=LIMIT, for_s=TURN_S)
    if outcome.is_cut_short:
        send_soon()
    return outcome.delivered


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
