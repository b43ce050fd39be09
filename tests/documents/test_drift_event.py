"""A run that found drift says so, however it ends; IT is told by it, once."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from common.context import Origin
from common.models import OutboxEvent
from documents import comparison, reconcile, services
from documents.errors import DocumentStoreUnavailable
from documents.models import DEAD_AFTER, ReconciliationRun
from documents.repositories import Trips
from tests.documents.builders import make_trip
from tests.documents.drifting import Truth, drifted, trips_dataset

pytestmark = [pytest.mark.usefixtures("stores"), pytest.mark.django_db]


def do_run(*, is_dry_run: bool = False, **options) -> int:
    opened = services.reconciliation_start(origin=Origin.JOB, is_dry_run=is_dry_run)
    return services.reconciliation_run(run_id=opened.pk, settle_s=0, **options).pk


def told() -> list[dict]:
    events = OutboxEvent.objects.filter(name="documents.reconciliation.drift_found").order_by("pk")
    return [event.payload for event in events]


def figures(run_id: int, *, missing: int, is_whole: bool) -> dict:
    return {
        "run_id": run_id, "missing": missing, "stale": 0, "orphaned": 0, "repaired": missing, "failed": 0,
        "is_whole": is_whole,
    }  # fmt: skip


def die() -> None:
    ReconciliationRun.objects.update(heartbeat_at=Now() - DEAD_AFTER - timedelta(seconds=1))


@pytest.fixture
def six_missing(registry, monkeypatch) -> None:  # noqa: F811
    """Six trips without documents, repaired two at a time."""
    monkeypatch.setattr(comparison, "BATCH", 2)
    reconcile.register(trips_dataset(Truth(*(make_trip(key, 1) for key in range(1, 7)))))


def test_drift_is_published_once_and_only_when_it_was_repaired(registry):  # noqa: F811
    reconcile.register(trips_dataset(drifted()))

    do_run(is_dry_run=True)
    assert OutboxEvent.objects.count() == 0
    run_id = do_run()
    do_run()

    (event,) = OutboxEvent.objects.all()
    assert event.name == "documents.reconciliation.drift_found"
    assert event.origin == "job"
    assert event.payload == {
        "run_id": run_id, "missing": 1, "stale": 3, "orphaned": 1, "repaired": 5, "failed": 0, "is_whole": True,
    }  # fmt: skip


def test_a_run_that_loses_its_store_tells_what_it_had_repaired(six_missing, mongo_servers, short_timeouts):
    def progress(name, counts):
        if counts.repaired == 2:
            mongo_servers.customer.stop()

    with pytest.raises(DocumentStoreUnavailable):
        do_run(progress=progress)
    mongo_servers.customer.start()
    services.mongo.forget_failures()

    (failed,) = ReconciliationRun.objects.all()
    assert (failed.status, failed.counts["trips"]["repaired"]) == ("failed", 2)
    assert told() == [figures(failed.pk, missing=2, is_whole=False)]
    second = do_run()
    assert told()[1:] == [figures(second, missing=4, is_whole=True)]


def test_a_cancelled_run_keeps_and_tells_what_came_after_the_latest_heartbeat(six_missing, monkeypatch):
    def progress(name, counts):
        if counts.repaired == 2:
            services.reconciliation_cancel(run_id=ReconciliationRun.objects.get().pk)
        if counts.repaired == 4:
            monkeypatch.setattr(services, "monotonic", lambda: float("inf"))  # the next heartbeat is due

    monkeypatch.setattr(services, "HEARTBEAT_EVERY", timedelta(hours=1))
    run = ReconciliationRun.objects.get(pk=do_run(progress=progress))

    assert (run.status, run.counts["trips"]["repaired"], Trips.count()) == ("cancelled", 4, 4)
    assert told() == [figures(run.pk, missing=4, is_whole=False)]


def test_an_interrupted_run_tells_too(six_missing):
    def progress(name, counts):
        if counts.repaired == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        do_run(progress=progress)

    run = ReconciliationRun.objects.get()
    assert told() == [figures(run.pk, missing=2, is_whole=False)]


@pytest.mark.parametrize("status", ["running", "cancelled"])
def test_the_next_run_tells_what_a_dead_one_had_found(six_missing, status):
    dead = services.reconciliation_start(origin=Origin.JOB)
    counts = {"trips": {"looked_at": 2, "missing": 2, "repaired": 2}}
    ReconciliationRun.objects.update(runner="00000000-0000-0000-0000-000000000001", counts=counts)
    if status == "cancelled":
        services.reconciliation_cancel(run_id=dead.pk)
    else:
        die()
    services.reconciliation_start(origin=Origin.COMMAND)
    early = told()
    die()
    services.reconciliation_start(origin=Origin.COMMAND)

    assert early == ([] if status == "cancelled" else [figures(dead.pk, missing=2, is_whole=False)])
    assert told() == [figures(dead.pk, missing=2, is_whole=False)]


def test_who_takes_over_from_a_dead_process_tells_what_that_had_found(six_missing):
    run = services.reconciliation_start(origin=Origin.JOB)
    counts = {"trips": {"looked_at": 3, "missing": 3, "repaired": 3}}
    ReconciliationRun.objects.update(runner="00000000-0000-0000-0000-000000000001", counts=counts)
    die()

    services.reconciliation_run(run_id=run.pk, settle_s=0)
    services.reconciliation_run(run_id=run.pk, settle_s=0)

    assert told() == [figures(run.pk, missing=3, is_whole=False), figures(run.pk, missing=6, is_whole=True)]
