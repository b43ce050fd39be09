"""Two real clusters at work on one database."""

from datetime import timedelta

from django.core.management import call_command
from django.db.models import Count
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from common import outbox
from common.models import JobRun
from documents.repositories import AuditTrail
from notifications.models import Notification
from tests.common import chores
from tests.common.happenings import publish
from tests.factories import EmployeeFactory
from tests.journeys.worker import running_worker, within

TICKS = 3
CLUSTER = ("-m", "tests.journeys.cluster")


def due(name: str, number: int) -> None:
    """Have a tick of its own due now."""
    Schedule.objects.filter(name=name).update(next_run=timezone.now() - timedelta(seconds=100 - number))


def ended(name: str) -> int:
    return JobRun.objects.filter(job=name, ended_at__isnull=False).count()


def is_audited(number: int) -> bool:
    return any(entry.payload["number"] == number for entry in AuditTrail.of_object("thing", ""))


def is_idle() -> bool:
    return not OrmQ.objects.exists()


def test_two_clusters_run_each_tick_once_and_deliver_when_woken_or_by_the_sweep(settings, tmp_path):
    settings.SCHEDULES = chores.SCHEDULES
    call_command("sync_schedules")
    Schedule.objects.update(next_run=timezone.now() + timedelta(days=1), minutes=24 * 60)  # nothing comes by itself
    EmployeeFactory(employee_role="it", email="it@example.org")
    notes = tmp_path / "chores"
    notes.touch()
    cluster = {"command": CLUSTER, "CHORES_FILE": str(notes)}

    with running_worker(settings.MAIL_DIR, **cluster), running_worker(settings.MAIL_DIR, **cluster):
        publish(1)
        within(lambda: is_audited(1), "woken after the commit")
        within(is_idle, "the wake-up is done with")
        with outbox.deferred():  # a wake-up that was lost
            publish(2)
        due("hang", 0)
        for number in range(TICKS - 1):
            due("make a note", number)
            due("fail", number)
            within(lambda done=number + 1: min(ended("make a note"), ended("fail")) >= done, f"tick {number}")
        is_audited_without_sweep = is_audited(2)
        due("deliver events", 0)
        within(lambda: is_audited(2), "swept")
        for name in ("make a note", "fail"):
            due(name, TICKS - 1)
        within(lambda: min(ended("make a note"), ended("fail")) == TICKS, "the last tick")
        within(lambda: ended("hang") == 1, "the job that takes too long is stopped")
        within(lambda: Notification.objects.filter(status="sent").exists(), "IT has its mail")
        within(is_idle, "nothing is left to do")

    times = dict(JobRun.objects.values_list("job").annotate(times=Count("pk")))
    lines = notes.read_text().split()
    assert times == {"make a note": TICKS, "fail": TICKS, "hang": 1, "deliver events": 1}
    assert (lines.count("ran"), lines.count("failed"), lines.count("began")) == (TICKS, TICKS, 1)
    assert not is_audited_without_sweep
    assert JobRun.objects.get(job="hang").error == "It took longer than 1 seconds and was stopped."
    mail = Notification.objects.get(template="staff_job_keeps_failing")
    assert (mail.address, mail.subject) == ("it@example.org", "The job “fail” keeps failing")
