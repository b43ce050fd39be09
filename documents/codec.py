"""
Turn frozen dataclasses into plain documents and back, without loss.

The field types say everything: instants are aware UTC with milliseconds (what the store keeps), days are ISO texts,
amounts are texts with all their digits, free-form mappings are JSON texts (any key and any number fits).
"""

import dataclasses
import json
import operator
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

R = TypeVar("R", bound="Record")


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one field type travels, and what the store must see in it."""

    bson_type: str
    write: Callable[[Any], Any] = lambda value: value
    read: Callable[[Any], Any] = lambda value: value
    schema: Mapping[str, Any] | None = None
    is_optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Record:
    """
    Base of all records: equal before and after a trip to the store.

    A field that arrives later has a default, so that documents written before it still read.
    """

    def __post_init__(self) -> None:
        for name in _instants(type(self)):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, instant(value))


class Unreadable(ValueError):
    """A document has not the form of its record: somebody wrote it past the store's validators."""


def instant(value: datetime) -> datetime:
    """Return the instant as the store keeps it: UTC, whole milliseconds. A time without a zone is refused."""
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone.")
    value = value.astimezone(UTC)
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def encode(record: Record) -> dict[str, Any]:
    """Return the plain document of a record."""
    return {name: kind.write(getattr(record, name)) for name, kind in _plan(type(record)).items()}


def decode(record_type: type[R], document: Mapping[str, Any]) -> R:
    """
    Return the record of a document; unknown fields are ignored, missing ones take their default.

    Raises: Unreadable.
    """
    plan = _plan(record_type)
    try:
        return record_type(**{name: kind.read(document[name]) for name, kind in plan.items() if name in document})
    except (TypeError, ValueError, ArithmeticError, AttributeError) as error:  # a field is missing, or of another kind
        raise Unreadable(f"It is no {record_type.__name__}: {error}") from error


def json_schema(record_type: type[Record]) -> dict[str, Any]:
    """Return the $jsonSchema that documents of this record must meet."""
    required = [
        field.name
        for field in dataclasses.fields(record_type)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]
    properties: dict[str, Any] = {}
    for name, kind in _plan(record_type).items():
        types_allowed = [kind.bson_type, "null"] if kind.is_optional else [kind.bson_type]
        if kind.bson_type == "int":
            types_allowed.insert(1, "long")
        properties[name] = {"bsonType": types_allowed, **(kind.schema or {})}
    return {"bsonType": "object", "required": required, "properties": properties}


_plans: dict[type[Record], dict[str, _Kind]] = {}
_instants_of: dict[type[Record], tuple[str, ...]] = {}


def _plan(record_type: type[Record]) -> dict[str, _Kind]:
    if record_type not in _plans:
        hints = get_type_hints(record_type)
        _plans[record_type] = {field.name: _kind(hints[field.name]) for field in dataclasses.fields(record_type)}
    return _plans[record_type]


def _instants(record_type: type[Record]) -> tuple[str, ...]:
    if record_type not in _instants_of:
        kinds = _plan(record_type)
        _instants_of[record_type] = tuple(name for name, kind in kinds.items() if kind.bson_type == "date")
    return _instants_of[record_type]


def _write_mapping(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


_AMOUNT = r"^-?[0-9]+(\.[0-9]+)?$"
_PLAIN: dict[Any, _Kind] = {
    str: _Kind("string"),
    int: _Kind("int", read=operator.index),
    bool: _Kind("bool"),
    datetime: _Kind("date"),
    date: _Kind("string", write=date.isoformat, read=date.fromisoformat),
    Decimal: _Kind(
        "string", write=lambda value: format(value, "f"), read=Decimal, schema={"pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
    ),
    Mapping: _Kind("string", write=_write_mapping, read=json.loads),
}


def _kind(hint: Any) -> _Kind:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        (inner,) = [argument for argument in get_args(hint) if argument is not type(None)]
        return _optional(_kind(inner))
    if origin is tuple:
        return _many(_kind(get_args(hint)[0]))
    if isinstance(hint, type) and issubclass(hint, Record):
        return _nested(hint)
    return _PLAIN[Mapping if origin is Mapping else hint] if origin in (None, Mapping) else _PLAIN[origin]


def _optional(kind: _Kind) -> _Kind:
    return dataclasses.replace(
        kind,
        write=lambda value: None if value is None else kind.write(value),
        read=lambda value: None if value is None else kind.read(value),
        is_optional=True,
    )


def _many(kind: _Kind) -> _Kind:
    return _Kind(
        "array",
        write=lambda values: [kind.write(value) for value in values],
        read=lambda values: tuple(kind.read(value) for value in values),
        schema={"items": {"bsonType": kind.bson_type, **(kind.schema or {})}},
    )


def _nested(record_type: type[Record]) -> _Kind:
    schema = json_schema(record_type)
    return _Kind(
        "object",
        write=encode,
        read=lambda value: decode(record_type, value),
        schema={name: schema[name] for name in ("required", "properties")},
    )
