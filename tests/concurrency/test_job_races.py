"""Several clusters at once: each tick of a schedule is queued once and run once, and no two runs of a job overlap."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler

from common import jobs
from common.models import JobRun
from tests.common import chores
from tests.concurrency.processes import contend

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
PROCESSES = 6
TICK = timezone.now().replace(microsecond=0)


@pytest.fixture
def ran(monkeypatch, tmp_path, settings):
    path = tmp_path / "chores"
    path.touch()
    monkeypatch.setenv("CHORES_FILE", str(path))
    settings.SCHEDULES = {"make a note": chores.SCHEDULES["make a note"]}
    return lambda: path.read_text().split()


def run_it(_):
    run = jobs.job_run(name="make a note", tick=TICK)
    return None if run is None else run.status


def test_processes_that_got_the_same_tick_run_it_once(ran):
    outcomes = contend(count=PROCESSES, job=run_it)

    assert sorted(outcomes, key=str) == [None] * (PROCESSES - 1) + ["done"]
    assert ran() == ["ran"]
    assert JobRun.objects.count() == 1


def test_control_without_the_databases_refusal_each_process_runs_it(ran):
    names = ("common_one_run_per_job_and_tick", "common_one_running_run_per_job")
    kept = {one.name: one for one in JobRun._meta.constraints if one.name in names}
    with connection.schema_editor() as editor:
        for constraint in kept.values():
            editor.remove_constraint(JobRun, constraint)
    try:
        contend(count=PROCESSES, job=run_it)
        times = len(ran())
    finally:
        JobRun.objects.all().delete()
        with connection.schema_editor() as editor:
            for constraint in kept.values():
                editor.add_constraint(JobRun, constraint)

    assert times == PROCESSES


def test_schedules_that_several_starts_make_at_once_are_made_once(ran, settings):
    settings.SCHEDULES = chores.SCHEDULES

    contend(count=PROCESSES, job=lambda _: call_command("sync_schedules", stdout=StringIO()))

    assert sorted(Schedule.objects.values_list("name", flat=True)) == sorted(chores.SCHEDULES)


def test_schedulers_of_several_clusters_queue_each_tick_once(ran):
    call_command("sync_schedules")
    for number in range(3):
        Schedule.objects.update(next_run=timezone.now() - timedelta(seconds=1 + number))
        contend(count=PROCESSES, job=lambda _: scheduler())

    assert OrmQ.objects.count() == 3
