"""Paging by key, not by offset: a page costs the same however deep, and no row shows twice while others are added."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError, transaction
from django.db.models import Q, QuerySet

from common.errors import InvalidInput

CURSOR_MAX = 500  # characters; ours are far shorter


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the cursor of the next ('' when this is the last)."""

    rows: list[Any]
    next_cursor: str


def page(*, rows: "QuerySet[Any]", order: Sequence[str], cursor: str = "", limit: int) -> Page:
    """
    Return one page of rows.

    Args:
        order: column names, "-" for descending; the last is unique, so the order is total.
        cursor: what the page before gave; '' for the first.
    Raises: InvalidInput when the cursor is none of ours.
    """
    if cursor:
        try:
            rows = rows.filter(_beyond(order, _decode(cursor, len(order))))
            with transaction.atomic():  # PostgreSQL refuses what no row could hold, and the caller goes on
                found = list(rows.order_by(*order)[: limit + 1])
        except (ValidationError, ValueError, TypeError, OverflowError, FieldError, DataError) as error:
            raise InvalidInput(fields={"cursor": "Take the cursor from the page before, unchanged."}) from error
    else:
        found = list(rows.order_by(*order)[: limit + 1])
    is_last = len(found) <= limit
    found = found[:limit]
    return Page(found, "" if is_last else _encode([_value(found[-1], name) for name in order]))


def _value(row: Any, name: str) -> Any:
    value = row
    for part in name.lstrip("-").split("__"):
        value = getattr(value, part)
    # The JSON encoder would cut microseconds off, and the row of the cursor would come again and again.
    return value.isoformat() if isinstance(value, datetime) else value


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Build (a > x) or (a = x and b > y) or ..., each with its own direction."""
    condition, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column = name.lstrip("-")
        condition |= equal & Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{column: value})
    return condition


def _encode(values: list[Any]) -> str:
    plain = json.dumps(values, cls=DjangoJSONEncoder, separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _decode(cursor: str, length: int) -> list[Any]:
    if len(cursor) > CURSOR_MAX:
        raise ValueError("no cursor")
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, UnicodeDecodeError, json.JSONDecodeError, UnicodeEncodeError) as error:
        raise ValueError("no cursor") from error
    if not isinstance(values, list) or len(values) != length or any(isinstance(v, list | dict) for v in values):
        raise ValueError("no cursor")
    return values
