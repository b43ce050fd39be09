"""The two stores: a client each and process, made when first needed and made anew after a fork."""

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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
from documents.mongo.collection import Document, Documents

_NOT_ALLOWED_CODES = frozenset({13, 18})  # unauthorized, authentication failed
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

    def validators(self) -> dict[str, Any]:
        """Return the validators of the collections that exist, by name; None for one without."""
        with self.translated():
            found = self._database().list_collections()
            return {one["name"]: one.get("options", {}).get("validator") for one in found}

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


_CUSTOMER = Store("customer", "CUSTOMER_MONGODB_URL")
_LOGS = Store("logs", "LOGS_MONGODB_URL")


def customer() -> Store:
    """Return the customer document store: profiles, offers, trips."""
    return _CUSTOMER


def logs() -> Store:
    """Return the logs document store: system log, audit trail, credentials, refresh tokens."""
    return _LOGS
