"""A run that repaired something says so; IT is told by it."""

import pytest

from common.context import Origin
from common.models import OutboxEvent
from documents import reconcile, services
from tests.documents.test_reconcile import drifted, registry, trips_dataset  # noqa: F401 - a fixture

pytestmark = [pytest.mark.usefixtures("stores"), pytest.mark.django_db]


def do_run(*, is_dry_run: bool = False) -> int:
    opened = services.reconciliation_start(origin=Origin.JOB, is_dry_run=is_dry_run)
    return services.reconciliation_run(run_id=opened.pk, settle_s=0).pk


def test_drift_is_published_once_and_only_when_it_was_repaired(registry):  # noqa: F811
    reconcile.register(trips_dataset(drifted()))

    do_run(is_dry_run=True)
    assert OutboxEvent.objects.count() == 0
    run_id = do_run()
    do_run()

    (told,) = OutboxEvent.objects.all()
    assert told.name == "documents.reconciliation.drift_found"
    assert told.origin == "job"
    assert told.payload["run_id"] == run_id
    assert told.payload["repaired"] == told.payload["missing"] + told.payload["stale"] + told.payload["orphaned"] == 5
    assert told.payload["failed"] == 0
