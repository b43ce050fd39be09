"""Jobs of the bottom layer, run by django-q2."""

import logging
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from django_q.tasks import async_task

from common import clock, context, idempotency, jobs, outbox_delivery, outbox_removal
from common.context import Origin

log = logging.getLogger(__name__)


def context_begin(**_: Any) -> None:
    """Give every job that the worker starts a context of its own; the worker calls it before each."""
    context.begin(origin=Origin.JOB)


def job_run(name: str, *, tick: str | None = None, run_id: int | None = None) -> str:
    """Run a job of the settings; what the schedules and the button of IT have the worker call."""
    run = jobs.job_run(name=name, tick=datetime.fromisoformat(tick) if tick else None, run_id=run_id)
    return "Another run had it." if run is None else f"Run {run.pk}: {run.status}"


# Under a lasting rush there is always one event more; the other jobs want the worker's processes too.
DELIVER_FOR_S = 10.0
# A committed event is not delivered while an older transaction still runs, which need not wake anybody when it ends.
LINGER_S = 1.0
_LOOK_EVERY_S = 0.02
_AWAKE = "outbox-wake-up-is-on-its-way"
_AWAKE_FOR_S = 10  # should a wake-up be lost with its worker


def outbox_deliver() -> int:
    """
    Deliver events to every consumer until none is left, or the time is up and others have their turn.

    Handlers may publish more on the way. Returns: how many were handled.
    """
    # First of all: whoever publishes from here on wakes the worker again, so nothing is missed in between.
    cache.delete(_AWAKE)
    handled, started = 0, time.monotonic()
    worked_at = started
    with context.scope(origin=Origin.JOB):
        while True:
            done, now = outbox_delivery.deliver_all(), time.monotonic()
            handled += done
            if done:
                worked_at = now
            if done and now - started >= DELIVER_FOR_S:
                _wake()
                break
            if not done:
                if now - worked_at >= LINGER_S or not outbox_delivery.is_behind():
                    break
                time.sleep(_LOOK_EVERY_S)
    return handled


def outbox_sweep() -> int:
    """Deliver what a lost wake-up left behind; every minute."""
    return outbox_deliver()


_waking = threading.Lock()
_woken_at = 0.0  # monotonic seconds
_is_wake_due = False


def outbox_wake() -> None:
    """
    Ask the worker to deliver now; not more often than every `settings.OUTBOX_WAKE_EVERY_S` from this process.

    One asked for too early is made up for by a timer, so that the last event of a rush waits no longer than that.
    """
    global _woken_at, _is_wake_due  # noqa: PLW0603 - one pace a process
    every = settings.OUTBOX_WAKE_EVERY_S
    with _waking:
        if _is_wake_due:
            return
        wait = _woken_at + every - time.monotonic()
        if wait <= 0:
            _woken_at = time.monotonic()
        else:
            _is_wake_due = True
    if wait <= 0:
        _wake()
    else:
        timer = threading.Timer(wait, _wake_late)
        timer.daemon = True
        timer.start()


def _wake_late() -> None:
    global _woken_at, _is_wake_due  # noqa: PLW0603
    with _waking:
        _woken_at, _is_wake_due = time.monotonic(), False
    try:
        _wake()
    except DatabaseError as error:
        log.warning("The worker was not woken: %s", error)
    finally:
        connections.close_all()


def _wake() -> None:
    # One waiting wake-up is enough for all processes: more would keep the other jobs from the worker.
    if cache.add(_AWAKE, value=True, timeout=_AWAKE_FOR_S):
        with transaction.atomic():
            async_task("common.tasks.outbox_deliver", q_options={"task_name": "deliver events", "save": False})


def events_remove() -> int:
    """Delete old events that every consumer has had; daily."""
    return outbox_removal.events_remove(before=clock.now() - timedelta(days=settings.EVENTS_KEPT_DAYS))


def clean_up(**_: Any) -> int:
    """Forget old idempotency records, runs of jobs and lapsed sessions; daily."""
    SessionStore.clear_expired()
    now = timezone.now()
    runs = jobs.job_runs_remove(before=now - timedelta(days=settings.JOB_RUNS_KEPT_DAYS))
    return runs + idempotency.clean_up(now=now)
