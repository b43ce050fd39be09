"""Documents found by a whole number that PostgreSQL gave out, with a version or without."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from documents import mongo
from documents.codec import Unreadable
from documents.errors import DocumentExists, DocumentRefused
from documents.repositories.base import R, Repository

_LARGEST_KEY = 2**63 - 1
# The longest list of keys in one question: about 100 ms on the slowest server we support.
KEYS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Entry(Generic[R]):
    """
    A document as reconciliation sees it; without a record it cannot be read, and its version is whatever stands there.
    """

    key: int
    version: Any
    record: R | None


@dataclass(slots=True)
class Written:
    """What became of many writes: how many were done, and why the store refused which; the others did not match."""

    done: int = 0
    refused: dict[int, str] = field(default_factory=dict)

    def __add__(self, more: "Written") -> "Written":
        return Written(self.done + more.done, self.refused | more.refused)


T = TypeVar("T")


def _in_chunks(items: Sequence[T], write: Callable[[Sequence[T]], Written], *, key: Callable[[T], int]) -> Written:
    """Write many in portions that the slowest server takes in a second; what cannot even be sent is refused alone."""
    written = Written()
    for start in range(0, len(items), KEYS_AT_ONCE):
        chunk = items[start : start + KEYS_AT_ONCE]
        try:
            written += write(chunk)
        except DocumentRefused:
            for item in chunk:
                written += _alone(key(item), partial(write, [item]))
    return written


def _alone(key: int, write: Callable[[], Written]) -> Written:
    try:
        return write()
    except DocumentRefused as error:
        return Written(refused={key: error.reason})


def _as_seen(entry: Entry[Any]) -> dict[str, Any]:
    """Match the very document that was seen; what cannot be read may have anything for a version, or none."""
    return {"_id": entry.key, "version": {"$eq": entry.version}}


class KeyedRepository(Repository[R]):
    """Documents found by a whole number that PostgreSQL gave out."""

    @classmethod
    def _version(cls, record: R) -> int:
        return 0

    @classmethod
    def _entry(cls, document: mongo.Document) -> Entry[R]:
        try:
            record = cls._record(document)
        except Unreadable:
            return Entry(document["_id"], document.get("version"), None)
        return Entry(document["_id"], cls._version(record), record)

    @classmethod
    def get(cls, key: int) -> R | None:
        """Return the record of this key, or None."""
        document = cls._documents().find_one({"_id": key})
        return None if document is None else cls._record(document)

    @classmethod
    def get_many(cls, keys: Collection[int]) -> dict[int, R]:
        """Return the records there are of these keys, by key. Raises: Unreadable."""
        return {document["_id"]: cls._record(document) for document in cls._of_keys(keys)}

    @classmethod
    def _of_keys(cls, keys: Collection[int]) -> Iterator[mongo.Document]:
        wanted = sorted(set(keys))
        for start in range(0, len(wanted), KEYS_AT_ONCE):
            where = {cls.key: {"$in": wanted[start : start + KEYS_AT_ONCE]}}
            yield from cls._documents().find(where, sort=[(cls.key, 1)])

    @classmethod
    def entries(cls, keys: Collection[int]) -> dict[int, Entry[R]]:
        """Return the entries there are of these keys, by key."""
        return {document["_id"]: cls._entry(document) for document in cls._of_keys(keys)}

    @classmethod
    def scan(cls, after_key: int, limit: int) -> list[Entry[R]]:
        """Return up to `limit` entries with keys above `after_key`, in key order; none at all means the end."""
        documents = cls._documents()
        found: list[Entry[R]] = []
        low, width = after_key, limit
        while len(found) < limit and low < _LARGEST_KEY:
            high = min(low + width, _LARGEST_KEY)
            batch = documents.find({cls.key: {"$gt": low, "$lte": high}}, sort=[(cls.key, 1)], limit=limit - len(found))
            found += [cls._entry(document) for document in batch]
            low, width = high, limit if batch else width * 2
        return found

    @classmethod
    def delete(cls, key: int) -> bool:
        """Delete the document of this key; return whether there was one."""
        return cls._documents().delete({"_id": key})

    @classmethod
    def _put(cls, record: R) -> None:
        document = cls._document(record)
        cls._replace_or_insert({"_id": document["_id"]}, document)

    @classmethod
    def _replace_or_insert(cls, where: mongo.Document, document: mongo.Document) -> bool:
        documents = cls._documents()
        try:
            return documents.replace(where, document, upsert=True)
        except DocumentExists:
            # Either it is there and does not match, or another writer inserted it in between: then it may match now.
            if documents.replace(where, document):
                return True
            if documents.find_one({"_id": document["_id"]}) is None:
                raise  # it is a document of another key that has the same unique value
            return False


class VersionedRepository(KeyedRepository[R]):
    """Copies of what PostgreSQL says, each with the version of the change it shows."""

    @classmethod
    def _version(cls, record: R) -> int:
        return int(record.version)  # type: ignore[attr-defined]  # every record of such a repository has one

    @classmethod
    def put(cls, record: R) -> bool:
        """
        Write the record unless the document there is as new or newer; atomic under any number of writers.

        Returns: whether it was written.
        Raises: DocumentRefused, DocumentStoreUnavailable.
        """
        document = cls._document(record)
        older = {"_id": document["_id"], "version": {"$lt": document["version"]}}
        return cls._replace_or_insert(older, document)

    @classmethod
    def put_newer(cls, records: Sequence[R]) -> int:
        """
        Write those records of which there is no document or an older one, as `put` does, in few questions.

        Returns: how many were written.
        Raises: DocumentRefused (also DocumentExists: another document has a unique value), DocumentStoreUnavailable.
        """
        if len(records) <= 1:
            return sum(cls.put(record) for record in records)
        there = cls.entries([cls._key(record) for record in records])
        made = [
            cls._document(record)
            for record in records
            if (seen := there.get(cls._key(record))) is None
            or seen.record is None
            or seen.version < cls._version(record)
        ]
        # A look is not a lock: what came in between is newer or not, and the store decides.
        pairs = [({"_id": one["_id"], "version": {"$lt": one["version"]}}, one) for one in made]
        left = cls._documents().replace_many(pairs) if pairs else []
        return len(pairs) - len(left) + sum(cls._replace_or_insert(*pairs[place]) for place in left)

    @classmethod
    def put_again(cls, records: Sequence[R]) -> int:
        """
        Write records over documents of the same version too, as when their shape has changed; never over newer ones.

        Returns: how many were written.
        Raises: DocumentRefused (also DocumentExists: another document has a unique value), DocumentStoreUnavailable.
        """
        made = [cls._document(record) for record in records]
        refusals = cls._documents().insert_each(made)  # into a lost collection: several times faster than to replace
        if refused := [one for one in refusals if not one.is_taken]:
            raise DocumentRefused(cls.store().label, cls.name, refused[0].reason)
        there = [made[one.place] for one in refusals]
        pairs = [({"_id": one["_id"], "version": {"$not": {"$gt": one["version"]}}}, one) for one in there]
        left = cls._documents().replace_many(pairs) if pairs else []
        return len(made) - len(left) + sum(cls._replace_or_insert(*pairs[place]) for place in left)

    @classmethod
    def put_many(cls, records: Sequence[R]) -> Written:
        """Write records of which no document was seen; where one came meanwhile, as `put` does."""

        def write(chunk: Sequence[R]) -> Written:
            refusals = cls._documents().insert_each([cls._document(record) for record in chunk])
            written = Written(len(chunk) - len(refusals), {cls._key(chunk[one.place]): one.reason for one in refusals})
            for record in [chunk[one.place] for one in refusals if one.is_taken]:
                del written.refused[cls._key(record)]
                written += _alone(cls._key(record), partial(cls._put_alone, record))
            return written

        return _in_chunks(records, write, key=cls._key)

    @classmethod
    def _put_alone(cls, record: R) -> Written:
        return Written(int(cls.put(record)))

    @classmethod
    def put_over_many(cls, pairs: Sequence[tuple[R, Entry[R]]]) -> Written:
        """Write each record over the very version that was seen, even one that claims to be newer; for repairs."""

        def write(chunk: Sequence[tuple[R, Entry[R]]]) -> Written:
            wheres = [_as_seen(seen) for _, seen in chunk]
            documents = [cls._document(record) for record, _ in chunk]
            matched, refusals = cls._documents().replace_each(list(zip(wheres, documents, strict=True)))
            return Written(matched, {chunk[one.place][1].key: one.reason for one in refusals})

        return _in_chunks(pairs, write, key=lambda pair: pair[1].key)

    @classmethod
    def delete_many_seen(cls, seen: Sequence[Entry[R]]) -> Written:
        """Delete the very versions that were seen."""

        def write(chunk: Sequence[Entry[R]]) -> Written:
            return Written(cls._documents().delete_each([_as_seen(one) for one in chunk]))

        return _in_chunks(seen, write, key=lambda one: one.key)

    @classmethod
    def _key(cls, record: R) -> int:
        return int(getattr(record, cls.key))
