"""
Where copies are read: one port, with Customer MongoDB behind it and PostgreSQL behind that.

PostgreSQL says which copies are wanted, and as of which version. What the store has that fresh is taken from there;
what it lacks, or shows as it was before, or cannot give because it is away, is built from rows. Nobody notices, for
both say the same. The breaker in front of the store (`documents.breaker`) sees to it that nobody waits either.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Generic, Protocol, TypeVar

from documents.codec import Record, Unreadable
from documents.errors import DocumentStoreUnavailable
from documents.repositories.by_key import VersionedRepository

log = logging.getLogger(__name__)
R = TypeVar("R", bound=Record)
R_co = TypeVar("R_co", bound=Record, covariant=True)


class Source(Protocol[R_co]):
    """A place that copies are read from."""

    def read(self, keys: Collection[int]) -> Mapping[int, R_co]:
        """Return what is there of these keys; never raises because it is away."""


class Stored(Generic[R]):
    """Copies as their documents say; none while the store is away."""

    def __init__(self, repository: type[VersionedRepository[R]]) -> None:
        self._repository = repository

    def read(self, keys: Collection[int]) -> Mapping[int, R]:
        """Return the documents there are of these keys."""
        try:
            return self._repository.get_many(keys)
        except DocumentStoreUnavailable:
            return {}
        except Unreadable as error:
            log.error("A document of %s cannot be read: %s", self._repository.name, error)
            return {}


class Built(Generic[R]):
    """Copies built from PostgreSQL."""

    def __init__(self, build: Callable[[Collection[int]], Iterable[R]], *, key: Callable[[R], int]) -> None:
        self._build = build
        self._key = key

    def read(self, keys: Collection[int]) -> Mapping[int, R]:
        """Build the copies of these keys; those whose rows are gone are left out."""
        return {self._key(record): record for record in self._build(keys)}


class Copies(Generic[R]):
    """
    Copies no older than asked for, from wherever they are at hand.

    Args:
        version: of the rows that a record shows; it only grows.
        remembered: how many records a process keeps. They cannot go stale, for each caller names the version it wants.
    """

    def __init__(
        self, *, stored: Source[R], built: Source[R], version: Callable[[R], int], remembered: int = 0
    ) -> None:
        self._stored = stored
        self._built = built
        self._version = version
        self._remembered = remembered
        self._memory: dict[int, R] = {}
        self._lock = threading.Lock()

    def read(self, wanted: Mapping[int, int]) -> dict[int, R]:
        """
        Return the copies of these keys, each as of the version beside it or newer.

        A key whose rows are gone is left out. One question to the store, and to PostgreSQL only for what that lacked.
        """
        found: dict[int, R] = {}
        for source in (self._memory_of, self._stored.read, self._built.read):
            left = wanted.keys() - found.keys()
            if not left:
                break
            is_last = source == self._built.read  # the rows themselves may be newer than the version, never older
            told = source(left)
            found |= {key: one for key, one in told.items() if is_last or self._version(one) >= wanted[key]}
        self._remember(found)
        return found

    def forget(self) -> None:
        """Forget what is remembered; for tests that begin anew."""
        self._memory.clear()

    def _memory_of(self, keys: Collection[int]) -> Mapping[int, R]:
        return {key: one for key in keys if (one := self._memory.get(key)) is not None}

    def _remember(self, found: Mapping[int, R]) -> None:
        if not self._remembered:
            return
        with self._lock:
            for key, record in found.items():
                self._memory.pop(key, None)  # to the end: what is asked for often stays
                self._memory[key] = record
            while len(self._memory) > self._remembered:
                del self._memory[next(iter(self._memory))]
