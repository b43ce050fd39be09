"""
Plain statements for the path of every sale: planned once a connection, and built once a process.

The query builder is the rule; these are for where its price was measured (docs/performance.md).
"""

from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


def rows(statement: str, values: Any) -> list[Any]:
    """Execute a statement and return its rows; [] when it returns none."""
    with connection.prepared_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def row_insert(row: models.Model, *, unless_key_exists: str = "") -> bool:
    """
    Insert a model's row as it is; every value must be set but those with a default of the database's.

    Args:
        unless_key_exists: a unique column; a row that has its value already is left alone.
    Returns: whether it was inserted. A key that the database draws is set.
    """
    statement, names = _insert(type(row), unless_key_exists)
    made = rows(statement, [getattr(row, name) for name in names])
    if made:
        row.pk = made[0][0]
        row._state.adding, row._state.db = False, connection.alias
    return bool(made)


@cache
def _insert(model: type[models.Model], key: str) -> tuple[str, list[str]]:
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    conflict = f'ON CONFLICT ("{key}") DO NOTHING' if key else ""
    statement = (
        f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places}) {conflict} '  # noqa: S608 - names of ours
        f'RETURNING "{model._meta.pk.column}"'
    )
    return statement, [field.attname for field in fields]


def row_get(model: type[M], pk: Any) -> M | None:
    """Return the row of a key; None when there is none."""
    found = rows(_get(model), [pk])
    if not found:
        return None
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(connection.alias, names, found[0])


@cache
def _get(model: type[models.Model]) -> str:
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    return f'SELECT {columns} FROM "{model._meta.db_table}" WHERE "{model._meta.pk.column}" = %s'  # noqa: S608
