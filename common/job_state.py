"""How the jobs stand: for the people who look after them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from common import clock, jobs
from common.jobs import Job
from common.models import JobRun, JobStatus

# The worker looks at its schedules twice a minute, and a run may wait for a free hand.
LATE_AFTER = timedelta(minutes=3)

_STATES = """
SELECT j.name, latest.id, failing.count, planned.next_run
FROM unnest(%s::text[]) AS j(name)
LEFT JOIN LATERAL (
    SELECT r.id FROM common_jobrun r WHERE r.job = j.name ORDER BY r.id DESC LIMIT 1
) latest ON true
LEFT JOIN LATERAL (SELECT min(s.next_run) AS next_run FROM django_q_schedule s WHERE s.name = j.name) planned ON true
LEFT JOIN LATERAL (
    SELECT count(*) FROM common_jobrun f WHERE f.job = j.name AND f.status = 'failed' AND f.ended_at > coalesce(
        (SELECT max(d.ended_at) FROM common_jobrun d WHERE d.job = j.name AND d.status = 'done'), '-infinity')
) failing ON true
"""


@dataclass(frozen=True, kw_only=True)
class JobState:
    """
    One job: its latest run, how often it has failed in a row, and when it is due.

    next_at: None when the database holds no schedule of it.
    overdue_since: the instant at which it should have run; None when it is in time.
    """

    job: Job
    latest: JobRun | None
    failures_in_a_row: int
    next_at: datetime | None
    overdue_since: datetime | None

    @property
    def every(self) -> str:
        """Say how often it runs: every minute, every 5 minutes, hourly, daily."""
        words = {1: "every minute", 60: "hourly", 24 * 60: "daily"}
        return words.get(self.job.minutes, f"every {self.job.minutes} minutes")

    @property
    def needs_somebody(self) -> bool:
        """Tell whether it keeps failing, or does not run."""
        keeps_failing = self.failures_in_a_row >= settings.JOB_FAILURES_TOLD
        return keeps_failing or self.overdue_since is not None or self.next_at is None


def job_states() -> list[JobState]:
    """Return how each job stands, in the order of the settings. Two queries."""
    declared = jobs.job_list()
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [[job.name for job in declared]])
        found = {name: facts for name, *facts in cursor.fetchall()}
    runs = JobRun.objects.in_bulk([run_id for run_id, _, _ in found.values() if run_id is not None])
    now = clock.now()
    states = []
    for job in declared:
        run_id, failures, next_at = found[job.name]
        latest = runs.get(run_id)
        states.append(
            JobState(
                job=job,
                latest=latest,
                failures_in_a_row=failures,
                next_at=next_at,
                overdue_since=_overdue_since(job, latest, next_at, now),
            )
        )
    return states


def job_state(*, slug: str) -> JobState:
    """Return how one job stands. Raises: JobNotFound."""
    job = jobs.job_get(slug=slug)
    return next(state for state in job_states() if state.job.name == job.name)


def job_run_list(*, slug: str, limit: int, before: int | None = None) -> list[JobRun]:
    """Return a job's runs, the latest first; `before` is the last id of the page before. Raises: JobNotFound."""
    rows = JobRun.objects.filter(job=jobs.job_get(slug=slug).name).order_by("-pk")
    return list((rows.filter(pk__lt=before) if before is not None else rows)[:limit])


def _overdue_since(job: Job, latest: JobRun | None, next_at: datetime | None, now: datetime) -> datetime | None:
    """No cluster took its tick up; or one did, and no worker came to run it."""
    due = [next_at] if next_at is not None else []
    if latest is not None and latest.status != JobStatus.RUNNING and latest.started_at is not None:
        due.append(latest.started_at + timedelta(minutes=job.minutes))
    if (
        latest is not None
        and latest.status == JobStatus.RUNNING
        and latest.dead_at is not None
        and latest.dead_at < now
    ):
        due.append(latest.dead_at)
    late = [at for at in due if at + LATE_AFTER < now]
    return min(late, default=None)
