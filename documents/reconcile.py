"""
The data sets that reconciliation compares: what PostgreSQL says, and the documents that should say the same.

Business packages register those they own. The comparison itself is in `documents.comparison`.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

from documents import mongo
from documents.codec import Record
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
    repair_missing: Callable[[int], bool] | None = None,
    repair_orphan: Callable[[int], bool] | None = None,
) -> Dataset:
    """
    Describe documents whose only home is the store: just their presence is compared with PostgreSQL's rows.

    Args:
        keys: `(after_key, limit) -> [key, ...]`, keys above `after_key` in ascending order.
        present: which of some keys have a row; saves a query per difference.
        changed, size: as for `copies`.
        repair_missing: makes the document of a key; None when nobody can, as for a lost password hash.
        repair_orphan: removes a document whose row is gone; None when a person should decide.
    """
    return Dataset(
        name=name,
        label=label,
        source=lambda after_key, limit: [(key, 0, None) for key in keys(after_key, limit)],
        target=repository,
        fresh=None if present is None else lambda wanted: [(key, 0, None) for key in present(wanted)],
        changed=changed,
        size=size,
        repair_missing=None if repair_missing is None else _one_by_one(repair_missing),
        repair_orphans=None if repair_orphan is None else _one_by_one(repair_orphan),
    )


class _Keyed(Protocol):
    @property
    def key(self) -> int: ...


def _one_by_one(repair: Callable[[int], bool]) -> Callable[[Sequence[_Keyed]], Written]:
    def repair_all(items: Sequence[_Keyed]) -> Written:
        written = Written()
        for item in items:
            try:
                written.done += repair(item.key)
            except DocumentRefused as error:
                written.refused[item.key] = error.reason
        return written

    return repair_all


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
