"""
Plain statements for the path of every sale: planned once a connection, built once a process, sent together.

The query builder is the rule; these are for where its price was measured (docs/performance.md). Going to the database
and back costs more than most statements, so what does not need an answer first travels in one trip: questions by `ask`,
and after `together` what is only written waits for the next answer that somebody wants, the commit's at the latest.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from django.db import DEFAULT_DB_ALIAS, Error, connections, models

if TYPE_CHECKING:
    from common.postgres.base import DatabaseWrapper

# Note [Statements of a sale go by index]
# A prepared statement keeps its plan as long as its connection lives. Made while a table is young and small, it would
# read the whole table for each seat for ever after, or sort all seats of a launch where its index has them in order.
# Sent first in a transaction, this lets the plans that follow go by index, whatever the statistics say.
_BY_INDEX = "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)"

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")
T1 = TypeVar("T1")
T2 = TypeVar("T2")
T3 = TypeVar("T3")
T4 = TypeVar("T4")


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A statement, and how its rows are read. `read` may raise, as when there must be a row and is none."""

    statement: str
    values: Any
    read: Callable[[list[Any]], T]


@overload
def ask(one: Question[T1], /) -> tuple[T1]: ...
@overload
def ask(one: Question[T1], two: Question[T2], /) -> tuple[T1, T2]: ...
@overload
def ask(one: Question[T1], two: Question[T2], three: Question[T3], /) -> tuple[T1, T2, T3]: ...
@overload
def ask(one: Question[T1], two: Question[T2], three: Question[T3], four: Question[T4], /) -> tuple[T1, T2, T3, T4]: ...
def ask(*questions: Question[Any]) -> tuple[Any, ...]:
    """
    Execute statements in this order, each seeing what those before it did, in one trip; return what each reads.

    Raises: what the database or a question's `read` raises, the earliest first.
    """
    database = _database()
    is_alone = not database.is_pipelined
    if is_alone and len(questions) > 1:
        database.pipeline_begin()
    try:
        asked = [(question.read, later(question.statement, question.values)) for question in questions]
    except BaseException:
        with suppress(Error):  # it only says again that something was refused
            database.pipeline_end()
        raise
    if is_alone:
        database.pipeline_end()
    # A pipeline of our own has ended and brought all answers; in the transaction's the first fetch waits for them.
    return tuple(read(answer()) for read, answer in asked)


def together() -> None:
    """
    Send what this module executes in the open transaction, until its end, without waiting for each other's answers.

    The last writes then travel with the commit. What fails is known when an answer is asked for, at the commit at the
    latest, and nothing after it counts: nobody may hope to go on after a database error, not even behind a savepoint.
    Django's own cursors end it (common.postgres.base). See Note [Statements of a sale go by index].

    Raises: RuntimeError when no transaction is open.
    """
    database = _database()
    if not database.in_atomic_block:
        raise RuntimeError("Statements travel together within a transaction.")
    if not database.is_pipelined:
        database.pipeline_begin()
        later(_BY_INDEX, None)


def _database() -> "DatabaseWrapper":
    return cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])


def later(statement: str, values: Any) -> Callable[[], list[Any]]:
    """Execute a statement, after `together` without waiting for it; what is returned gives its rows when called."""
    database = _database()
    return partial(database.fetch_rows, database.prepared_execute(statement, values))


def rows(statement: str, values: Any) -> list[Any]:
    """Execute a statement that returns rows, and return them."""
    return later(statement, values)()


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
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return bool(made)


def row_insert_later(row: models.Model) -> None:
    """Insert a model's row whose key is known, as `later`."""
    statement, names = _insert(type(row), "")
    later(statement, [getattr(row, name) for name in names])
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


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
    return model.from_db(DEFAULT_DB_ALIAS, names, found[0])


@cache
def _get(model: type[models.Model]) -> str:
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    return f'SELECT {columns} FROM "{model._meta.db_table}" WHERE "{model._meta.pk.column}" = %s'  # noqa: S608
