"""
Jobs: what settings.SCHEDULES names, run by the worker, each run on record.

# Note [The queue delivers at least once]
django-q2 gives a task again when its worker died, or when it took longer than `retry`, and its result rows are no
record of truth. So a run is a row of ours, and the database refuses a second one for the same tick of the schedule, and
a second one of the same job while one is at work: with any number of clusters, whatever the queue does.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connections, transaction
from django.utils.module_loading import import_string
from django.utils.text import slugify
from django_q.exceptions import TimeoutException
from django_q.tasks import async_task

from common import clock, context, events, outbox
from common.context import Origin
from common.errors import DomainError, Kind, NotFound, said
from common.models import JobRun, JobStatus

log = logging.getLogger(__name__)

RUNNER = "common.tasks.job_run"
FORGOTTEN_AFTER = timedelta(minutes=10)  # what waits longer may be asked for again
DIES_AFTER = timedelta(seconds=30)  # beyond the limit; the worker kills what does not stop three seconds after it
REMOVE_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as the settings declare it."""

    name: str
    func: str
    minutes: int
    limit_s: int

    @property
    def slug(self) -> str:
        """Return its name in addresses."""
        return slugify(self.name)

    @property
    def what(self) -> str:
        """Say what it does: the first sentence of its function's docstring."""
        return " ".join((import_string(self.func).__doc__ or "").split(".")[0].split("; ")[0].split())

    @property
    def q_options(self) -> dict[str, Any]:
        """Return what the queue is told about its tasks."""
        return {"timeout": self.limit_s, "save": False}


class JobNotFound(NotFound):
    """The settings name no such job."""

    code = "job_not_found"
    sentence = "There is no such job."


class JobGivesWay(Exception):
    """
    Raised by a job that finds its work under way already; says why.

    Its run counts neither as done nor as failed, so that it does not end a row of failures.
    """


class JobUnderWay(DomainError):
    """It is running, or waits for the worker already."""

    code = "job_under_way"
    kind = Kind.CONFLICT
    sentence = "“{job}” is running or waiting for the worker already. Its outcome shows here when it has ended."


def job_list() -> list[Job]:
    """Return all jobs, in the order of the settings."""
    return [
        Job(name=name, func=spec["func"], minutes=spec["minutes"], limit_s=spec.get("limit_s", settings.JOB_LIMIT_S))
        for name, spec in settings.SCHEDULES.items()
    ]


def job_get(*, name: str = "", slug: str = "") -> Job:
    """Return the job of this name or slug. Raises: JobNotFound."""
    for job in job_list():
        if name == job.name or slug == job.slug:
            return job
    raise JobNotFound


@transaction.atomic
def job_request(*, slug: str) -> JobRun:
    """
    Have the worker run a job now, beside its schedule and in the present actor's name.

    Raises: JobNotFound, JobUnderWay.
    """
    job = job_get(slug=slug)
    _dead_close(job)
    if JobRun.objects.filter(job=job.name, status=JobStatus.RUNNING).exists():
        raise JobUnderWay(job=job.name)
    # Its task may be gone from the queue, or no worker is up; should it come after all, it finds its run ended.
    JobRun.objects.filter(job=job.name, status=JobStatus.QUEUED, queued_at__lt=clock.now() - FORGOTTEN_AFTER).update(
        status=JobStatus.SKIPPED, ended_at=clock.now(), error="No worker came to it, and it was asked for again."
    )
    here = context.current()
    try:
        with transaction.atomic():
            run = JobRun.objects.create(
                job=job.name,
                status=JobStatus.QUEUED,
                actor_id=here.actor_id,
                actor_email=here.actor_email,
                request_id=here.request_id,
            )
    except IntegrityError as error:
        if "common_one_queued_run_per_job" not in str(error):
            raise
        raise JobUnderWay(job=job.name) from error
    outbox.publish(events.JobRequested(job=job.name, job_run_id=run.pk))
    async_task(RUNNER, job.name, run_id=run.pk, q_options={**job.q_options, "task_name": job.name})
    return run


def job_run(*, name: str, tick: datetime | None = None, run_id: int | None = None) -> JobRun | None:
    """
    Run a job once and record how it went; must be outermost, for the job opens its own transactions.

    Args:
        tick: the instant that the schedule meant; a second run for it is refused.
        run_id: of a run that a person asked for.
    Returns: the run; None when this tick was run already, or another run of the job is at work.
    Raises: JobNotFound, and whatever the job raises, after it is recorded.
    """
    job = job_get(name=name)
    run = _begin(job, tick, run_id)
    if run is None:
        return None
    with context.scope(
        origin=Origin.JOB,
        request_id=run.request_id or context.new_request_id(),
        actor_id=run.actor_id,
        actor_email=run.actor_email,
        job_run_id=run.pk,
    ):
        try:
            result = import_string(job.func)()
        except TimeoutException:
            connections.close_all()  # it may have been stopped in the middle of a statement
            _end(run, JobStatus.FAILED, error=f"It took longer than {job.limit_s} seconds and was stopped.")
            raise
        except JobGivesWay as reason:
            log.info("%s", reason)
            _end(run, JobStatus.SKIPPED, error=str(reason))
        except BaseException as error:
            log.exception("Job %s failed", job.name)
            _end(run, JobStatus.FAILED, error=said(error))
            raise
        else:
            _end(run, JobStatus.DONE, result="" if result is None else str(result))
    run.refresh_from_db()
    return run


@transaction.atomic
def job_run_follow_up(*, run_id: int | None, result: str = "", error: str = "") -> None:
    """
    Record what became of work that a job had queued: its end is the run's end, its error the run's failure.

    Args:
        run_id: as context.current().job_run_id was when the work was queued; None or one that is gone is fine.
    """
    if run_id is None:
        return
    # The work may fail before the job that queued it has returned; its "done" then comes too late.
    open_to_it = JobRun.objects.filter(pk=run_id, status__in=[JobStatus.RUNNING, JobStatus.DONE])
    run = open_to_it.select_for_update().first()
    if run is None:
        return
    status = JobStatus.FAILED if error else JobStatus.DONE
    JobRun.objects.filter(pk=run.pk).update(
        status=status, result=result[:500], error=error[:2000], ended_at=clock.now()
    )
    if error:
        _streak_tell(run.job, run.pk, error)


def job_runs_remove(*, before: datetime) -> int:
    """Delete ended runs older than this, in batches; return how many."""
    removed = 0
    old = JobRun.objects.filter(ended_at__lt=before).order_by("pk").values("pk")
    while count := JobRun.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:REMOVE_AT_ONCE])).delete()[0]:
        removed += count
    return removed


@transaction.atomic
def _begin(job: Job, tick: datetime | None, run_id: int | None) -> JobRun | None:
    _dead_close(job)
    now = clock.now()
    begun = {
        "status": JobStatus.RUNNING,
        "runner": uuid.uuid4(),
        "started_at": now,
        "dead_at": now + timedelta(seconds=job.limit_s) + DIES_AFTER,
    }
    try:
        with transaction.atomic():
            if run_id is None:
                run_id = JobRun.objects.create(job=job.name, tick=tick, **begun).pk
            elif not JobRun.objects.filter(pk=run_id, status=JobStatus.QUEUED).update(**begun):
                return None  # the queue gave it a second time
    except IntegrityError as error:
        if "common_one_run" not in str(error):
            raise
        if run_id is not None:
            JobRun.objects.filter(pk=run_id).update(
                status=JobStatus.SKIPPED, ended_at=clock.now(), error="Its schedule had begun a run in the meantime."
            )
        log.info("Job %s is not run again for %s", job.name, tick or f"run {run_id}")
        return None
    return JobRun.objects.get(pk=run_id)


@transaction.atomic
def _end(run: JobRun, status: JobStatus, *, result: str = "", error: str = "") -> None:
    is_ours = JobRun.objects.filter(pk=run.pk, runner=run.runner, status=JobStatus.RUNNING).update(
        status=status, result=result[:500], error=error[:2000], ended_at=clock.now()
    )
    if is_ours and status == JobStatus.FAILED:
        _streak_tell(run.job, run.pk, error)


def _dead_close(job: Job) -> None:
    """Close a run whose process ended without a word; its tick may be run again."""
    error = "Its process ended without finishing."
    for run in JobRun.objects.filter(job=job.name, status=JobStatus.RUNNING, dead_at__lt=clock.now()):
        if JobRun.objects.filter(pk=run.pk, runner=run.runner, status=JobStatus.RUNNING).update(
            status=JobStatus.FAILED, tick=None, error=error, ended_at=clock.now()
        ):
            _streak_tell(job.name, run.pk, error)


def _streak_tell(name: str, run_id: int, error: str) -> None:
    """Publish that a job keeps failing when its failures in a row reach the number; so once until it succeeds."""
    runs = JobRun.objects.filter(job=name)
    latest = runs.filter(status=JobStatus.DONE).order_by("-ended_at").values_list("ended_at", flat=True).first()
    failed = runs.filter(status=JobStatus.FAILED)
    failures = (failed if latest is None else failed.filter(ended_at__gt=latest)).count()
    if failures == settings.JOB_FAILURES_TOLD:
        outbox.publish(events.JobKeepsFailing(job=name, job_run_id=run_id, failures=failures, error=error[:500]))
