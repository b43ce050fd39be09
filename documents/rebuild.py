"""
Write copies anew from PostgreSQL, in key order and in batches, so that memory stays flat.

For a store that was lost, and for documents whose shape changed. It is safe while people book: a document that is newer
than what was read is left alone. Reconciliation compares, and removes what has no row any more; this only writes.
"""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast

from documents import mongo, reconcile
from documents.errors import DatasetIsHome, DocumentRefused
from documents.reconcile import Dataset
from documents.repositories.by_key import VersionedRepository

log = logging.getLogger(__name__)
BATCH = 100
# A busy store writes some hundred documents a second: far longer than a request would wait for a batch.
BATCH_WAIT_S = 60.0


@dataclass(slots=True)
class Rebuilt:
    """Figures of one data set: `newer` were changed meanwhile and left alone."""

    name: str
    read: int = 0
    written: int = 0
    newer: int = 0
    refused: int = 0
    duration_s: float = 0.0


Progress = Callable[[Rebuilt], None]


def copies(names: Collection[str] = ()) -> list[Dataset]:
    """Return the data sets of these names, all that are copies for none. Raises: DatasetUnknown, DatasetIsHome."""
    all_copies = [dataset for dataset in reconcile.registered() if _is_copy(dataset)]
    for dataset in reconcile.find(names):
        if names and not _is_copy(dataset):
            raise DatasetIsHome(dataset.name, tuple(one.name for one in all_copies))
    return [dataset for dataset in all_copies if not names or dataset.name in names]


def _is_copy(dataset: Dataset) -> bool:
    return isinstance(dataset.target, type) and issubclass(dataset.target, VersionedRepository)


def run(dataset: Dataset, *, progress: Progress, batch: int = BATCH) -> Rebuilt:
    """
    Rebuild one data set: its collection, validator and indexes first, then every document.

    Args:
        progress: called after each batch with the figures so far.
    Raises: DocumentStoreUnavailable; what was written stays, and a second run writes it again.
    """
    repository = cast("type[VersionedRepository[Any]]", dataset.target)  # `copies` has seen to it
    figures, began, after = Rebuilt(dataset.name), time.monotonic(), 0
    with mongo.patient(120, repository.store()):
        repository.ensure()
    while rows := dataset.source(after, batch):
        with mongo.patient(BATCH_WAIT_S, repository.store()):
            written, refused = _write(dataset.name, repository, [record for _, _, record in rows])
        after = rows[-1][0]
        figures.read += len(rows)
        figures.written += written
        figures.refused += refused
        figures.newer += len(rows) - written - refused
        figures.duration_s = time.monotonic() - began
        progress(figures)
    return figures


def _write(name: str, repository: type[VersionedRepository[Any]], records: Sequence[Any]) -> tuple[int, int]:
    """Write records; return how many were written, and how many the store refused."""
    try:
        return repository.put_again(records), 0
    except DocumentRefused:  # some of them were written, which does not matter: find the one that is refused
        pass
    written = refused = 0
    for record in records:
        try:
            written += repository.put_again([record])
        except DocumentRefused as error:
            refused += 1
            log.error("Rebuilding cannot write %s %s: %s", name, getattr(record, repository.key), error.reason)
    return written, refused
