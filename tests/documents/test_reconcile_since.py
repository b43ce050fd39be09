"""Reconciliation since the run before: what it looks at, where it goes on, when it must look at everything."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now

from bookings.models import Booking
from common import outbox_reading
from common.context import Origin
from common.models import OutboxEvent, OutboxFailure, OutboxPosition
from documents import comparison, reconcile, selectors, services, tasks
from documents.models import ReconciliationRun
from documents.repositories import Offers, Trips
from tests.documents.builders import make_trip
from tests.documents.drifting import Truth, trips_dataset
from tests.factories import LaunchFactory, make_booking

pytestmark = [pytest.mark.usefixtures("stores")]


def do_run(*, is_full=False, **options) -> ReconciliationRun:
    opened = services.reconciliation_start(origin=Origin.COMMAND, is_full=is_full, **options)
    return services.reconciliation_run(run_id=opened.pk, settle_s=0)


def figures(run: ReconciliationRun, name="trips") -> tuple[int, int, int | None]:
    return run.counts[name]["looked_at"], run.drift, run.counts[name]["since_run"]


@pytest.fixture
def truth(registry, db):  # noqa: F811
    """Five right trips; what happened lately is 2 and 4, and an event of the test's own says so."""
    truth = Truth(*(make_trip(key, 5) for key in range(1, 6)))
    truth.happened = [[2, 4], [4]]
    for trip in truth.rows.values():
        Trips.put(trip)
    reconcile.register(trips_dataset(truth, changed=lambda mark: iter(truth.happened)))
    return truth


def test_only_what_something_happened_to_is_compared_and_each_once(truth):
    first = do_run()
    Trips.delete(3)
    Trips.delete(4)
    del truth.rows[2]

    second = do_run()

    assert figures(first) == (5, 0, None)  # there was none before it
    assert figures(second) == (2, 2, first.pk)
    assert second.counts["trips"] | {"duration_s": 0} == {
        "looked_at": 2, "missing": 1, "stale": 0, "orphaned": 1, "repaired": 2, "failed": 0, "duration_s": 0,
        "expected": None, "since_run": first.pk,
    }  # fmt: skip
    assert sorted(Trips.get_many(range(1, 9))) == [1, 4, 5]
    assert figures(do_run(is_full=True)) == (4, 1, None)  # the third was changed behind the events' back


def test_dry_runs_failed_runs_and_runs_of_other_data_sets_are_not_gone_on_from(truth):
    first = do_run(is_full=True)
    reconcile.register(reconcile.copies(name="offers", label="", source=lambda a, n: [], repository=Offers))
    Trips.delete(2)

    assert figures(do_run(is_dry_run=True)) == (2, 1, first.pk)
    do_run(datasets=["offers"])
    opened = services.reconciliation_start(origin=Origin.COMMAND)
    services.reconciliation_cancel(run_id=opened.pk)

    run = do_run()
    assert figures(run) == (2, 1, first.pk)
    assert run.counts["offers"]["since_run"] is None  # nobody can tell what happened to these


def test_after_a_day_without_a_run_everything_is_compared(truth):
    do_run()
    ReconciliationRun.objects.update(started_at=Now() - services.SINCE_WITHIN - timedelta(minutes=1))

    assert figures(do_run()) == (5, 0, None)


def test_mark_of_another_cluster_is_not_gone_on_from(truth):
    do_run()
    ReconciliationRun.objects.update(mark=2**40)

    assert figures(do_run()) == (5, 0, None)


@pytest.mark.django_db
def test_mark_waits_for_what_is_not_delivered_yet_or_fails():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        now = cursor.fetchone()[0]
    assert outbox_reading.mark(consumer="documents") == 0  # it never began

    OutboxPosition.objects.create(consumer="documents", xid=now + 50)
    assert now <= outbox_reading.mark(consumer="documents") <= now + 5

    OutboxPosition.objects.update(xid=now - 5)
    assert outbox_reading.mark(consumer="documents") == now - 5

    event = OutboxEvent.objects.create(name="a.b.c", payload={}, origin="job", xid=now - 9)
    failure = OutboxFailure.objects.create(consumer="documents", event=event, error="x")
    assert outbox_reading.mark(consumer="documents") == now - 9

    failure.parked_at = Now()
    failure.save()  # nobody tries it any more: the run that parked it saw its document
    assert outbox_reading.mark(consumer="documents") == now - 5


@pytest.mark.django_db
def test_subjects_come_from_a_mark_on_in_batches():
    for xid, payload in ((5, {"booking_id": 1}), (6, {"booking_id": 2}), (6, {"launch_id": 9}), (7, {"booking_id": 3})):
        OutboxEvent.objects.create(name="bookings.booking.changed", payload=payload, origin="job", xid=xid)
    OutboxEvent.objects.create(name="finance.refund.requested", payload={"booking_id": 4}, origin="job", xid=8)

    def found(**arguments):
        return list(outbox_reading.subjects_since(field="booking_id", size=1, **arguments))

    assert found(mark=6) == [[2], [3], [4]]
    assert found(mark=6, event="bookings.") == [[2], [3]]
    assert found(mark=9) == []


@pytest.mark.django_db(transaction=True)
def test_registered_data_sets_find_lately_lost_documents_and_others_only_wholly(deliver):
    launch = LaunchFactory()
    old, new = make_booking(launch=launch), make_booking(launch=launch)
    deliver()
    do_run(is_full=True, datasets=["offers", "trips"])
    changed = make_booking(launch=launch)
    deliver()
    for booking in (old, changed):
        Trips.delete(booking.pk)

    since = do_run(datasets=["offers", "trips"])

    # The latest transaction that was delivered before the first run is looked at again.
    assert (since.counts["trips"]["looked_at"], since.drift, since.failed) == (2, 1, 0)
    assert Trips.get(changed.pk) is not None
    assert since.counts["offers"]["looked_at"] == 1
    assert do_run(is_full=True, datasets=["offers", "trips"]).drift == 1
    assert sorted(Trips.get_many([old.pk, new.pk, changed.pk])) == [old.pk, new.pk, changed.pk]
    assert Booking.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_launch_that_changed_has_all_its_trips_compared(deliver):
    from launches import services as launch_services

    launch = LaunchFactory()
    bookings = [make_booking(launch=launch) for _ in range(3)]
    deliver()
    do_run(is_full=True)
    launch_services.launch_confirm(actor=None, launch_id=launch.pk, now=launch.created_at)
    deliver()
    for booking in bookings[:2]:
        Trips.delete(booking.pk)

    assert do_run().counts["trips"]["missing"] == 2


# --- the schedule and the command -------------------------------------------------------------------------------------
def test_night_run_is_due_until_it_was_done_whatever_came_between(truth):
    def is_due(hour: int, day: int = 3) -> bool:
        return selectors.reconciliation_is_full_due(now=datetime(2026, 5, day, hour, 10, tzinfo=UTC), hour=3)

    assert is_due(1)
    run = do_run(is_full=True)
    ReconciliationRun.objects.filter(pk=run.pk).update(started_at=datetime(2026, 5, 3, 3, 10, tzinfo=UTC))
    do_run()
    do_run(is_full=True, is_dry_run=True)

    assert not is_due(4)
    assert not is_due(2, day=4)
    assert is_due(3, day=4)
    assert is_due(23, day=4)


def test_job_looks_at_everything_once_and_then_at_what_happened(truth):
    assert tasks.reconcile_scheduled().startswith("Full reconciliation")
    tasks.reconcile(ReconciliationRun.objects.latest("pk").pk)

    assert tasks.reconcile_scheduled().startswith("Reconciliation")
    tasks.reconcile(ReconciliationRun.objects.latest("pk").pk)

    assert list(ReconciliationRun.objects.order_by("pk").values_list("is_full", flat=True)) == [True, False]


def test_command_goes_on_from_the_run_before(truth, capsys):
    call_command("reconcile", "--full")
    capsys.readouterr()
    call_command("reconcile", "--since-last")

    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["trips", "2"]


def test_command_ends_a_run_at_work(truth, capsys):
    opened = services.reconciliation_start(origin=Origin.JOB)

    call_command("reconcile", "--cancel")
    call_command("reconcile", "--cancel")

    opened.refresh_from_db()
    assert opened.status == "cancelled"
    assert capsys.readouterr().out.splitlines() == [
        f"Reconciliation {opened.pk} ends after the batch it is at.",
        "No reconciliation is at work.",
    ]


def test_interrupted_command_closes_its_run_and_shows_how_far_it_came(truth, capsys, monkeypatch):
    monkeypatch.setattr(comparison, "BATCH", 2)

    def interrupt(after_key, limit):
        if after_key >= 4:
            raise KeyboardInterrupt
        return truth.read(after_key, limit)

    reconcile.register(
        reconcile.copies(name="trips", label="Trips", source=interrupt, fresh=truth.of, repository=Trips)
    )
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile")

    assert ended.value.code == 2
    run = ReconciliationRun.objects.get()
    assert (run.status, run.counts["trips"]["looked_at"]) == ("cancelled", 4)
    assert capsys.readouterr().out.splitlines()[-1] == f"Reconciliation {run.pk} was cancelled before its end."
