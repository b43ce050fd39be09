"""
The transactional outbox, written: events are rows of the transaction that made them, and are delivered after it.

`outbox_consumers` says who hears them, `outbox_delivery` carries them there. See docs/events.md.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from enum import Enum
from functools import cache, partial
from typing import Any, ClassVar, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from common import context, outbox_consumers
from common.models import ADDRESS_MAX, OutboxEvent
from common.postgres import statements

log = logging.getLogger(__name__)

_COLUMNS = "name, payload, actor_id, actor_email, origin, request_id, address"
_on_publish: list[Callable[[], None]] = []


class Event(Protocol):
    """A frozen dataclass of plain values with a dotted name in the past tense."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    name: ClassVar[str]


def publish(*events: Event, actor_id: int | None = None) -> None:
    """
    Write events into the open transaction, in one statement; documents follow right after commit, the rest through the
    worker.

    Raises: RuntimeError when no transaction is open, for then the event could outlive or miss its cause.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("outbox.publish needs an open transaction: the event belongs to the change it tells of.")
    now = context.current()
    actor_id = actor_id if actor_id is not None else now.actor_id
    # Every door sets a request id; what comes through none (a Python prompt) gets one, so that every event has it.
    request_id = now.request_id or context.new_request_id()
    # A proxy may write anything; a sale must not fail because of it.
    common = (actor_id, now.actor_email, str(now.origin), request_id, now.address[:ADDRESS_MAX])
    values: list[Any] = []
    for event in events:
        values += [event.name, json.dumps(asdict(event), cls=DjangoJSONEncoder), *common]
    rows = ", ".join(["(%s, %s::jsonb, %s, %s, %s, %s, %s)"] * len(events))
    # Plain SQL: it stands in the path of every sale, and costs a third of what the model's save does.
    made = statements.later(
        f"INSERT INTO common_outboxevent ({_COLUMNS}) VALUES {rows} RETURNING id",  # noqa: S608 - only placeholders
        values,
    )
    if (numbers := _noted.get()) is not None:
        made = cache(made)  # rows can be fetched once
        transaction.on_commit(partial(_note, numbers, made))
    transaction.on_commit(partial(_after_commit, made, _after.get()))


# --- what a door's own call published -----------------------------------------------------------
_noted: ContextVar[list[int] | None] = ContextVar("outbox_noted", default=None)


@contextmanager
def noted() -> Iterator[list[int]]:
    """Yield a list that gets the number of each event that is published and committed in this block."""
    numbers: list[int] = []
    token = _noted.set(numbers)
    try:
        yield numbers
    finally:
        _noted.reset(token)


def noted_now() -> list[int]:
    """Return the numbers noted so far in the innermost block of `noted`; none outside one."""
    return list(_noted.get() or ())


def _note(numbers: list[int], made: Callable[[], list[Any]]) -> None:
    numbers += [row[0] for row in made()]


# --- right after commit, best effort ------------------------------------------------------------
class _After(Enum):
    """What is done right after commit."""

    DOCUMENTS = "the touched documents are written, the worker is woken"
    WAKE = "the worker is woken, which writes the documents within a second"
    NOTHING = "the caller delivers"


_after: ContextVar[_After] = ContextVar("outbox_after", default=_After.DOCUMENTS)


@contextmanager
def deferred() -> Iterator[None]:
    """Leave all delivery to the caller, who delivers after a mass of changes; the sweep comes anyway."""
    with _doing(_After.NOTHING):
        yield


@contextmanager
def left_to_worker() -> Iterator[None]:
    """
    Leave the documents of what is published here to the worker.

    For requests that are many, and changes that touch many documents: readers find by its version that one is behind.
    """
    with _doing(_After.WAKE if _after.get() is _After.DOCUMENTS else _after.get()):
        yield


@contextmanager
def _doing(what: _After) -> Iterator[None]:
    token = _after.set(what)
    try:
        yield
    finally:
        _after.reset(token)


def _after_commit(made: Callable[[], list[Any]], what: _After) -> None:
    """Write the touched documents so that people read their own write, and wake the worker. Never fails the request."""
    if what is _After.NOTHING:
        return
    if what is _After.DOCUMENTS:
        _documents_write([row[0] for row in made()])
    for wake in _on_publish:
        try:
            wake()
        except Exception as error:  # noqa: BLE001 - the sweep comes every minute
            log.warning("The worker was not woken: %s", error)


def _documents_write(event_ids: list[int]) -> None:
    try:
        rows = OutboxEvent.objects.filter(pk__in=event_ids).order_by("pk")
        with context.scope(is_awaited=True):  # also in a job: a store that is away must not hold up each of its commits
            outbox_consumers.handle("documents", [outbox_consumers.delivered(row) for row in rows])
    except outbox_consumers.Unavailable as error:
        log.info("Documents are left to the worker: %s", error, extra={"event_ids": event_ids})
    except Exception as error:  # noqa: BLE001 - the worker does it again
        log.warning("Documents are left to the worker: %s", error, extra={"event_ids": event_ids})


def on_publish(wake: Callable[[], None]) -> None:
    """Have something called after each commit that wrote an event (the worker's wake-up)."""
    _on_publish.append(wake)
