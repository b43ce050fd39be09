"""Trips as PostgreSQL would say them, documents that differ, and what a comparison finds."""

from documents import comparison, reconcile
from documents.repositories import Trips
from tests.documents.builders import make_trip


class Truth:
    """What PostgreSQL would say, in memory; counts its reads."""

    def __init__(self, *records) -> None:
        self.rows = {record.booking_id: record for record in records}
        self.largest_read = 0

    def of(self, wanted):
        return [(key, self.rows[key].version, self.rows[key]) for key in sorted(wanted) if key in self.rows]

    def read(self, after_key, limit):
        keys = sorted(key for key in self.rows if key > after_key)[:limit]
        self.largest_read = max(self.largest_read, len(keys))
        return [(key, self.rows[key].version, self.rows[key]) for key in keys]


def trips_dataset(truth, **options) -> reconcile.Dataset:
    fixed = {"name": "trips", "label": "Trips", "source": truth.read, "fresh": truth.of, "repository": Trips}
    return reconcile.copies(**fixed, **options)


def run(dataset, *, is_dry_run=False) -> dict[str, int]:
    report = comparison.run(datasets=[dataset], is_dry_run=is_dry_run, progress=lambda name, counts: None, settle_s=0)
    figures = report.counts[dataset.name].as_dict()
    for name in ("duration_s", "expected", "since_run"):
        del figures[name]
    return {**figures, "exit_code": report.exit_code}


def figures(**changes) -> dict[str, int]:
    none = {"looked_at": 0, "missing": 0, "stale": 0, "orphaned": 0, "repaired": 0, "failed": 0, "exit_code": 0}
    return {**none, **changes}


def drifted() -> Truth:
    """Six trips: two right, one missing, one old, one altered by hand, one from the future; and an orphan."""
    truth = Truth(*(make_trip(key, 5) for key in range(1, 7)))
    Trips.put(make_trip(1, 5))
    Trips.put(make_trip(2, 5))
    Trips.put(make_trip(4, 4, status="pending"))
    Trips.put(make_trip(5, 5, status="altered"))
    Trips.put(make_trip(6, 9))
    Trips.put(make_trip(70, 1))
    return truth
