"""Jobs: each run on record, one at a time, once for each tick; IT hears when one keeps failing."""

from datetime import timedelta

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.utils import timezone
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage
from django_q.timeout import TimeoutHandler

from common import context, job_state, jobs, tasks
from common.context import Origin
from common.jobs import JobNotFound, JobUnderWay
from common.models import JobRun, OutboxEvent
from tests.common import chores

pytestmark = pytest.mark.django_db
TICK = timezone.now().replace(microsecond=0)


@pytest.fixture
def ran(monkeypatch, tmp_path, settings):
    path = tmp_path / "chores"
    path.touch()
    monkeypatch.setenv("CHORES_FILE", str(path))
    settings.SCHEDULES = chores.SCHEDULES
    return lambda: path.read_text().split()


def failing(name="fail") -> None:
    with pytest.raises(ValueError, match="the disk is full"):
        jobs.job_run(name=name)


def told() -> list[dict]:
    return [event.payload for event in OutboxEvent.objects.filter(name="common.job.keeps_failing").order_by("pk")]


def test_a_run_is_on_record_with_its_result_and_duration(ran):
    run = jobs.job_run(name="make a note", tick=TICK)

    assert (run.status, run.result, run.tick, ran()) == ("done", "7", TICK, ["ran"])
    assert run.duration >= timedelta(0)


def test_a_tick_is_run_once_even_when_the_queue_gives_it_twice(ran):
    first = tasks.job_run("make a note", tick=TICK.isoformat())
    second = tasks.job_run("make a note", tick=TICK.isoformat())
    tasks.job_run("make a note", tick=(TICK + timedelta(minutes=1)).isoformat())

    assert (first.split(":")[1], second) == (" done", "Another run had it.")
    assert ran() == ["ran", "ran"]
    assert JobRun.objects.count() == 2


def test_two_runs_of_a_job_never_overlap(ran, monkeypatch):
    inner = []

    def again():
        """Run it once more, from within."""
        inner.append(jobs.job_run(name="make a note"))
        inner.append(jobs.job_run(name="whoami"))

    monkeypatch.setattr(chores, "note", again)
    run = jobs.job_run(name="make a note")

    assert inner[0] is None
    assert inner[1].status == "done"  # another job is not in its way
    assert (run.status, JobRun.objects.filter(job="make a note").count()) == ("done", 1)


def test_a_run_whose_process_died_is_closed_and_its_tick_run_again(ran):
    JobRun.objects.create(
        job="make a note",
        tick=TICK,
        status="running",
        started_at=timezone.now() - timedelta(hours=1),
        dead_at=timezone.now() + timedelta(minutes=5),
    )
    early = jobs.job_run(name="make a note", tick=TICK)
    JobRun.objects.update(dead_at=timezone.now() - timedelta(seconds=1))
    late = jobs.job_run(name="make a note", tick=TICK)

    dead = JobRun.objects.exclude(pk=late.pk).get()
    assert (early, late.status, ran()) == (None, "done", ["ran"])
    assert (dead.status, dead.error) == ("failed", "Its process ended without finishing.")


def test_a_failure_is_on_record_and_raised(ran):
    failing()

    run = JobRun.objects.get()
    assert (run.status, run.error) == ("failed", "ValueError: the disk is full")
    assert run.ended_at is not None


def test_a_failure_is_on_record_whatever_its_words(ran, monkeypatch):
    monkeypatch.setattr(chores, "SAYS", "cannot read \x00 this one")
    with pytest.raises(ValueError, match="cannot read"):
        jobs.job_run(name="fail")

    assert JobRun.objects.get().error == "ValueError: cannot read ? this one"


@pytest.mark.django_db(transaction=True)  # its connection is closed
def test_a_job_that_takes_too_long_is_stopped_and_says_so(ran):
    """As the worker does: its timer interrupts whatever runs."""
    with pytest.raises(TimeoutException), TimeoutHandler(1):
        jobs.job_run(name="hang")

    run = JobRun.objects.get()
    assert (ran(), run.status) == (["began"], "failed")
    assert run.error == "It took longer than 1 seconds and was stopped."


def test_it_hears_once_when_a_job_keeps_failing_and_again_after_it_had_worked(ran, settings, monkeypatch):
    settings.JOB_FAILURES_TOLD = 3
    counts = []
    for _ in range(5):
        failing()
        counts.append(len(told()))
    monkeypatch.setattr(chores, "fail", chores.note)
    jobs.job_run(name="fail")
    monkeypatch.undo()
    monkeypatch.setenv("CHORES_FILE", "/dev/null")
    settings.SCHEDULES = chores.SCHEDULES
    for _ in range(4):
        failing()
        counts.append(len(told()))

    assert counts == [0, 0, 1, 1, 1, 1, 1, 2, 2]
    assert told()[0] | {"job_run_id": 0} == {
        "job": "fail", "job_run_id": 0, "failures": 3, "error": "ValueError: the disk is full",
    }  # fmt: skip


def test_a_job_that_gives_way_is_skipped_with_its_reason_and_no_success(ran, monkeypatch):
    failing()

    def give_way():
        raise jobs.JobGivesWay("It is under way.")

    monkeypatch.setattr(chores, "fail", give_way)
    run = jobs.job_run(name="fail")

    assert (run.status, run.error) == ("skipped", "It is under way.")
    assert state_of("fail").failures_in_a_row == 1


def test_runs_that_died_count_as_failures_too(ran, settings):
    settings.JOB_FAILURES_TOLD = 1
    JobRun.objects.create(job="make a note", status="running", dead_at=timezone.now() - timedelta(seconds=1))

    jobs.job_run(name="make a note")

    assert [one["error"] for one in told()] == ["Its process ended without finishing."]


def test_a_person_has_a_job_run_now_in_their_name(ran):
    with context.scope(origin=Origin.PORTAL, actor_id=5, actor_email="it@example.org", request_id="request-1"):
        asked = jobs.job_request(slug="whoami")
        with pytest.raises(JobUnderWay, match="waiting for the worker already"):
            jobs.job_request(slug="whoami")
    tasks_queued = [SignedPackage.loads(row.payload) for row in OrmQ.objects.all()]
    (queued,) = [task for task in tasks_queued if task["func"] == jobs.RUNNER]

    run = jobs.job_run(name="whoami", run_id=asked.pk)
    again = jobs.job_run(name="whoami", run_id=asked.pk)

    assert (queued["func"], queued["args"], queued["kwargs"]) == (jobs.RUNNER, ("whoami",), {"run_id": asked.pk})
    assert (run.pk, run.result, again) == (asked.pk, "job it@example.org request-1", None)
    event = OutboxEvent.objects.get(name="common.job.requested")
    assert (event.payload, event.actor_email) == ({"job": "whoami", "job_run_id": asked.pk}, "it@example.org")


def test_what_was_asked_for_is_skipped_when_the_schedule_came_first(ran):
    asked = jobs.job_request(slug="make-a-note")
    JobRun.objects.create(job="make a note", status="running", dead_at=timezone.now() + timedelta(minutes=5))

    assert jobs.job_run(name="make a note", run_id=asked.pk) is None

    asked.refresh_from_db()
    assert (asked.status, ran()) == ("skipped", [])
    with pytest.raises(JobUnderWay):
        jobs.job_request(slug="make-a-note")


def test_what_no_worker_came_to_can_be_asked_for_again_and_runs_once(ran):
    forgotten = jobs.job_request(slug="make-a-note")
    JobRun.objects.update(queued_at=timezone.now() - jobs.FORGOTTEN_AFTER - timedelta(seconds=1))
    again = jobs.job_request(slug="make-a-note")

    late = jobs.job_run(name="make a note", run_id=forgotten.pk)
    run = jobs.job_run(name="make a note", run_id=again.pk)

    forgotten.refresh_from_db()
    assert (late, forgotten.status, run.status, ran()) == (None, "skipped", "done", ["ran"])


def test_there_is_no_such_job(ran):
    with pytest.raises(JobNotFound):
        jobs.job_request(slug="rob-a-bank")
    with pytest.raises(JobNotFound):
        jobs.job_run(name="rob a bank")
    assert not JobRun.objects.exists()


@pytest.mark.parametrize("job", jobs.job_list(), ids=lambda job: job.name)
def test_every_job_of_ours_may_run_twice_and_says_what_it_does(job):
    """On a database without anything to do; their packages test what they do when there is."""
    events = OutboxEvent.objects.count()
    first, second = (jobs.job_run(name=job.name).status for _ in range(2))

    # Some queue work for the worker, which has not come to it when they run again.
    assert (first, second) in (("done", "done"), ("done", "skipped"))
    assert OutboxEvent.objects.count() == events
    assert job.what.endswith(tuple("abcdefghijklmnopqrstuvwxyz"))
    assert job.limit_s > 0
    assert len({one.slug for one in jobs.job_list()}) == len(project.SCHEDULES)


# --- how they stand ------------------------------------------------------------
def state_of(slug: str):
    return job_state.job_state(slug=slug)


def test_the_schedules_are_synced_and_stay_when_synced_again(ran, capsys):
    Schedule.objects.create(name="gone", func="x.y")
    call_command("sync_schedules")
    Schedule.objects.update(next_run=TICK + timedelta(days=3))
    call_command("sync_schedules")

    rows = {row.name: row for row in Schedule.objects.all()}
    assert set(rows) == set(chores.SCHEDULES)
    assert (rows["hang"].args, rows["hang"].intended_date_kwarg) == ("('hang',)", "tick")
    assert "'timeout': 1" in rows["hang"].kwargs
    # A job that runs more often than it did comes forward.
    assert rows["fail"].next_run < TICK + timedelta(days=1)


def test_a_job_that_lapses_is_overdue(ran):
    call_command("sync_schedules")
    now = timezone.now()
    fresh = state_of("make-a-note")
    Schedule.objects.update(next_run=now - timedelta(minutes=10))
    lapsed = state_of("make-a-note")
    Schedule.objects.update(next_run=now + timedelta(minutes=1))
    JobRun.objects.create(job="make a note", status="done", started_at=now - timedelta(minutes=9), ended_at=now)
    no_hands = state_of("make-a-note")
    JobRun.objects.update(started_at=now - timedelta(seconds=30))
    in_time = state_of("make-a-note")
    Schedule.objects.all().delete()
    unscheduled = state_of("make-a-note")

    assert (fresh.overdue_since, fresh.needs_somebody) == (None, False)
    assert lapsed.overdue_since == now - timedelta(minutes=10)
    assert no_hands.overdue_since == now - timedelta(minutes=8)
    assert (in_time.overdue_since, in_time.needs_somebody) == (None, False)
    assert (unscheduled.next_at, unscheduled.needs_somebody) == (None, True)


def test_failures_in_a_row_are_counted_from_the_latest_success(ran):
    call_command("sync_schedules")
    jobs.job_run(name="make a note")
    for _ in range(2):
        failing()

    assert (state_of("fail").failures_in_a_row, state_of("make-a-note").failures_in_a_row) == (2, 0)
    assert [run.status for run in job_state.job_run_list(slug="fail", limit=10)] == ["failed", "failed"]


def test_old_runs_are_removed_and_those_under_way_are_not(ran, settings, monkeypatch):
    monkeypatch.setattr(jobs, "REMOVE_AT_ONCE", 2)
    long_ago = timezone.now() - timedelta(days=settings.JOB_RUNS_KEPT_DAYS, hours=1)
    for _ in range(5):
        JobRun.objects.create(job="fail", status="done", started_at=long_ago, ended_at=long_ago)
    young = JobRun.objects.create(job="fail", status="done", started_at=long_ago, ended_at=timezone.now())
    under_way = JobRun.objects.create(job="fail", status="running", started_at=long_ago)

    tasks.clean_up()

    assert list(JobRun.objects.order_by("pk")) == [young, under_way]
