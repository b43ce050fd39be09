"""
What all repositories share: one class a collection, its indexes and validator beside it, records in and out.

# Note [Windows instead of open ranges]
A document server may build the whole result of a range before it sorts and cuts it, and one of those we support does.
So nothing here asks for "everything after this key, sorted, the first few": ranges are narrow windows over an indexed
field, which grow while they come back too empty. The work is then in step with what is returned, on any server.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from documents import codec, mongo
from documents.codec import Record
from documents.errors import DocumentExists, DocumentRefused

R = TypeVar("R", bound=Record)

_LARGEST_KEY = 2**63 - 1
# The longest list of keys in one question: about 100 ms on the slowest server we support.
KEYS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Index:
    """An index: fields in order, 1 upwards and -1 downwards."""

    name: str
    fields: tuple[tuple[str, int], ...]
    is_unique: bool = False
    is_sparse: bool = False
    expire_after: timedelta | None = None

    def options(self) -> dict[str, Any]:
        """Return what the store calls these options."""
        options: dict[str, Any] = {}
        if self.is_unique:
            options["unique"] = True
        if self.is_sparse:
            options["sparse"] = True
        if self.expire_after is not None:
            options["expireAfterSeconds"] = int(self.expire_after.total_seconds())
        return options

    def matches(self, facts: dict[str, Any]) -> bool:
        """Tell whether the store's index is this one."""
        kept = {name: facts[name] for name in ("unique", "sparse", "expireAfterSeconds") if facts.get(name)}
        return [tuple(pair) for pair in facts["key"]] == list(self.fields) and kept == self.options()


@dataclass(frozen=True, slots=True)
class Entry(Generic[R]):
    """A document as reconciliation sees it."""

    key: int
    version: int
    record: R


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


class Repository(Generic[R]):
    """One collection. Everything is a class method: a repository has no state of its own."""

    store: ClassVar[Callable[[], mongo.Store]]
    name: ClassVar[str]
    key: ClassVar[str]
    record: type[R]
    indexes: ClassVar[tuple[Index, ...]] = ()
    is_journalled: ClassVar[bool] = False

    @classmethod
    def _documents(cls) -> mongo.Documents:
        return cls.store().collection(cls.name, journalled=cls.is_journalled)

    @classmethod
    def _document(cls, record: R) -> dict[str, Any]:
        # Twice: as the store's own id, and under its name, for not every server has an index for ranges of ids.
        document = codec.encode(record)
        return {"_id": document[cls.key], **document}

    @classmethod
    def _record(cls, document: mongo.Document) -> R:
        return codec.decode(cls.record, document)

    @classmethod
    def ensure(cls) -> list[str]:
        """Create or correct the collection, its validator and its indexes; return what was changed, in words."""
        documents = cls._documents()
        cls.store().set_validator(cls.name, codec.json_schema(cls.record))
        present = documents.index_fields()
        changes = []
        for index in cls.indexes:
            facts = present.get(index.name)
            if facts is not None and index.matches(facts):
                continue
            if facts is not None:
                documents.drop_index(index.name)
            documents.create_index(index.name, index.fields, **index.options())
            changes.append(f"{cls.name}: index {index.name} {'changed' if facts else 'created'}")
        return changes

    @classmethod
    def missing_indexes(cls) -> list[str]:
        """Return the names of declared indexes that the store lacks or has otherwise."""
        present = cls._documents().index_fields()
        return [index.name for index in cls.indexes if not index.matches(present.get(index.name, {"key": ()}))]

    @classmethod
    def count(cls) -> int:
        """Count all documents; slow on a big collection."""
        return cls._documents().count({})

    @classmethod
    def clear(cls) -> int:
        """Delete every document and return how many there were; for demo data and tests."""
        return cls._documents().delete_all({})


class KeyedRepository(Repository[R]):
    """Documents found by a whole number that PostgreSQL gave out."""

    @classmethod
    def _version(cls, record: R) -> int:
        return 0

    @classmethod
    def get(cls, key: int) -> R | None:
        """Return the record of this key, or None."""
        document = cls._documents().find_one({"_id": key})
        return None if document is None else cls._record(document)

    @classmethod
    def get_many(cls, keys: Collection[int]) -> dict[int, R]:
        """Return the records there are of these keys, by key."""
        wanted = sorted(set(keys))
        found: dict[int, R] = {}
        for start in range(0, len(wanted), KEYS_AT_ONCE):
            where = {cls.key: {"$in": wanted[start : start + KEYS_AT_ONCE]}}
            for document in cls._documents().find(where, sort=[(cls.key, 1)]):
                found[document["_id"]] = cls._record(document)
        return found

    @classmethod
    def entries(cls, keys: Collection[int]) -> dict[int, Entry[R]]:
        """Return the entries there are of these keys, by key."""
        return {key: Entry(key, cls._version(record), record) for key, record in cls.get_many(keys).items()}

    @classmethod
    def scan(cls, after_key: int, limit: int) -> list[Entry[R]]:
        """Return up to `limit` entries with keys above `after_key`, in key order; none at all means the end."""
        documents = cls._documents()
        found: list[Entry[R]] = []
        low, width = after_key, limit
        while len(found) < limit and low < _LARGEST_KEY:
            high = min(low + width, _LARGEST_KEY)
            batch = documents.find({cls.key: {"$gt": low, "$lte": high}}, sort=[(cls.key, 1)], limit=limit - len(found))
            for document in batch:
                record = cls._record(document)
                found.append(Entry(document["_id"], cls._version(record), record))
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
            if (seen := there.get(cls._key(record))) is None or seen.version < cls._version(record)
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
        pairs = [({"_id": one["_id"], "version": {"$not": {"$gt": one["version"]}}}, one) for one in made]
        left = cls._documents().replace_many(pairs)
        return len(pairs) - len(left) + sum(cls._replace_or_insert(*pairs[place]) for place in left)

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
            wheres = [{"_id": seen.key, "version": seen.version} for _, seen in chunk]
            documents = [cls._document(record) for record, _ in chunk]
            matched, refusals = cls._documents().replace_each(list(zip(wheres, documents, strict=True)))
            return Written(matched, {chunk[one.place][1].key: one.reason for one in refusals})

        return _in_chunks(pairs, write, key=lambda pair: pair[1].key)

    @classmethod
    def delete_many_seen(cls, seen: Sequence[Entry[R]]) -> Written:
        """Delete the very versions that were seen."""

        def write(chunk: Sequence[Entry[R]]) -> Written:
            return Written(cls._documents().delete_each([{"_id": one.key, "version": one.version} for one in chunk]))

        return _in_chunks(seen, write, key=lambda one: one.key)

    @classmethod
    def _key(cls, record: R) -> int:
        return int(getattr(record, cls.key))


_PAGE = 200
_FIRST_WINDOW = timedelta(minutes=1)
_KEY_FORMAT = "%Y%m%d%H%M%S%f"  # 20 digits


def key_instant(key: str) -> datetime:
    """Return the instant at which a time-ordered key begins."""
    return datetime.strptime(key[:20], _KEY_FORMAT).replace(tzinfo=UTC)


def time_key(at: datetime, suffix: str) -> str:
    """Return a key that sorts by time, then by the suffix."""
    return f"{at.astimezone(UTC):{_KEY_FORMAT}}-{suffix}"


class JournalRepository(Repository[R]):
    """Entries in the order of time, read backwards page by page; `key` is a text that sorts by time."""

    @classmethod
    def _pages_back(cls, *, where: mongo.Document, since: datetime, until: datetime, below: str) -> Iterator[R]:
        """Yield entries from the newest to the oldest, `since` included and `until` not; see Note [Windows ...]."""
        documents = cls._documents()
        high_at = min(until, key_instant(below) + timedelta(microseconds=1)) if below else until
        high = below or time_key(until, "")
        width = _FIRST_WINDOW
        while high_at > since:
            low_at = max(since, high_at - width)
            low = time_key(low_at, "")
            found = documents.find({**where, "key": {"$gte": low, "$lt": high}}, sort=[("key", -1)], limit=_PAGE)
            for document in found:
                yield cls._record(document)
            if len(found) == _PAGE:  # the window holds more: go on below its last entry
                high, width = found[-1]["key"], _FIRST_WINDOW
                high_at = key_instant(high) + timedelta(microseconds=1)
            else:
                high_at, high, width = low_at, low, width * 2
