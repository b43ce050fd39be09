"""Jobs of the bottom layer, run by django-q2."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from common import context, idempotency, outbox
from common.context import Origin


def outbox_deliver() -> int:
    """Deliver events to every consumer until none is left; handlers may publish more on the way."""
    handled = 0
    with context.scope(origin=Origin.JOB):
        while done := outbox.deliver_all():
            handled += done
    return handled


def outbox_sweep() -> int:
    """Deliver what a lost wake-up left behind; every minute."""
    return outbox_deliver()


def outbox_wake() -> None:
    """Ask the worker to deliver now."""
    with transaction.atomic():
        async_task("common.tasks.outbox_deliver", q_options={"task_name": "deliver events", "save": False})


def clean_up(**_: Any) -> int:
    """Forget old idempotency records and lapsed sessions; daily."""
    SessionStore.clear_expired()
    return idempotency.clean_up(now=timezone.now())
