"""The system log, in Logs MongoDB, kept 90 days."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from documents import mongo
from documents.records import SystemLogRecord
from documents.repositories.base import Index, JournalRepository

SYSTEM_LOG_KEPT_FOR = timedelta(days=90)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


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
