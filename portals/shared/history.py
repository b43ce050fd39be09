"""The changes of a launch in words, each date only as exact as it was known then."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from common.dates import Precision, departure_text
from common.money import format_money

NAMES = {
    "status": "Status",
    "departure_at": "Departure",
    "departure_precision": "Precision of the departure",
    "price_amount": "Price of a seat",
    "price_currency": "Currency",
    "mission_name": "Mission name",
    "description": "Description",
    "seats_on_sale": "Seats on sale",
    "seats_withdrawn": "Seats withdrawn",
    "seats_returned": "Seats back on sale",
    "slug": "Web address",
    "rocket": "Rocket",
    "spaceport": "Spaceport",
    "destination": "Destination",
}
DOORS = {"portal": "in the portal", "api": "through the API", "command": "by a command", "job": "by a job"}
# The reason stands beside the change that it explains.
_UNSAID = ("reason", "feed_digest")


class Change(Protocol):
    """A row of a history."""

    changed_at: datetime
    actor: Any
    origin: str
    field: str
    old_value: str
    new_value: str
    reason: str


@dataclass(frozen=True)
class Line:
    """One change: when, by whom and through which door, what, and why."""

    at: datetime
    who: str
    words: str
    reason: str


def lines(rows: Iterable[Change], *, precision: str, zone: str, currency: str) -> list[Line]:
    """
    Say changes in words, in the order given (latest first).

    Args:
        precision: of the departure now; earlier ones are read from the changes themselves.
        zone: the spaceport's.
    """
    found: list[Line] = []
    known = list(rows)
    said_at = precision
    index = 0
    while index < len(known):
        together = [row for row in known[index:] if row.changed_at == known[index].changed_at]
        before = next((row.old_value for row in together if row.field == "departure_precision"), said_at)
        for row in together:
            if row.field in _UNSAID or (row.field == "departure_precision" and len(together) > 1):
                continue
            old, new = (
                _said(row, row.old_value, before, zone, currency),
                _said(row, row.new_value, said_at, zone, currency),
            )
            found.append(Line(at=row.changed_at, who=_who(row), words=_words(row.field, old, new), reason=row.reason))
        said_at = before
        index += len(together)
    return found


def _said(row: Change, value: str, precision: str, zone: str, currency: str) -> str:
    if row.field == "departure_at" and value:
        return departure_text(datetime.fromisoformat(value), Precision(precision), zone)
    if row.field == "price_amount" and value:
        try:
            return format_money(Decimal(value), currency)
        except InvalidOperation:
            return value
    if row.field == "description":
        return ""
    return value.replace("_", " ") if row.field == "status" else value


def _words(field: str, old: str, new: str) -> str:
    if field == "viability_warned_at":
        return "The supplier was warned that too few seats are sold"
    name = NAMES.get(field, field.replace("_", " ").capitalize())
    if field in ("seats_withdrawn", "seats_returned"):
        return f"{name}: {new}"
    if not old and not new:
        return f"{name} changed"
    if field == "status" and not old:
        return "Planned as a draft"
    return f"{name}: {old or 'none'} → {new or 'none'}"


def _who(row: Change) -> str:
    who = row.actor.get_full_name() if row.actor else "The system"
    door = DOORS.get(str(row.origin), "")
    return f"{who}, {door}" if door else who
