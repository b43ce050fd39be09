"""One collection of a store: few, plain calls."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pymongo
from pymongo import errors as driver
from pymongo.collection import Collection

from documents.errors import DocumentExists

if TYPE_CHECKING:
    from documents.mongo.stores import Store

Document = Mapping[str, Any]
_DUPLICATE_CODE = 11000


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document of many that was not written: its place among them, why, and whether a unique value was taken."""

    place: int
    reason: str
    is_taken: bool


class Documents:
    """One collection: few, plain calls that raise our errors."""

    def __init__(self, store: "Store", name: str, *, journalled: bool) -> None:
        self.store = store
        self.name = name
        self._journalled = journalled

    @contextmanager
    def _open(self) -> Iterator[Collection[dict[str, Any]]]:
        with self.store.translated(self.name):
            yield self.store.raw(self.name, journalled=self._journalled)

    def find_one(self, where: Document) -> dict[str, Any] | None:
        """Return one matching document."""
        with self._open() as collection:
            return collection.find_one(where)

    def find(self, where: Document, *, sort: Sequence[tuple[str, int]], limit: int = 0) -> list[dict[str, Any]]:
        """Return matching documents in order; a limit of 0 means all."""
        with self._open() as collection:
            return list(collection.find(where).sort(list(sort)).limit(limit))

    def each(self) -> Iterator[dict[str, Any]]:
        """Yield every document, in the store's own order, some hundred in memory at a time."""
        with self._open() as collection:
            yield from collection.find({}, batch_size=500)

    def count(self, where: Document) -> int:
        """Count matching documents."""
        with self._open() as collection:
            return collection.count_documents(where)

    def count_about(self) -> int:
        """Return how many documents the store believes there are; at once, however many."""
        with self._open() as collection:
            return collection.estimated_document_count()

    def insert(self, document: Document) -> None:
        """Insert a document; raises DocumentExists when its key is taken."""
        with self._open() as collection:
            collection.insert_one(dict(document))

    def insert_missing(self, documents: Iterable[Document]) -> int:
        """Insert those documents whose key is not there yet and return how many were; one refused stops no other."""
        batch = [dict(document) for document in documents]
        if not batch:
            return 0
        with self._open() as collection:
            try:
                return len(collection.insert_many(batch, ordered=False).inserted_ids)
            except driver.BulkWriteError as error:
                refused = [e for e in error.details.get("writeErrors", []) if e.get("code") != _DUPLICATE_CODE]
                if refused or error.details.get("writeConcernErrors"):
                    raise
                return int(error.details.get("nInserted", 0))

    def insert_each(self, documents: Sequence[Document]) -> list[Refusal]:
        """Insert documents, of which one refused stops no other; return the refusals."""
        return self._each([pymongo.InsertOne(dict(document)) for document in documents])[1]

    def replace_each(self, pairs: Sequence[tuple[Document, Document]]) -> tuple[int, list[Refusal]]:
        """Replace a matching document for each (where, document); return how many matched, and the refusals."""
        done, refusals = self._each([pymongo.ReplaceOne(where, dict(document)) for where, document in pairs])
        return int(done.get("nMatched", 0)), refusals

    def delete_each(self, wheres: Sequence[Document]) -> int:
        """Delete a matching document for each question; return how many there were."""
        return int(self._each([pymongo.DeleteOne(where) for where in wheres])[0].get("nRemoved", 0))

    def _each(self, requests: Sequence[Any]) -> tuple[dict[str, Any], list[Refusal]]:
        if not requests:
            return {}, []
        with self._open() as collection:
            try:
                return dict(collection.bulk_write(requests, ordered=False).bulk_api_result), []
            except driver.BulkWriteError as error:
                if error.details.get("writeConcernErrors"):
                    raise
                refusals = [
                    Refusal(one["index"], str(one.get("errmsg", "")), one.get("code") == _DUPLICATE_CODE)
                    for one in error.details.get("writeErrors", [])
                ]
                return dict(error.details), refusals

    def insert_in_order(self, documents: Sequence[Document]) -> None:
        """
        Insert documents one after the other and stop at the first that is refused; those before it stay.

        Raises: DocumentExists when that one's key or another unique value is taken.
        """
        if not documents:
            return
        with self._open() as collection:
            try:
                collection.insert_many([dict(document) for document in documents], ordered=True)
            except driver.BulkWriteError as error:
                first: dict[str, Any] = next(iter(error.details.get("writeErrors", [])), {})
                if first.get("code") != _DUPLICATE_CODE:
                    raise
                fields = tuple(first.get("keyPattern") or {})
                raise DocumentExists(self.store.label, self.name, fields) from error

    def replace(self, where: Document, document: Document, *, upsert: bool = False) -> bool:
        """Replace one matching document, or insert with `upsert`; return whether the document was written."""
        with self._open() as collection:
            result = collection.replace_one(where, dict(document), upsert=upsert)
            return bool(result.matched_count) or result.upserted_id is not None

    def replace_many(self, pairs: Sequence[tuple[Document, Document]]) -> list[int]:
        """
        Replace, or insert, a document for each (where, document); return the places of those that were not written.

        Not written is what does not match while its key, or another unique value, is there; one stops no other.
        """
        requests = [pymongo.ReplaceOne(where, dict(document), upsert=True) for where, document in pairs]
        with self._open() as collection:
            try:
                collection.bulk_write(requests, ordered=False)
            except driver.BulkWriteError as error:
                errors = error.details.get("writeErrors", [])
                if error.details.get("writeConcernErrors") or any(one.get("code") != _DUPLICATE_CODE for one in errors):
                    raise
                return sorted(int(one["index"]) for one in errors)
        return []

    def update(self, where: Document, values: Document) -> bool:
        """Set values in one matching document, atomically; return whether one matched."""
        with self._open() as collection:
            return bool(collection.update_one(where, {"$set": dict(values)}).matched_count)

    def update_all(self, where: Document, values: Document) -> int:
        """Set values in every matching document and return how many matched."""
        with self._open() as collection:
            return collection.update_many(where, {"$set": dict(values)}).matched_count

    def delete(self, where: Document) -> bool:
        """Delete one matching document; return whether there was one."""
        with self._open() as collection:
            return bool(collection.delete_one(where).deleted_count)

    def delete_all(self, where: Document) -> int:
        """Delete every matching document and return how many there were."""
        with self._open() as collection:
            return collection.delete_many(where).deleted_count

    def index_fields(self) -> dict[str, dict[str, Any]]:
        """Return what the store says of each index, by name; {} when the collection does not exist."""
        with self._open() as collection:
            return {name: dict(facts) for name, facts in collection.index_information().items()}

    def create_index(self, name: str, fields: Sequence[tuple[str, int]], **options: Any) -> None:
        """Create an index."""
        with self._open() as collection:
            collection.create_index(list(fields), name=name, **options)

    def drop_index(self, name: str) -> None:
        """Drop an index."""
        with self._open() as collection:
            collection.drop_index(name)
