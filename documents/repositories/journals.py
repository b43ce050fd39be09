"""What happened, in Logs MongoDB: the system log (kept 90 days) and the audit trail (kept)."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from documents import mongo
from documents.records import AuditRecord, SystemLogRecord
from documents.repositories.base import Index, JournalRepository, time_key

SYSTEM_LOG_KEPT_FOR = timedelta(days=90)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_AUDIT_BEGAN_AT = datetime(2020, 1, 1, tzinfo=UTC)


class SystemLog(JournalRepository[SystemLogRecord]):
    """Structured log lines of all processes."""

    store = staticmethod(mongo.logs)
    name = "system_log"
    key = "key"
    record = SystemLogRecord
    indexes = (
        Index("by_key", (("key", 1),)),
        Index("by_level", (("level", 1), ("key", 1))),
        Index("by_logger", (("logger", 1), ("key", 1))),
        Index("by_request", (("request_id", 1), ("key", 1))),
        Index("gone_after_90_days", (("at", 1),), expire_after=SYSTEM_LOG_KEPT_FOR),
    )

    @classmethod
    def add_many(cls, records: Iterable[SystemLogRecord]) -> int:
        """Add lines and return how many were new; a line that is already there stays once."""
        return cls._documents().insert_missing(cls._document(record) for record in records)

    @classmethod
    def search(
        cls,
        *,
        day_from: date,
        day_to: date,
        level: str = "",
        text: str = "",
        logger: str = "",
        request_id: str = "",
        limit: int = 50,
        before_key: str = "",
    ) -> list[SystemLogRecord]:
        """
        Return log lines of the UTC days from `day_from` to `day_to`, both included, the newest first.

        Args:
            level: lines of this level and above; "" for all.
            text: part of the message, upper or lower case.
            logger: the logger's whole name.
            before_key: the key of the last line of the page before.
        """
        where: dict[str, Any] = {}
        if request_id:
            where["request_id"] = request_id
        if logger:
            where["logger"] = logger
        if level in LEVELS[1:]:
            where["level"] = {"$in": list(LEVELS[LEVELS.index(level) :])}
        if text:
            where["message"] = {"$regex": re.escape(text), "$options": "i"}
        lines = cls._pages_back(
            where=where,
            since=datetime.combine(day_from, time.min, UTC),
            until=datetime.combine(day_to, time.min, UTC) + timedelta(days=1),
            below=before_key,
        )
        return list(islice(lines, limit))

    @classmethod
    def forget_before(cls, instant: datetime) -> int:
        """Delete lines older than this instant; for servers that do not expire documents by themselves."""
        return cls._documents().delete_all({"at": {"$lt": instant}})


class AuditTrail(JournalRepository[AuditRecord]):
    """One entry an event, kept for good."""

    store = staticmethod(mongo.logs)
    name = "audit_trail"
    key = "event_id"
    record = AuditRecord
    indexes = (
        Index("by_key", (("key", 1),)),
        Index("of_object", (("subject_kind", 1), ("subject_id", 1), ("key", 1))),
    )
    is_journalled = True

    @classmethod
    def _document(cls, record: AuditRecord) -> dict[str, Any]:
        return {**super()._document(record), "key": cls.key_of(record)}

    @classmethod
    def key_of(cls, record: AuditRecord) -> str:
        """Return the entry's place in the order of time."""
        return time_key(record.occurred_at, f"{record.event_id:019d}")

    @classmethod
    def add(cls, record: AuditRecord) -> bool:
        """Add an entry; false when the event has one already, so that twice is once."""
        return cls._documents().insert_missing([cls._document(record)]) == 1

    @classmethod
    def get(cls, event_id: int) -> AuditRecord | None:
        """Return the entry of an event, or None."""
        document = cls._documents().find_one({"_id": event_id})
        return None if document is None else cls._record(document)

    @classmethod
    def of_object(cls, kind: str, object_id: int | str, *, limit: int = 200) -> list[AuditRecord]:
        """Return what happened to one object, the newest first."""
        where = {"subject_kind": kind, "subject_id": str(object_id)}
        found = cls._documents().find(where, sort=[("key", -1)], limit=limit)
        return [cls._record(document) for document in found]

    @classmethod
    def latest(cls, *, limit: int, until: datetime, before: str = "") -> list[AuditRecord]:
        """Return entries before the instant `until`, the newest first; `before` is the last one's `key_of`."""
        entries = cls._pages_back(where={}, since=_AUDIT_BEGAN_AT, until=until, below=before)
        return list(islice(entries, limit))
