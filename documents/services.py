"""Writes: start, do and cancel a reconciliation; create what the document stores need; rebuild copies."""

import logging
import uuid
from collections.abc import Collection
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django_q.tasks import async_task

from common import context, outbox_reading
from common.context import Origin
from documents import comparison, mongo, rebuild, reconcile, repositories, run_record
from documents.enums import RunStatus
from documents.errors import ReconciliationNotFound, ReconciliationRunning
from documents.models import ReconciliationRun

log = logging.getLogger(__name__)

HEARTBEAT_EVERY = timedelta(seconds=1)
TASK_TIMEOUT_S = 3 * 3600
SINCE_WITHIN = timedelta(days=1)  # events are kept for at least as long (settings.EVENTS_KEPT_DAYS)
DOCUMENTS = "documents"  # the consumer that writes the documents


def stores_ensure(*, wait_s: float = 120) -> list[str]:
    """Create or correct collections, validators and indexes; return the changes in words. Raises: as repositories."""
    with mongo.patient(wait_s):
        return [change for repository in repositories.ALL for change in repository.ensure()]


def copies_rebuild(
    *, datasets: Collection[str] = (), progress: rebuild.Progress = lambda figures: None
) -> list[rebuild.Rebuilt]:
    """
    Write the copies of these data sets anew from PostgreSQL, all of them for none; safe while people book.

    Must not be called inside a transaction: it talks to the document stores for as long as it takes.

    Raises: DatasetUnknown, DatasetIsHome, DocumentStoreUnavailable.
    """
    return [rebuild.run(dataset, progress=progress) for dataset in rebuild.copies(datasets)]


@transaction.atomic
def reconciliation_start(
    *,
    datasets: Collection[str] = (),
    is_full: bool = True,
    is_dry_run: bool = False,
    origin: Origin,
    actor_id: int | None = None,
    actor_email: str = "",
) -> ReconciliationRun:
    """
    Open a run; the only one, for one whose process has died is closed first.

    Args:
        datasets: names; none means all.
        is_full: false looks only at what something happened to since the latest run of each data set that repaired,
            and wholly where there was none within SINCE_WITHIN.
    Raises: DatasetUnknown, ReconciliationRunning.
    """
    names = [dataset.name for dataset in reconcile.find(datasets)]
    run_record.close_dead()
    try:
        with transaction.atomic():
            return ReconciliationRun.objects.create(
                datasets=names,
                is_full=is_full,
                is_dry_run=is_dry_run,
                origin=origin,
                actor_id=actor_id,
                actor_email=actor_email,
                job_run_id=context.current().job_run_id,
            )
    except IntegrityError as error:
        if "documents_one_reconciliation_at_a_time" not in str(error):
            raise
        running = ReconciliationRun.objects.filter(status=RunStatus.RUNNING).first()
        raise ReconciliationRunning(running.pk if running else 0) from error


@transaction.atomic
def reconciliation_request(**arguments: Any) -> ReconciliationRun:
    """Open a run as `reconciliation_start` does, and have the worker do it; a job's run on record ends as it ends."""
    run = reconciliation_start(**arguments)
    async_task(
        "documents.tasks.reconcile", run.pk, q_options={"task_name": f"reconcile {run.pk}", "timeout": TASK_TIMEOUT_S}
    )
    return run


def reconciliation_run(
    *, run_id: int, progress: comparison.Progress | None = None, settle_s: float = comparison.SETTLE_S
) -> ReconciliationRun:
    """
    Do an open run to its end and return it; a run that has ended, or that another process does, is left as it is.

    Must not be called inside a transaction: it talks to the document stores for as long as it takes.

    Raises: ReconciliationNotFound, DocumentStoreUnavailable (the run is closed as failed first).
    """
    runner = uuid.uuid4()
    if not run_record.claim(run_id=run_id, runner=runner):
        return _get(run_id)
    run = _get(run_id)
    report: dict[str, comparison.Counts] = {}
    end = partial(run_record.end, run_id=run_id, runner=runner)

    def on_batch(name: str, counts: comparison.Counts) -> None:
        report[name] = counts
        if progress is not None:
            progress(name, counts)
        beat(report)

    beat = _Heartbeat(run_id, runner)
    with context.scope(origin=Origin(run.origin), actor_id=run.actor_id, actor_email=run.actor_email):
        try:
            datasets = reconcile.find(run.datasets)
            since = {} if run.is_full else _since(run)
            # Before the first look: what happens from here on is for the next run.
            ReconciliationRun.objects.filter(pk=run_id).update(mark=outbox_reading.mark(consumer=DOCUMENTS))
            comparison.run(
                datasets=datasets, is_dry_run=run.is_dry_run, progress=on_batch, since=since, settle_s=settle_s
            )
        except (_NoLongerWanted, KeyboardInterrupt) as reason:
            end(status=RunStatus.CANCELLED, counts=_figures(report))
            if isinstance(reason, KeyboardInterrupt):
                raise
        except BaseException as error:
            end(status=RunStatus.FAILED, counts=_figures(report), error=str(error) or type(error).__name__)
            raise
        else:
            end(status=RunStatus.DONE, counts=_figures(report))
    return _get(run_id)


def _since(run: ReconciliationRun) -> dict[str, comparison.Since]:
    """Return where each data set of a run goes on; nothing for those that have to be compared wholly."""
    earlier = ReconciliationRun.objects.filter(
        pk__lt=run.pk, status=RunStatus.DONE, is_dry_run=False, started_at__gt=Now() - SINCE_WITHIN, mark__isnull=False
    )
    found: dict[str, comparison.Since] = {}
    for name in run.datasets:
        latest = earlier.filter(datasets__contains=[name]).order_by("-pk").first()
        if latest is not None and latest.mark is not None and outbox_reading.is_of_this_cluster(latest.mark):
            found[name] = comparison.Since(run_id=latest.pk, mark=latest.mark)
    return found


def reconciliation_cancel_running() -> ReconciliationRun | None:
    """End the run that is at work and return it; None when there is none."""
    running = ReconciliationRun.objects.filter(status=RunStatus.RUNNING).first()
    return None if running is None else reconciliation_cancel(run_id=running.pk)


def reconciliation_cancel(*, run_id: int) -> ReconciliationRun:
    """End an open run; its process notices after the batch it is at. A run that has ended stays as it is."""
    ReconciliationRun.objects.filter(pk=run_id, status=RunStatus.RUNNING).update(
        status=RunStatus.CANCELLED, ended_at=Now()
    )
    return _get(run_id)


class _NoLongerWanted(Exception):
    """Somebody cancelled the run, or took it for dead."""


class _Heartbeat:
    """Tells at most once a second how far the run is, and whether it is still wanted."""

    def __init__(self, run_id: int, runner: uuid.UUID) -> None:
        self._run_id = run_id
        self._runner = runner
        self._due_at = 0.0

    def __call__(self, report: dict[str, comparison.Counts]) -> None:
        if monotonic() < self._due_at:
            return
        self._due_at = monotonic() + HEARTBEAT_EVERY.total_seconds()
        if not run_record.progress_note(run_id=self._run_id, runner=self._runner, counts=_figures(report)):
            raise _NoLongerWanted


def _figures(report: dict[str, comparison.Counts]) -> dict[str, Any]:
    return {name: counts.as_dict() for name, counts in report.items()}


def _get(run_id: int) -> ReconciliationRun:
    try:
        return ReconciliationRun.objects.get(pk=run_id)
    except ReconciliationRun.DoesNotExist:
        raise ReconciliationNotFound(run_id) from None
