"""Entries in the order of time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from documents import mongo
from documents.repositories.base import R, Repository

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
            low_at = high_at - min(width, high_at - since)
            low = time_key(low_at, "")
            found = documents.find({**where, "key": {"$gte": low, "$lt": high}}, sort=[("key", -1)], limit=_PAGE)
            yield from cls._readable(found)
            if len(found) == _PAGE:  # the window holds more: go on below its last entry
                high, width = found[-1]["key"], _FIRST_WINDOW
                high_at = key_instant(high) + timedelta(microseconds=1)
            else:
                high_at, high, width = low_at, low, width * 2
