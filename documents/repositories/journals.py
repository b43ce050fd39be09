"""The system log, in Logs MongoDB, kept 90 days."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from documents import mongo
from documents.records import SystemLogRecord
from documents.repositories.base import Index
from documents.repositories.by_time import JournalRepository

SYSTEM_LOG_KEPT_FOR = timedelta(days=90)
_FORGOTTEN_AT_ONCE = 500  # lines
_FORGET_S = 200  # for all of it; the job has 300
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
    def forget_before(cls, instant: datetime, *, back: timedelta = timedelta(days=31)) -> int:
        """
        Delete lines older than this instant and return how many; for servers that do not expire documents themselves.

        In portions, hour by hour and from there by halves, for deleting thousands at once outlasts the patience of
        those who write beside it. Lines older than `back` before the instant go in one: there should be none.
        """
        begin = instant - back
        with mongo.patient(_FORGET_S, cls.store()):
            gone = cls._documents().delete_all({"at": {"$lt": begin}})
            while begin < instant:
                end = min(begin + timedelta(hours=1), instant)
                gone += cls._forget_between(begin, end)
                begin = end
        return gone

    @classmethod
    def _forget_between(cls, begin: datetime, end: datetime) -> int:
        where = {"at": {"$gte": begin, "$lt": end}}
        count = cls._documents().count(where)
        if count <= _FORGOTTEN_AT_ONCE or end - begin <= timedelta(milliseconds=2):
            return cls._documents().delete_all(where) if count else 0
        middle = begin + (end - begin) / 2
        middle = middle.replace(microsecond=middle.microsecond // 1000 * 1000)
        return cls._forget_between(begin, middle) + cls._forget_between(middle, end)
