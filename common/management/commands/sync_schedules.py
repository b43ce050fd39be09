"""Make the rows of django-q2's schedule match settings.SCHEDULES."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django_q.models import Schedule

from common import jobs
from common.jobs import Job
from common.management.base import DomainCommand


class Command(DomainCommand):
    help = "Make the job schedules in the database match those declared in the settings."

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = jobs.job_list()
        with transaction.atomic():
            _lock()
            removed = Schedule.objects.exclude(name__in=[job.name for job in wanted]).delete()[0]
            for job in wanted:
                _sync(job)
        self.stdout.write(f"{len(wanted)} schedules in place, {removed} removed.")


def _lock() -> None:
    """Have others who do this at the same time wait: no row of a new schedule is there yet to be locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('common.schedules', 0))")


def _sync(job: Job) -> None:
    rows = Schedule.objects.select_for_update().filter(name=job.name).order_by("pk")
    kept, extra = rows[:1], rows[1:]
    Schedule.objects.filter(pk__in=[row.pk for row in extra]).delete()
    values = {
        "func": jobs.RUNNER,
        "args": repr((job.name,)),
        "kwargs": repr({"q_options": job.q_options}),
        "intended_date_kwarg": "tick",
        "schedule_type": Schedule.MINUTES,
        "minutes": job.minutes,
        "repeats": -1,
    }
    now = timezone.now()
    for row in kept:
        # A job that now runs more often must not wait for its old turn.
        values["next_run"] = min(row.next_run, now + timedelta(minutes=job.minutes))
    Schedule.objects.update_or_create(name=job.name, defaults=values, create_defaults={**values, "next_run": now})
