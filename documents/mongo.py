"""
The gateway to the two document stores, and the only module that imports the driver.

One client per store and process, made when first needed and made anew after a fork. Every driver error leaves here as
one of ours, so that no caller has to know the driver.
"""

import atexit
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pymongo
from bson.errors import BSONError
from django.conf import settings
from pymongo import errors as driver
from pymongo.collection import Collection
from pymongo.database import Database

from common import context
from documents.breaker import Breaker, Resting
from documents.errors import DocumentExists, DocumentRefused, DocumentStoreUnavailable

Document = Mapping[str, Any]
_NOT_ALLOWED_CODES = frozenset({13, 18})  # unauthorized, authentication failed
_DUPLICATE_CODE = 11000
_clients: dict[str, pymongo.MongoClient[dict[str, Any]]] = {}
_breakers: dict[str, Breaker] = {}
# A client must not be used, nor closed, in a child of the process that made it: kept here it is neither.
_parents_clients: list[object] = []


_lock = threading.Lock()


def _forget_clients() -> None:
    global _lock
    _lock = threading.Lock()  # a thread of the parent may have held it
    _parents_clients.extend(_clients.values())
    _clients.clear()
    _breakers.clear()


os.register_at_fork(after_in_child=_forget_clients)


def forget_failures() -> None:
    """Close the breakers, as in a process that has just begun; for tests that bring a server back."""
    _breakers.clear()


def close() -> None:
    """Close this process's clients; the next use opens new ones."""
    while _clients:
        _clients.popitem()[1].close()


atexit.register(close)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document of many that was not written: its place among them, why, and whether a unique value was taken."""

    place: int
    reason: str
    is_taken: bool


@contextmanager
def patient(seconds: float, *stores: "Store") -> Iterator[None]:
    """
    Give the calls inside up to so many seconds together, for index builds and counts.

    A store that is away is waited for as long, so those concerned (all when none is named) are asked for a sign of
    life first.
    """
    for store in stores or (_CUSTOMER, _LOGS):
        store.ping()
    with pymongo.timeout(seconds):
        yield


class Store:
    """One document database, opened by URL."""

    def __init__(self, label: str, setting: str) -> None:
        self.label = label
        self._setting = setting

    def _database(self) -> Database[dict[str, Any]]:
        url: str = getattr(settings, self._setting)
        with _lock:
            client = _clients.get(url) or self._client(url)
        return client.get_default_database()

    def _client(self, url: str) -> "pymongo.MongoClient[dict[str, Any]]":
        timeout_ms = int(settings.MONGODB_TIMEOUT_S * 1000)
        try:
            _clients[url] = pymongo.MongoClient(
                url,
                appname="astrobookings",
                tz_aware=True,
                serverSelectionTimeoutMS=timeout_ms,
                connectTimeoutMS=timeout_ms,
                socketTimeoutMS=timeout_ms * 3,  # a busy server may be slower than a dead one is found
                waitQueueTimeoutMS=timeout_ms,
            )
        except (ValueError, driver.PyMongoError) as error:
            raise DocumentStoreUnavailable(self.label, f"{self._setting} is wrong: {error}") from error
        return _clients[url]

    @property
    def breaker(self) -> Breaker:
        """The breaker of this process for the server that the store has now."""
        url: str = getattr(settings, self._setting)
        name = f"The {self.label} document store"
        return _breakers.get(url) or _breakers.setdefault(url, Breaker(name, pause_s=settings.MONGODB_PAUSE_S))

    @contextmanager
    def translated(self, collection: str = "") -> Iterator[None]:
        """
        Turn the driver's errors into DocumentStoreUnavailable, DocumentExists and DocumentRefused.

        While the breaker is open, requests get the first of them without waiting for the store.
        """
        try:
            with (
                self.breaker.guarding(failure=DocumentStoreUnavailable, is_awaited=context.current().is_awaited),
                self._translating(collection),
            ):
                yield
        except Resting as error:
            raise DocumentStoreUnavailable(self.label, "It did not answer a moment ago.") from error

    @contextmanager
    def _translating(self, collection: str) -> Iterator[None]:
        try:
            yield
        except driver.DuplicateKeyError as error:
            fields = tuple((error.details or {}).get("keyPattern") or {})
            raise DocumentExists(self.label, collection, fields) from error
        except driver.WTimeoutError as error:
            raise DocumentStoreUnavailable(self.label, str(error)) from error
        except driver.ExecutionTimeout as error:
            raise DocumentStoreUnavailable(self.label, str(error)) from error
        except driver.OperationFailure as error:
            reason = str((error.details or {}).get("errmsg") or error)
            if error.code in _NOT_ALLOWED_CODES:
                raise DocumentStoreUnavailable(self.label, f"{self._setting}: {reason}") from error
            raise DocumentRefused(self.label, collection, reason) from error
        except (driver.ConfigurationError, driver.InvalidName) as error:
            raise DocumentStoreUnavailable(self.label, f"{self._setting} is wrong: {error}") from error
        except (driver.DocumentTooLarge, BSONError, OverflowError, UnicodeError) as error:
            raise DocumentRefused(self.label, collection, str(error)) from error
        except driver.PyMongoError as error:
            raise DocumentStoreUnavailable(self.label, str(error)) from error

    def collection(self, name: str, *, journalled: bool = False) -> "Documents":
        """Return the handle of one collection; `journalled` writes are acknowledged once they are on disk."""
        return Documents(self, name, journalled=journalled)

    def collection_names(self) -> list[str]:
        """Return the names of the collections that exist, sorted."""
        with self.translated():
            return sorted(self._database().list_collection_names())

    def ping(self) -> None:
        """Raise DocumentStoreUnavailable unless the store answers."""
        with self.translated():
            self._database().command("ping")

    def raw(self, name: str, *, journalled: bool) -> Collection[dict[str, Any]]:
        """Return the driver's collection; for `Documents` alone, inside `translated`."""
        collection = self._database()[name]
        if not journalled:
            return collection
        acknowledged_by = collection.write_concern.document.get("w", 1)
        return collection.with_options(write_concern=pymongo.WriteConcern(w=acknowledged_by, j=True))

    def set_validator(self, name: str, schema: Document) -> None:
        """Create the collection if it is missing, and make the store refuse documents that break the schema."""
        options: dict[str, Any] = {
            "validator": {"$jsonSchema": schema},
            "validationLevel": "strict",
            "validationAction": "error",
        }
        with self.translated(name):
            database = self._database()
            if name in database.list_collection_names():
                database.command("collMod", name, **options)
                return
            try:
                database.create_collection(name, **options)
            except driver.CollectionInvalid:  # another process created it in between
                database.command("collMod", name, **options)


class Documents:
    """One collection: few, plain calls that raise our errors."""

    def __init__(self, store: Store, name: str, *, journalled: bool) -> None:
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

    def count(self, where: Document) -> int:
        """Count matching documents."""
        with self._open() as collection:
            return collection.count_documents(where)

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
                if error.details.get("writeConcernErrors") or any(one.get("code") != 11000 for one in errors):
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


_CUSTOMER = Store("customer", "CUSTOMER_MONGODB_URL")
_LOGS = Store("logs", "LOGS_MONGODB_URL")


def customer() -> Store:
    """Return the customer document store: profiles, offers, trips."""
    return _CUSTOMER


def logs() -> Store:
    """Return the logs document store: system log, audit trail, credentials, refresh tokens."""
    return _LOGS
