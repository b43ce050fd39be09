"""Reading values out of untrusted JSON: each is checked, and a wrong one is named by its path. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from launches import errors

_NUMBER = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,40})?", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class FeedValueWrong(errors.FeedRecordRefused):
    """A value is missing or of the wrong kind."""


@dataclass(frozen=True)
class Node:
    """A JSON object inside a record, with the path that leads to it ("pad.location")."""

    value: dict[str, Any]
    path: str = ""

    def at(self, name: str) -> str:
        """Return the full path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Tell whether a field is there and not null."""
        return self.value.get(name) is not None

    def node(self, name: str, *, missing: str = "is missing") -> "Node":
        """Return an object that must be there."""
        found = self.node_or_none(name)
        if found is None:
            raise FeedValueWrong(self.at(name), missing)
        return found

    def node_or_none(self, name: str) -> "Node | None":
        """Return an object, or None when the field is absent or null."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise FeedValueWrong(self.at(name), f"is {_kind(value)} where an object is expected")
        return Node(value, self.at(name))

    def nodes(self, name: str) -> list["Node"]:
        """Return the objects of a list; an absent or null list is empty."""
        value = self.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise FeedValueWrong(self.at(name), f"is {_kind(value)} where a list is expected")
        return [Node(item, f"{self.at(name)}.{index}") for index, item in enumerate(value) if isinstance(item, dict)]

    def line(self, name: str, *, longest: int) -> str:
        """Return a text of one line that must be there and not be empty; runs of spaces shrink to one."""
        text = self.line_or_empty(name, longest=longest)
        if not text:
            raise FeedValueWrong(self.at(name), "is missing or empty")
        return text

    def line_or_empty(self, name: str, *, longest: int) -> str:
        """Return a text of one line, or "" when the field is absent, null or blank."""
        text = " ".join(self._text(name, longest=longest).split())
        if not text.isprintable():
            raise FeedValueWrong(self.at(name), "contains control characters")
        return text

    def prose(self, name: str, *, longest: int) -> str:
        """Return a text of any lines, or ""; control characters are taken out."""
        text = self._text(name, longest=longest).replace("\r\n", "\n")
        return "".join(sign for sign in text if sign.isprintable() or sign == "\n").strip()

    def _text(self, name: str, *, longest: int) -> str:
        value = self.value.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise FeedValueWrong(self.at(name), f"is {_kind(value)} where a text is expected")
        if len(value) > longest:
            raise FeedValueWrong(self.at(name), f"is {len(value):,} characters long; {longest:,} are the most")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise FeedValueWrong(self.at(name), "contains characters that no encoding has") from error
        return value

    def key(self, name: str) -> str | None:
        """Return an id (a whole number, or a short text) as text, or None."""
        value = self.value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise FeedValueWrong(self.at(name), f"is {_kind(value)} where a number is expected")
        text = str(value)
        if not 1 <= len(text) <= 20 or not text.isascii() or not text.replace("-", "").isalnum():
            raise FeedValueWrong(self.at(name), "is not an id")
        return text

    def uuid(self, name: str) -> UUID:
        """Return a UUID that must be there."""
        text = self.line(name, longest=60)
        if not _UUID.fullmatch(text):
            raise FeedValueWrong(self.at(name), f'"{text}" is not a UUID')
        return UUID(text)

    def instant(self, name: str) -> datetime:
        """Return an instant in UTC that must be there, between the years 1950 and 2200."""
        text = self.line(name, longest=40)
        try:
            at = datetime.fromisoformat(text)
        except ValueError as error:
            raise FeedValueWrong(self.at(name), f'"{text}" is not a date and time like 2027-03-14T15:30:00Z') from error
        if at.tzinfo is None:
            raise FeedValueWrong(self.at(name), f'"{text}" has no time zone; write 2027-03-14T15:30:00Z')
        if not 1950 <= at.year <= 2200:
            raise FeedValueWrong(self.at(name), f"lies in the year {at.year}; 1950 to 2200 are accepted")
        return at.astimezone(UTC)

    def degrees(self, name: str, *, limit: int) -> float:
        """Return a coordinate (a number, or a text of one, as before 2.3.0) between -limit and limit."""
        value = self.value.get(name)
        if value is None:
            raise FeedValueWrong(self.at(name), "is missing")
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FeedValueWrong(self.at(name), f"is {_kind(value)} where degrees are expected")
        if not -limit <= value <= limit:  # false for NaN too
            raise FeedValueWrong(self.at(name), f"is not between -{limit} and {limit} degrees")
        return float(value)

    def flag(self, name: str) -> bool | None:
        """Return true or false (0 and 1 count), or None when absent."""
        value = self.value.get(name)
        if value is None:
            return None
        if value not in (0, 1):
            raise FeedValueWrong(self.at(name), f"is {_kind(value)} where true or false is expected")
        return bool(value)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), "something else")
