"""The audit trail, in Logs MongoDB: one entry an event, kept for good, each chained to the one before it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from documents import codec, mongo
from documents.records import AuditRecord
from documents.repositories.base import Index
from documents.repositories.by_key import KEYS_AT_ONCE
from documents.repositories.by_time import JournalRepository, time_key

_COUNT_S = 600
_BEGAN_AT = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain; the record is None when the document there is not of a form that we write."""

    sequence: int
    record: AuditRecord | None


class AuditTrail(JournalRepository[AuditRecord]):
    """
    Entries by the instant and number of their event; `sequence` is their place in the chain (documents.audit).

    Two unique values decide when several write at once: an event has one entry, and a place has one entry. Entries from
    before the chain have no place, so that index is sparse.
    """

    store = staticmethod(mongo.logs)
    name = "audit_trail"
    key = "key"
    record = AuditRecord
    indexes = (
        Index("by_key", (("key", 1),), is_unique=True),
        Index("of_object", (("subject_kind", 1), ("subject_id", 1), ("key", 1))),
        Index("in_chain", (("sequence", 1),), is_unique=True, is_sparse=True),
    )
    is_journalled = True

    @classmethod
    def _document(cls, record: AuditRecord) -> dict[str, Any]:
        key = cls.key_of(record)
        return {"_id": key, **codec.encode(record), "key": key}

    @classmethod
    def key_of(cls, record: AuditRecord) -> str:
        """Return the entry's place in the order of time; also what tells its event from every other."""
        return time_key(record.occurred_at, f"{record.event_id:019d}")

    @classmethod
    def append(cls, records: Sequence[AuditRecord]) -> None:
        """
        Add sealed entries, one after the other; those before a refused one stay.

        Raises: DocumentExists when the event has an entry or the place is taken, DocumentRefused,
            DocumentStoreUnavailable.
        """
        cls._documents().insert_in_order([cls._document(record) for record in records])

    @classmethod
    def of_keys(cls, keys: Collection[str]) -> dict[str, AuditRecord | None]:
        """Return the entries there are of these keys, by key; None for one that cannot be read."""
        found: dict[str, AuditRecord | None] = {}
        wanted = sorted(set(keys))
        for start in range(0, len(wanted), KEYS_AT_ONCE):
            where = {"key": {"$in": wanted[start : start + KEYS_AT_ONCE]}}
            for document in cls._documents().find(where, sort=[("key", 1)]):
                found[document["key"]] = next(cls._readable([document]), None)
        return found

    @classmethod
    def stretch(cls, after: int, length: int) -> list[Link]:
        """Return the entries of the next `length` places above `after`, in order."""
        where = {"sequence": {"$gt": after, "$lte": after + length}}
        return [cls._link(document) for document in cls._documents().find(where, sort=[("sequence", 1)])]

    @classmethod
    def _link(cls, document: mongo.Document) -> Link:
        try:
            record = cls._record(document)
            written = cls._document(record)
        except (TypeError, ValueError):
            return Link(document["sequence"], None)
        is_ours = all(name in written and written[name] == value for name, value in document.items())
        return Link(document["sequence"], record if is_ours else None)

    @classmethod
    def latest_in_chain(cls) -> AuditRecord | None:
        """Return the entry with the highest place; reads the whole chain on some servers, so only where need be."""
        found = cls._documents().find({"sequence": {"$gte": 1}}, sort=[("sequence", -1)], limit=1)
        return cls._record(found[0]) if found else None

    @classmethod
    def count_above(cls, place: int) -> int:
        """Count entries with a higher place."""
        return cls._documents().count({"sequence": {"$gt": place}})

    @classmethod
    def count_outside(cls) -> int:
        """Count entries without a place in the chain; reads the whole collection, minutes when it is big."""
        with mongo.patient(_COUNT_S, cls.store()):
            return cls._documents().count({"sequence": {"$not": {"$gte": 1}}})

    @classmethod
    def of_object(cls, kind: str, object_id: int | str, *, limit: int = 200) -> list[AuditRecord]:
        """Return what happened to one object, the newest first."""
        where = {"subject_kind": kind, "subject_id": str(object_id)}
        found = cls._documents().find(where, sort=[("key", -1)], limit=limit)
        return list(cls._readable(found))

    @classmethod
    def latest(cls, *, limit: int, until: datetime, before: str = "") -> list[AuditRecord]:
        """Return entries before the instant `until`, the newest first; `before` is the last one's `key_of`."""
        entries = cls._pages_back(where={}, since=_BEGAN_AT, until=until, below=before)
        return list(islice(entries, limit))
