"""
The data sets that reconciliation compares: what PostgreSQL says, and the documents that should say the same.

Business packages register those they own. The comparison itself is in `documents.comparison`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

from documents import mongo
from documents.codec import Record, Unreadable
from documents.errors import DatasetUnknown, DocumentRefused
from documents.repositories.by_key import Entry, KeyedRepository, VersionedRepository, Written

R = TypeVar("R", bound=Record)


class SourceRow(NamedTuple):
    """What PostgreSQL says about one key; without a record only the presence of the document is compared."""

    key: int
    version: int
    record: Any


class Target(Protocol):
    """The documents' side."""

    def store(self) -> mongo.Store:
        """Return where they are."""

    def scan(self, after_key: int, limit: int) -> Sequence[Entry[Any]]:
        """Return entries above a key, in key order."""

    def entries(self, keys: Collection[int]) -> dict[int, Entry[Any]]:
        """Return the entries of these keys as they are now."""


Keys = Collection[int]
Rows = Sequence[tuple[int, int, Any]]
Source = Callable[[int, int], Rows]
Changed = Callable[[int], Iterator[Keys]]
RepairMissing = Callable[[Sequence[SourceRow]], Written]
RepairStale = Callable[[Sequence[tuple[Any, Entry[Any]]]], Written]
RepairOrphans = Callable[[Sequence[Entry[Any]]], Written]


def is_copy(row: SourceRow, entry: Entry[Any]) -> bool:
    """Tell whether a document is the copy that it should be."""
    return row.version == entry.version and bool(row.record == entry.record)


def nothing_in_flight(keys: Keys) -> Keys:
    """Say that no change is on its way; the default."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """
    One collection and the rows that it should agree with; make it with `copies` or `homes`.

    A repair leaves alone what changed meanwhile, which is then no drift. Where a repair is None the difference is
    counted as failed: people have to look.
    """

    name: str
    label: str
    source: Source
    target: Target
    fresh: Callable[[Keys], Rows] | None = None
    changed: Changed | None = None
    size: Callable[[], int] | None = None
    in_flight: Callable[[Keys], Keys] = nothing_in_flight
    agrees: Callable[[SourceRow, Entry[Any]], bool] = is_copy
    repair_missing: RepairMissing | None = None
    repair_stale: RepairStale | None = None
    repair_orphans: RepairOrphans | None = None

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
    fresh: Callable[[Keys], Rows] | None = None,
    changed: Changed | None = None,
    size: Callable[[], int] | None = None,
    in_flight: Callable[[Keys], Keys] = nothing_in_flight,
) -> Dataset:
    """
    Describe documents that are copies of rows; every difference is repaired from PostgreSQL.

    Args:
        source: `(after_key, limit) -> [(key, version, record), ...]`, keys above `after_key` in ascending order.
        fresh: `(keys) -> [(key, version, record), ...]`, the same for given keys; saves a query per difference.
        changed: `(mark) -> batches of keys` that something happened to since a mark (common.outbox_reading); None when
            nobody can tell, and every run is a full one.
        size: about how many rows there are, for showing progress.
        in_flight: which of these keys have a change that is not delivered yet; those are left to the outbox.
    """
    return Dataset(
        name=name,
        label=label,
        source=source,
        target=repository,
        fresh=fresh,
        changed=changed,
        size=size,
        in_flight=in_flight,
        repair_missing=lambda rows: repository.put_many([row.record for row in rows]),
        repair_stale=repository.put_over_many,
        repair_orphans=repository.delete_many_seen,
    )


def homes(
    *,
    name: str,
    label: str,
    keys: Callable[[int, int], Sequence[int]],
    present: Callable[[Keys], Sequence[int]] | None = None,
    repository: type[KeyedRepository[R]],
    changed: Changed | None = None,
    size: Callable[[], int] | None = None,
    facts: Callable[[Keys], Mapping[int, Any]] | None = None,
    agrees: Callable[[Any, R], bool] = lambda said, record: said == record,
    in_flight: Callable[[Keys], Keys] = nothing_in_flight,
    repair_missing: Callable[[int], bool] | None = None,
    repair_stale: Callable[[Any, R], bool] | None = None,
    repair_orphan: Callable[[int], bool] | None = None,
) -> Dataset:
    """
    Describe documents whose only home is the store: their presence is compared with PostgreSQL's rows, and facts that
    both sides know.

    Args:
        keys: `(after_key, limit) -> [key, ...]`, keys above `after_key` in ascending order.
        present: which of some keys have a row; saves a query per difference.
        changed, size, in_flight: as for `copies`.
        facts: what PostgreSQL says of keys, compared with their documents by `agrees(facts, record)`; None for nothing.
        repair_stale: has both sides say the same, whichever owns the fact; gets what they were seen to say.
        repair_missing: makes the document of a key; None when nobody can, as for a lost password hash.
        repair_orphan: removes a document whose row is gone; None when a person should decide.
    """

    def rows(found: Keys) -> Rows:
        said = {} if facts is None or not found else facts(found)
        return [(key, 0, said.get(key)) for key in found]

    return Dataset(
        name=name,
        label=label,
        source=lambda after_key, limit: rows(keys(after_key, limit)),
        target=repository,
        fresh=None if present is None else lambda wanted: rows(present(wanted)),
        changed=changed,
        size=size,
        in_flight=in_flight,
        agrees=lambda row, entry: entry.record is not None and agrees(row.record, entry.record),
        repair_missing=None if repair_missing is None else _one_by_one(lambda row: repair_missing(row.key)),
        repair_stale=None if repair_stale is None else _one_by_one(lambda pair: repair_stale(pair[0], _read(pair[1]))),
        repair_orphans=None if repair_orphan is None else _one_by_one(lambda entry: repair_orphan(entry.key)),
    )


def _one_by_one(repair: Callable[[Any], bool]) -> Callable[[Sequence[Any]], Written]:
    def repair_all(items: Sequence[Any]) -> Written:
        written = Written()
        for item in items:
            try:
                written.done += repair(item)
            except DocumentRefused as error:
                written.refused[key_of(item)] = error.reason
            except Unreadable as error:  # its only home: people have to look
                written.refused[key_of(item)] = str(error)
        return written

    return repair_all


def _read(entry: Entry[R]) -> R:
    if entry.record is None:
        raise Unreadable("The document has not the form that it should have.")
    return entry.record


def key_of(found: Any) -> int:
    """Return the key of a row, an entry, or a pair whose second is an entry."""
    return int(found[1].key if isinstance(found, tuple) and not isinstance(found, SourceRow) else found.key)


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
