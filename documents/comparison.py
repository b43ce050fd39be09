"""
Compare what PostgreSQL says with what the document stores hold, data set by data set, and repair what differs.

A full comparison streams both sides in key order, so memory stays flat. One since a mark looks only at the keys that
something happened to; rows changed behind the events' back, and documents without any row, are found by full ones.

It is safe while customers book: a difference counts only if it is still there when both sides are read again, the
source has not changed in between and no change is on its way; a repair writes only over the very version that was seen.

# Note [Documents first, then rows, then what is on its way]
A change may be committed and delivered between two of these reads. Were the rows read before the documents, a document
newer than its row would look like drift and be replaced by what it was before. In this order a change of that moment is
in the row that was read, or its event is still on its way, or it has replaced the document that was seen, which a
repair then does not find.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from documents import mongo
from documents.reconcile import Dataset, Keys, SourceRow, key_of
from documents.repositories.by_key import Entry, Written

log = logging.getLogger(__name__)

BATCH = 500
# A change made this very moment may be on its way to its document. Waiting for it is worth it only for a few
# differences; hundreds are no coincidence.
SETTLE_S = 0.5
SETTLE_UP_TO = 20
# A busy store takes longer for a batch than a request would wait; one that is away is found out at once.
BATCH_WAIT_S = 60.0
# Of each data set so many differences are named in the log; the others are only counted.
NAMED_UP_TO = 100
# Keys remembered so that what happened to one thing twice is looked at once; some 10 MB.
_REMEMBERED = 200_000


@dataclass(slots=True)
class Counts:
    """Figures of one data set; `expected` is about how many keys it has, `since_run` the run that it goes on from."""

    looked_at: int = 0
    missing: int = 0
    stale: int = 0
    orphaned: int = 0
    repaired: int = 0
    failed: int = 0
    duration_s: float = 0.0
    expected: int | None = None
    since_run: int | None = None

    @property
    def drift(self) -> int:
        """Count all differences."""
        return self.missing + self.stale + self.orphaned

    def as_dict(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {**asdict(self), "duration_s": round(self.duration_s, 3)}


@dataclass(slots=True)
class Report:
    """Figures of a whole run."""

    is_dry_run: bool
    counts: dict[str, Counts] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0: no drift. 1: drift, repaired or (dry run) only found. 2: some could not be repaired."""
        if any(counts.failed for counts in self.counts.values()):
            return 2
        return 1 if any(counts.drift for counts in self.counts.values()) else 0


@dataclass(frozen=True, slots=True)
class Since:
    """Where a comparison goes on: the mark of an earlier run, and its number."""

    run_id: int
    mark: int


Progress = Callable[[str, Counts], None]


def run(
    *,
    datasets: Sequence[Dataset],
    is_dry_run: bool,
    progress: Progress,
    since: Mapping[str, Since] | None = None,
    settle_s: float = SETTLE_S,
) -> Report:
    """
    Reconcile data sets one after the other.

    Args:
        progress: called after each batch with the name and the figures so far; what it raises ends the run.
        since: by name, the data sets that are compared only as far as something happened to them since then.
    Raises: DocumentStoreUnavailable.
    """
    report = Report(is_dry_run=is_dry_run)
    for dataset in datasets:
        begin = (since or {}).get(dataset.name) if dataset.changed is not None else None
        counts = report.counts[dataset.name] = Counts(since_run=begin.run_id if begin else None)
        began = time.monotonic()
        progress(dataset.name, counts)
        if begin is None and dataset.size is not None:
            counts.expected = dataset.size()
        comparison = _Comparison(dataset, counts, is_dry_run=is_dry_run, settle_s=settle_s)
        for _ in comparison.all() if begin is None else comparison.since(begin.mark):
            counts.duration_s = time.monotonic() - began
            progress(dataset.name, counts)
        counts.duration_s = time.monotonic() - began
        progress(dataset.name, counts)
    return report


def _source_rows(dataset: Dataset) -> Iterator[SourceRow]:
    after = 0
    while rows := dataset.source(after, BATCH):
        for row in rows:
            yield SourceRow(*row)
        after = rows[-1][0]


def _target_entries(dataset: Dataset) -> Iterator[Entry[Any]]:
    after = 0
    while entries := _scan(dataset, after):
        yield from entries
        after = entries[-1].key


def _scan(dataset: Dataset, after: int) -> Sequence[Entry[Any]]:
    with mongo.patient(BATCH_WAIT_S, dataset.target.store()):
        return dataset.target.scan(after, BATCH)


def _is_same(dataset: Dataset, row: SourceRow | None, entry: Entry[Any] | None) -> bool:
    if row is None or entry is None:
        return row is None and entry is None
    return row.record is None or dataset.agrees(row, entry)


class _Comparison:
    """One data set being compared."""

    def __init__(self, dataset: Dataset, counts: Counts, *, is_dry_run: bool, settle_s: float) -> None:
        self._dataset = dataset
        self._counts = counts
        self._is_dry_run = is_dry_run
        self._settle_s = settle_s

    def all(self) -> Iterator[None]:
        """Compare everything; yield after each batch."""
        suspects: dict[int, SourceRow | None] = {}
        for key, row, entry in self._merged():
            self._counts.looked_at += 1
            if not _is_same(self._dataset, row, entry):
                suspects[key] = row
            if self._counts.looked_at % BATCH == 0:
                self._examine(suspects)
                suspects = {}
                yield
        self._examine(suspects)

    def since(self, mark: int) -> Iterator[None]:
        """Compare what something happened to since a mark; yield after each batch."""
        assert self._dataset.changed is not None  # noqa: S101 - `run` has seen to it
        seen: set[int] = set()
        for keys in self._dataset.changed(mark):
            wanted = set(keys) - seen
            seen = (seen if len(seen) < _REMEMBERED else set()) | wanted
            rows, entries = self._dataset.fresh_rows(wanted), self._dataset.target.entries(wanted)
            both = rows.keys() | entries.keys()
            self._counts.looked_at += len(both)
            differing = [key for key in both if not _is_same(self._dataset, rows.get(key), entries.get(key))]
            self._examine({key: rows.get(key) for key in differing})
            yield

    def _merged(self) -> Iterator[tuple[int, SourceRow | None, Entry[Any] | None]]:
        rows, entries = _source_rows(self._dataset), _target_entries(self._dataset)
        row, entry = next(rows, None), next(entries, None)
        while row is not None or entry is not None:
            if entry is None or (row is not None and row.key < entry.key):
                assert row is not None  # noqa: S101 - the loop's condition, for the type checker
                yield row.key, row, None
                row = next(rows, None)
            elif row is None or entry.key < row.key:
                yield entry.key, None, entry
                entry = next(entries, None)
            else:
                yield row.key, row, entry
                row, entry = next(rows, None), next(entries, None)

    def _examine(self, suspects: Mapping[int, SourceRow | None]) -> None:
        """Look again at what differed; see the module for what counts as drift."""
        if not suspects:
            return
        if len(suspects) <= SETTLE_UP_TO and self._settle_s:
            time.sleep(self._settle_s)
        with mongo.patient(BATCH_WAIT_S, self._dataset.target.store()):
            self._look_again(suspects)

    def _look_again(self, suspects: Mapping[int, SourceRow | None]) -> None:
        # See Note [Documents first, then rows, then what is on its way].
        entries = self._dataset.target.entries(suspects.keys())
        fresh = self._dataset.fresh_rows(suspects.keys())
        moving = set(self._dataset.in_flight(suspects.keys()))
        differences = _Differences(self._dataset)
        for key, seen in suspects.items():
            row = fresh.get(key)
            if row == seen and key not in moving:
                differences.add(row, entries.get(key))
        self._settle("missing", differences.missing, self._dataset.repair_missing)
        self._settle("stale", differences.stale, self._dataset.repair_stale and self._overwrite)
        self._settle("orphaned", differences.orphaned, self._dataset.repair_orphans)

    def _overwrite(self, pairs: Sequence[tuple[SourceRow, Entry[Any]]]) -> Written:
        assert self._dataset.repair_stale is not None  # noqa: S101 - the caller has seen to it
        return self._dataset.repair_stale([(row.record, entry) for row, entry in pairs])

    def _settle(self, kind: str, found: Sequence[Any], repair: Callable[[Sequence[Any]], Written] | None) -> None:
        """Count differences of one kind, and repair them; one that is gone when its turn comes was none."""
        if not found:
            return
        self._name(kind, [key_of(one) for one in found])
        drift = len(found)
        if not self._is_dry_run and repair is None:
            self._counts.failed += drift
        elif not self._is_dry_run and repair is not None:
            written = repair(found)
            for key, reason in written.refused.items():
                log.error("Reconciliation cannot repair %s %s: %s", self._dataset.name, key, reason)
            self._counts.repaired += written.done
            self._counts.failed += len(written.refused)
            drift = written.done + len(written.refused)
        setattr(self._counts, kind, getattr(self._counts, kind) + drift)

    def _name(self, kind: str, keys: Keys) -> None:
        for number, key in enumerate(keys, start=self._counts.drift):
            if number >= NAMED_UP_TO:
                return
            log.warning("Reconciliation: %s %s is %s.", self._dataset.name, key, kind)


@dataclass(slots=True)
class _Differences:
    """What is still different at the second look, by kind."""

    dataset: Dataset
    missing: list[SourceRow] = field(default_factory=list)
    stale: list[tuple[SourceRow, Entry[Any]]] = field(default_factory=list)
    orphaned: list[Entry[Any]] = field(default_factory=list)

    def add(self, row: SourceRow | None, entry: Entry[Any] | None) -> None:
        if _is_same(self.dataset, row, entry):
            return
        if row is None:
            assert entry is not None  # noqa: S101 - else both were None, which is the same
            self.orphaned.append(entry)
        elif entry is None:
            self.missing.append(row)
        else:
            self.stale.append((row, entry))
