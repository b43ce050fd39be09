"""
The record of a run of reconciliation: which process does it, how it ends, and that IT is told of its drift.

# Note [Drift is told whatever ended the run]
A run that repaired five hundred documents and then lost its store, was cancelled or died had found drift all the same,
and the next one finds nothing any more. So drift is told at every end, once for what each process has found: by the
process itself, and for one that died by the next run.
"""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from common import context, jobs, outbox
from common.context import Origin
from documents import events
from documents.enums import RunStatus
from documents.models import DEAD_AFTER, ReconciliationRun

DIED = "Its process ended without finishing."


@transaction.atomic
def claim(*, run_id: int, runner: uuid.UUID) -> bool:
    """Take an open run that nobody does, or whose process has died; tell whether it is ours now."""
    free = ReconciliationRun.objects.filter(pk=run_id, status=RunStatus.RUNNING).filter(Q(runner=None) | _is_dead())
    run = free.select_for_update().first()
    if run is None:
        return False
    if run.runner is not None:
        _tell(run)  # what the dead process had found; ours begins anew
    ReconciliationRun.objects.filter(pk=run_id).update(runner=runner, heartbeat_at=Now(), counts={}, is_told=False)
    return True


def progress_note(*, run_id: int, runner: uuid.UUID, counts: dict[str, Any]) -> bool:
    """Note how far our run is, and tell whether it is still wanted."""
    ours = ReconciliationRun.objects.filter(pk=run_id, runner=runner, status=RunStatus.RUNNING)
    return bool(ours.update(heartbeat_at=Now(), counts=counts))


@transaction.atomic
def end(*, run_id: int, runner: uuid.UUID, status: RunStatus, counts: dict[str, Any], error: str = "") -> None:
    """End our run; of one that somebody else has ended note the last figures. Nothing when it is another process's."""
    run = ReconciliationRun.objects.select_for_update().filter(pk=run_id, runner=runner).first()
    if run is None:
        return
    ReconciliationRun.objects.filter(pk=run_id).update(counts=counts)
    if run.is_running:
        _close(run, status, error)
    elif run.status == RunStatus.CANCELLED:
        run.refresh_from_db()
        jobs.job_run_follow_up(run_id=run.job_run_id, result=run.sentence)
    _tell(run)


@transaction.atomic
def close_dead() -> None:
    """Close runs whose process has died, and tell what they, and those that died after a cancellation, had found."""
    for run in ReconciliationRun.objects.filter(_is_dead(), is_told=False).select_for_update().order_by("pk"):
        if run.is_running:
            _close(run, RunStatus.FAILED, DIED)
        _tell(run)


def _is_dead() -> Q:
    return Q(heartbeat_at__lt=Now() - DEAD_AFTER)


def _close(run: ReconciliationRun, status: RunStatus, error: str) -> None:
    ReconciliationRun.objects.filter(pk=run.pk).update(
        status=status, error=error[:2000], heartbeat_at=Now(), ended_at=Now()
    )
    run.refresh_from_db()
    jobs.job_run_follow_up(run_id=run.job_run_id, result=run.sentence, error=run.error)


def _tell(run: ReconciliationRun) -> None:
    """See Note [Drift is told whatever ended the run]."""
    if not ReconciliationRun.objects.filter(pk=run.pk, is_told=False).update(is_told=True):
        return
    run.refresh_from_db()
    if run.drift and not run.is_dry_run:
        figures = {name: run.total(name) for name in ("missing", "stale", "orphaned", "repaired", "failed")}
        with context.scope(origin=Origin(run.origin), actor_id=run.actor_id, actor_email=run.actor_email):
            is_whole = run.status == RunStatus.DONE
            outbox.publish(events.DriftFound(run_id=run.pk, is_whole=is_whole, **figures), actor_id=run.actor_id)
