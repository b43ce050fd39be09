"""Make the rows of django-q2's schedule match settings.SCHEDULES."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule

from common.management.base import DomainCommand


class Command(DomainCommand):
    help = "Make the job schedules in the database match those declared in the settings."

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = settings.SCHEDULES
        with transaction.atomic():
            removed = Schedule.objects.exclude(name__in=wanted).delete()[0]
            for name, spec in wanted.items():
                rows = Schedule.objects.select_for_update().filter(name=name).order_by("pk")
                extra = rows[1:]
                Schedule.objects.filter(pk__in=[row.pk for row in extra]).delete()
                Schedule.objects.update_or_create(
                    name=name,
                    defaults={
                        "func": spec["func"],
                        "schedule_type": Schedule.MINUTES,
                        "minutes": spec["minutes"],
                        "repeats": -1,
                    },
                    create_defaults={
                        "func": spec["func"],
                        "schedule_type": Schedule.MINUTES,
                        "minutes": spec["minutes"],
                        "repeats": -1,
                        "next_run": timezone.now(),
                    },
                )
        self.stdout.write(f"{len(wanted)} schedules in place, {removed} removed.")
