"""
Compare what PostgreSQL says with what the document stores hold, data set by data set, and repair what differs.

Business packages register the data sets they own. Both sides are streamed in key order, so memory stays flat. It is
safe while customers book: a difference counts only if it is still there when both sides are read again and the source
has not changed in between, and a repair writes only over the very version that was seen.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from documents.codec import Record
from documents.errors import DatasetUnknown, DocumentRefused
from documents.repositories.base import Entry, KeyedRepository, VersionedRepository

log = logging.getLogger(__name__)

BATCH = 500
# A change made this very moment may be on its way to its document. Waiting for it is worth it only for a few
# differences; hundreds are no coincidence.
SETTLE_S = 0.5
SETTLE_UP_TO = 20
# Of each data set so many differences are named in the log; the others are only counted.
NAMED_UP_TO = 100

R = TypeVar("R", bound=Record)


class SourceRow(NamedTuple):
    """What PostgreSQL says about one key; without a record only the presence of the document is compared."""

    key: int
    version: int
    record: Any


class Target(Protocol):
    """The documents' side."""

    def scan(self, after_key: int, limit: int) -> Sequence[Entry[Any]]:
        """Return entries above a key, in key order."""

    def entries(self, keys: Collection[int]) -> dict[int, Entry[Any]]:
        """Return the entries of these keys as they are now."""


Keys = Collection[int]
Source = Callable[[int, int], Sequence[tuple[int, int, Any]]]
Repair = Callable[[SourceRow, Entry[Any] | None], bool]
RepairOrphan = Callable[[Entry[Any]], bool]


def nothing_in_flight(keys: Keys) -> Keys:
    """Say that no change is on its way; the default."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """
    One collection and the rows that it should agree with; make it with `copies` or `homes`.

    A repair returns false when the document changed meanwhile, which is then no drift. Where a repair is None the
    difference is counted as failed: people have to look.
    """

    name: str
    label: str
    source: Source
    target: Target
    fresh: Callable[[Keys], Sequence[tuple[int, int, Any]]] | None = None
    in_flight: Callable[[Keys], Keys] = nothing_in_flight
    repair_missing: Repair | None = None
    repair_stale: Repair | None = None
    repair_orphan: RepairOrphan | None = None

    def fresh_rows(self, keys: Keys) -> dict[int, SourceRow]:
        """Return what the source says of these keys now."""
        if self.fresh is not None:
            return {row[0]: SourceRow(*row) for row in self.fresh(keys)}
        rows = (SourceRow(*row) for key in keys for row in self.source(key - 1, 1))
        return {row.key: row for row in rows if row.key in keys}


def copies(
    *,
    name: str,
    label: str,
    source: Source,
    repository: type[VersionedRepository[R]],
    fresh: Callable[[Keys], Sequence[tuple[int, int, Any]]] | None = None,
    in_flight: Callable[[Keys], Keys] = nothing_in_flight,
) -> Dataset:
    """
    Describe documents that are copies of rows; every difference is repaired from PostgreSQL.

    Args:
        source: `(after_key, limit) -> [(key, version, record), ...]`, keys above `after_key` in ascending order.
        fresh: `(keys) -> [(key, version, record), ...]`, the same for given keys; saves a query per difference.
        in_flight: which of these keys have a change that is not delivered yet; those are left to the outbox.
    """
    return Dataset(
        name=name,
        label=label,
        source=source,
        target=repository,
        fresh=fresh,
        in_flight=in_flight,
        repair_missing=lambda row, entry: repository.put(row.record),
        repair_stale=lambda row, entry: entry is not None and repository.put_over(row.record, entry),
        repair_orphan=repository.delete_seen,
    )


def homes(
    *,
    name: str,
    label: str,
    keys: Callable[[int, int], Sequence[int]],
    repository: type[KeyedRepository[R]],
    repair_missing: Callable[[int], bool] | None = None,
    repair_orphan: Callable[[int], bool] | None = None,
) -> Dataset:
    """
    Describe documents whose only home is the store: just their presence is compared with PostgreSQL's rows.

    Args:
        keys: `(after_key, limit) -> [key, ...]`, keys above `after_key` in ascending order.
        repair_missing: makes the document of a key; None when nobody can, as for a lost password hash.
        repair_orphan: removes a document whose row is gone; None when a person should decide.
    """
    missing = repair_missing
    orphan = repair_orphan
    return Dataset(
        name=name,
        label=label,
        source=lambda after_key, limit: [(key, 0, None) for key in keys(after_key, limit)],
        target=repository,
        repair_missing=None if missing is None else lambda row, entry: missing(row.key),
        repair_orphan=None if orphan is None else lambda entry: orphan(entry.key),
    )


_registered: dict[str, Dataset] = {}


def register(dataset: Dataset) -> None:
    """Have a data set reconciled; once per AppConfig.ready of the package that owns it."""
    _registered[dataset.name] = dataset


def registered() -> list[Dataset]:
    """Return all data sets, in the order of their registration."""
    return list(_registered.values())


def find(names: Collection[str]) -> list[Dataset]:
    """Return the data sets of these names, all of them for none; raises DatasetUnknown."""
    for name in names:
        if name not in _registered:
            raise DatasetUnknown(name, tuple(_registered))
    return [dataset for dataset in registered() if not names or dataset.name in names]


@dataclass(slots=True)
class Counts:
    """Figures of one data set."""

    looked_at: int = 0
    missing: int = 0
    stale: int = 0
    orphaned: int = 0
    repaired: int = 0
    failed: int = 0
    duration_s: float = 0.0

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


Progress = Callable[[str, Counts], None]


def run(*, datasets: Sequence[Dataset], is_dry_run: bool, progress: Progress, settle_s: float = SETTLE_S) -> Report:
    """
    Reconcile data sets one after the other.

    Args:
        progress: called after each batch with the name and the figures so far; what it raises ends the run.
    Raises: DocumentStoreUnavailable.
    """
    report = Report(is_dry_run=is_dry_run)
    for dataset in datasets:
        counts = report.counts[dataset.name] = Counts()
        began = time.monotonic()
        comparison = _Comparison(dataset, counts, is_dry_run=is_dry_run, settle_s=settle_s)
        progress(dataset.name, counts)
        for _ in comparison.batches():
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
    while entries := dataset.target.scan(after, BATCH):
        yield from entries
        after = entries[-1].key


def _is_same(row: SourceRow, entry: Entry[Any]) -> bool:
    return row.record is None or (row.version == entry.version and row.record == entry.record)


class _Comparison:
    """One data set being compared."""

    def __init__(self, dataset: Dataset, counts: Counts, *, is_dry_run: bool, settle_s: float) -> None:
        self._dataset = dataset
        self._counts = counts
        self._is_dry_run = is_dry_run
        self._settle_s = settle_s

    def batches(self) -> Iterator[None]:
        """Compare everything; yield after each batch."""
        suspects: dict[int, SourceRow | None] = {}
        for key, row, entry in self._merged():
            self._counts.looked_at += 1
            if row is None or entry is None or not _is_same(row, entry):
                suspects[key] = row
            if self._counts.looked_at % BATCH == 0:
                self._examine(suspects)
                suspects = {}
                yield
        self._examine(suspects)

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

    def _examine(self, suspects: dict[int, SourceRow | None]) -> None:
        """Look again at what differed; see the module for what counts as drift."""
        if not suspects:
            return
        if len(suspects) <= SETTLE_UP_TO and self._settle_s:
            time.sleep(self._settle_s)
        fresh = self._dataset.fresh_rows(suspects.keys())
        moving = set(self._dataset.in_flight(suspects.keys()))
        entries = self._dataset.target.entries(suspects.keys())
        for key, seen in suspects.items():
            row, entry = fresh.get(key), entries.get(key)
            has_changed = (row and row.version) != (seen and seen.version) or (row is None) != (seen is None)
            if not has_changed and key not in moving:
                self._settle_difference(key, row, entry)

    def _settle_difference(self, key: int, row: SourceRow | None, entry: Entry[Any] | None) -> None:
        kind, repair = self._difference(row, entry)
        if not kind:
            return
        if self._counts.drift < NAMED_UP_TO:
            log.warning("Reconciliation: %s %s is %s.", self._dataset.name, key, kind)
        if not self._is_dry_run:
            try:
                if repair is None:
                    self._counts.failed += 1
                elif repair():
                    self._counts.repaired += 1
                else:
                    return  # the document changed meanwhile
            except DocumentRefused as error:
                log.error("Reconciliation cannot repair %s %s: %s", self._dataset.name, key, error.reason)
                self._counts.failed += 1
        setattr(self._counts, kind, getattr(self._counts, kind) + 1)

    def _difference(self, row: SourceRow | None, entry: Entry[Any] | None) -> tuple[str, Callable[[], bool] | None]:
        """Name the difference, "" for none, and give its repair, None when there is none."""
        dataset = self._dataset
        if row is None:
            if entry is None:
                return "", None
            return "orphaned", dataset.repair_orphan and partial(dataset.repair_orphan, entry)
        if entry is None:
            return "missing", dataset.repair_missing and partial(dataset.repair_missing, row, None)
        if _is_same(row, entry):
            return "", None
        return "stale", dataset.repair_stale and partial(dataset.repair_stale, row, entry)
