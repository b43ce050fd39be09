"""Reconciliation against real stores: what differs is found, told apart from what moves, and repaired."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from common.context import Origin
from common.jobs import JobGivesWay
from documents import comparison, reconcile, services, tasks
from documents.enums import RunStatus
from documents.errors import DatasetUnknown, DocumentStoreUnavailable, ReconciliationNotFound, ReconciliationRunning
from documents.models import DEAD_AFTER, ReconciliationRun
from documents.records import CredentialRecord
from documents.repositories import Credentials, Trips
from tests.documents.builders import NOW, make_trip
from tests.documents.drifting import Truth, drifted, figures, run, trips_dataset
from tests.documents.processes import race

pytestmark = [pytest.mark.usefixtures("stores"), pytest.mark.django_db]


def test_drift_of_every_kind_is_found_and_repaired_and_stays_repaired():
    truth = drifted()

    assert run(trips_dataset(truth)) == figures(looked_at=7, missing=1, stale=3, orphaned=1, repaired=5, exit_code=1)

    assert Trips.get_many(range(1, 100)) == truth.rows
    assert run(trips_dataset(truth)) == figures(looked_at=6)


def test_dry_run_finds_the_same_and_writes_nothing():
    truth = drifted()
    before = Trips.get_many(range(1, 100))

    found = run(trips_dataset(truth), is_dry_run=True)

    assert found == figures(looked_at=7, missing=1, stale=3, orphaned=1, exit_code=1)
    assert Trips.get_many(range(1, 100)) == before


def test_big_sets_are_streamed_in_batches(monkeypatch):
    monkeypatch.setattr(comparison, "BATCH", 20)
    truth = Truth(*(make_trip(key * 3, 1) for key in range(1, 121)))
    for key in range(1, 121):
        if key % 10:
            Trips.put(make_trip(key * 3, 1))
    seen = []

    report = comparison.run(
        datasets=[trips_dataset(truth)],
        is_dry_run=False,
        progress=lambda name, counts: seen.append(counts.looked_at),
        settle_s=0,
    )

    assert report.counts["trips"].looked_at == 120
    assert (report.counts["trips"].missing, report.counts["trips"].repaired) == (12, 12)
    assert truth.largest_read == 20
    assert seen == [0, 20, 40, 60, 80, 100, 120, 120]


def test_booking_that_changes_meanwhile_is_no_drift():
    Trips.put(make_trip(1, 4))  # two changes behind
    Trips.put(make_trip(2, 6))  # written after the source was read
    Trips.put(make_trip(3, 1))  # sold after the source was read
    reads = [
        {1: make_trip(1, 5), 2: make_trip(2, 5)},
        {1: make_trip(1, 6), 2: make_trip(2, 6), 3: make_trip(3, 1)},
    ]
    truth = Truth()

    def stream(after_key, limit):
        truth.rows = reads[0]
        return truth.read(after_key, limit)

    def second_look(keys):
        truth.rows = reads[1]
        return truth.of(keys)

    dataset = reconcile.copies(name="trips", label="Trips", source=stream, fresh=second_look, repository=Trips)

    assert run(dataset) == figures(looked_at=3)
    assert [Trips.get(key).version for key in (1, 2, 3)] == [4, 6, 1]


def test_change_that_is_committed_and_delivered_during_the_second_look_is_kept():
    """See documents.comparison, Note [Documents first, then rows, then what is on its way]."""
    truth = Truth(make_trip(1, 5))
    Trips.put(make_trip(1, 4))

    def nothing_left_on_its_way(keys):
        truth.rows[1] = make_trip(1, 6)
        Trips.put(make_trip(1, 6))  # the worker was that fast
        return ()

    found = run(trips_dataset(truth, in_flight=nothing_left_on_its_way))

    assert Trips.get(1).version == 6
    assert found == figures(looked_at=1)


def test_change_on_its_way_is_left_to_the_outbox():
    truth = Truth(make_trip(1, 6), make_trip(2, 6))
    Trips.put(make_trip(1, 5))
    Trips.put(make_trip(2, 5))

    found = run(trips_dataset(truth, in_flight=lambda keys: {1}))

    assert found == figures(looked_at=2, stale=1, repaired=1, exit_code=1)
    assert (Trips.get(1).version, Trips.get(2).version) == (5, 6)


def test_document_that_cannot_be_written_is_counted_as_failed_and_stops_no_other():
    Trips.put(make_trip(9, 1, reference="SAMEXX"))
    truth = Truth(make_trip(1, 1, reference="SAMEXX"), make_trip(2, 1), make_trip(9, 1, reference="SAMEXX"))

    found = run(trips_dataset(truth))

    assert found == figures(looked_at=3, missing=2, repaired=1, failed=1, exit_code=2)
    assert Trips.get(2) == truth.rows[2]


def test_lost_password_is_reported_for_nobody_can_repair_it():
    for user_id in (1, 3):
        Credentials.put(CredentialRecord(user_id=user_id, password_hash="x", updated_at=NOW))
    dataset = reconcile.homes(
        name="credentials",
        label="Credentials",
        keys=lambda after_key, limit: [key for key in (1, 2) if key > after_key][:limit],
        repository=Credentials,
        repair_orphan=Credentials.delete,
    )

    assert run(dataset) == figures(looked_at=3, missing=1, orphaned=1, repaired=1, failed=1, exit_code=2)
    assert Credentials.get(3) is None
    assert run(dataset, is_dry_run=True) == figures(looked_at=2, missing=1, exit_code=1)


# --- runs -------------------------------------------------------------------------------------------------------------
def test_run_is_recorded_with_its_figures_and_who(registry):
    reconcile.register(trips_dataset(drifted()))
    opened = services.reconciliation_start(origin=Origin.PORTAL, actor_id=4, actor_email="it@example.com")

    done = services.reconciliation_run(run_id=opened.pk, settle_s=0)

    assert (done.status, done.drift, done.failed) == (RunStatus.DONE, 5, 0)
    assert done.counts["trips"]["repaired"] == 5
    assert (done.origin, done.actor_id, done.actor_email, done.datasets) == ("portal", 4, "it@example.com", ["trips"])
    assert done.ended_at >= done.started_at
    again = services.reconciliation_run(run_id=opened.pk, settle_s=0)
    assert again.counts == done.counts


def test_second_run_is_refused_while_one_is_at_work(registry):
    first = services.reconciliation_start(origin=Origin.COMMAND)

    with pytest.raises(ReconciliationRunning) as refusal:
        services.reconciliation_start(origin=Origin.COMMAND)

    assert refusal.value.run_id == first.pk
    assert ReconciliationRun.objects.count() == 1


def test_dead_run_is_closed_and_its_place_taken(registry):
    dead = services.reconciliation_start(origin=Origin.COMMAND)
    ReconciliationRun.objects.update(heartbeat_at=Now() - DEAD_AFTER - timedelta(seconds=1))

    fresh = services.reconciliation_start(origin=Origin.COMMAND)

    dead.refresh_from_db()
    assert (dead.status, fresh.status) == (RunStatus.FAILED, RunStatus.RUNNING)
    assert dead.ended_at is not None


def test_run_of_another_process_is_not_done_twice(registry):
    reconcile.register(trips_dataset(drifted()))
    opened = services.reconciliation_start(origin=Origin.COMMAND)
    ReconciliationRun.objects.update(runner="00000000-0000-0000-0000-000000000001")

    assert services.reconciliation_run(run_id=opened.pk, settle_s=0).counts == {}
    assert Trips.get(3) is None


def test_cancelled_run_stops_after_its_batch(registry, monkeypatch):
    monkeypatch.setattr(comparison, "BATCH", 1)
    monkeypatch.setattr(services, "HEARTBEAT_EVERY", timedelta(0))
    reconcile.register(trips_dataset(Truth(*(make_trip(key, 1) for key in range(1, 6)))))
    opened = services.reconciliation_start(origin=Origin.COMMAND)

    def progress(name, counts):
        if counts.looked_at == 2:
            services.reconciliation_cancel(run_id=opened.pk)

    ended = services.reconciliation_run(run_id=opened.pk, progress=progress, settle_s=0)

    assert ended.status == RunStatus.CANCELLED
    assert Trips.count() == 2


def test_unknown_things_are_refused(registry):
    reconcile.register(trips_dataset(Truth()))

    with pytest.raises(DatasetUnknown, match="'tripz'.*trips"):
        services.reconciliation_start(datasets=["tripz"], origin=Origin.COMMAND)
    with pytest.raises(ReconciliationNotFound):
        services.reconciliation_run(run_id=404)
    assert ReconciliationRun.objects.count() == 0


def test_store_away_fails_the_run_and_says_so(registry, mongo_servers):
    reconcile.register(trips_dataset(Truth(make_trip(1, 1))))
    opened = services.reconciliation_start(origin=Origin.COMMAND)
    mongo_servers.customer.stop()

    with pytest.raises(DocumentStoreUnavailable):
        services.reconciliation_run(run_id=opened.pk, settle_s=0)

    opened.refresh_from_db()
    assert (opened.status, "customer" in opened.error) == (RunStatus.FAILED, True)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_only_one_of_several_real_processes_starts(registry):
    connection.close()

    def start(_: int) -> bool:
        try:
            services.reconciliation_start(origin=Origin.JOB)
        except ReconciliationRunning:
            return False
        finally:
            connection.close()
        return True

    assert sorted(race(start, count=4)) == [False, False, False, True]
    assert ReconciliationRun.objects.filter(status=RunStatus.RUNNING).count() == 1


def test_job_does_the_run_once(registry):
    reconcile.register(trips_dataset(Truth(make_trip(1, 1))))
    opened = services.reconciliation_start(origin=Origin.PORTAL)

    assert tasks.reconcile(opened.pk) == tasks.reconcile(opened.pk)

    opened.refresh_from_db()
    assert (opened.status, opened.counts["trips"]["repaired"]) == (RunStatus.DONE, 1)


def test_scheduled_job_gives_way_to_a_run_at_work(registry):
    services.reconciliation_start(origin=Origin.COMMAND)

    with pytest.raises(JobGivesWay, match="still running"):
        tasks.reconcile_scheduled()
    assert ReconciliationRun.objects.count() == 1
