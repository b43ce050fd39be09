"""
The system log, in Logs MongoDB, kept 90 days.

# Note [Requests are packed]
A document costs an entry in each index of its collection, which is dearer than all else about a line. Lines of requests
that went well are as many as requests and asked for by request id alone, so each batch of them is one document of its
own collection; and the system log is not drowned in them.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

from documents import mongo
from documents.records import RequestLogRecord, SystemLogRecord
from documents.repositories.base import Index, R
from documents.repositories.by_time import JournalRepository

SYSTEM_LOG_KEPT_FOR = timedelta(days=90)
_FORGOTTEN_AT_ONCE = 500  # lines
_FORGET_S = 200  # for all of it; the job has 300
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


_LINE_FIELDS = tuple(one.name for one in dataclasses.fields(SystemLogRecord))


def line_to_plain(line: SystemLogRecord) -> dict[str, Any]:
    """Return a line as values fit for JSON."""
    return {name: getattr(line, name) for name in _LINE_FIELDS} | {"at": line.at.isoformat()}


def line_of_plain(plain: Mapping[str, Any]) -> SystemLogRecord:
    """Return the line of such values; what an earlier version wrote beside them is ignored."""
    known = {name: plain[name] for name in _LINE_FIELDS if name in plain}
    return SystemLogRecord(**known | {"at": datetime.fromisoformat(plain["at"])})


class _KeptForAWhile(JournalRepository[R]):
    """What is forgotten by its instant `at`."""

    @classmethod
    def forget_before(cls, instant: datetime, *, back: timedelta = timedelta(days=31)) -> int:
        """
        Delete documents older than this instant and return how many; for servers that do not expire them themselves.

        In portions, hour by hour and from there by halves, for deleting thousands at once outlasts the patience of
        those who write beside it. What is older than `back` before the instant goes in one: there should be none.
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


class RequestLog(_KeptForAWhile[RequestLogRecord]):
    """Lines of requests that went well; see Note [Requests are packed]."""

    store = staticmethod(mongo.logs)
    name = "request_log"
    key = "key"
    record = RequestLogRecord
    indexes = (
        Index("by_request", (("request_ids", 1), ("key", 1))),
        Index("gone_after_90_days", (("at", 1),), expire_after=SYSTEM_LOG_KEPT_FOR),
    )

    @classmethod
    def add(cls, lines: Sequence[SystemLogRecord]) -> None:
        """Add lines, at least one, in one document."""
        by_request: dict[str, list[dict[str, Any]]] = {}
        for line in lines:
            by_request.setdefault(line.request_id, []).append(line_to_plain(line))
        # The whole pack's: after an outage the same first line may come again with others behind it.
        key = f"{lines[0].key}-{sha256(' '.join(line.key for line in lines).encode()).hexdigest()[:16]}"
        pack = RequestLogRecord(key=key, at=lines[0].at, request_ids=tuple(by_request), lines=by_request)
        cls._documents().insert_missing([cls._document(pack)])

    @classmethod
    def of_request(cls, request_id: str) -> list[SystemLogRecord]:
        """Return the lines of a request, each once, the newest first."""
        packs = cls._documents().find({"request_ids": request_id}, sort=[("key", -1)])
        lines = [line_of_plain(plain) for pack in cls._readable(packs) for plain in pack.lines[request_id]]
        # What waited on disk may have been packed anew.
        return sorted({line.key: line for line in lines}.values(), key=lambda line: line.key, reverse=True)


class SystemLog(_KeptForAWhile[SystemLogRecord]):
    """Structured log lines of all processes, but for those of requests that went well."""

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
            until=datetime.combine(min(day_to, date.max - timedelta(days=1)), time.min, UTC) + timedelta(days=1),
            below=before_key,
        )
        return list(islice(lines, limit))
