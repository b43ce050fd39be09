"""Who hears events: consumers and their handlers, and what is done to hand them an event."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common import context
from common.models import OutboxEvent

ANY = "*"


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """An event as a handler gets it."""

    id: int
    xid: int
    name: str
    payload: dict[str, Any]
    actor_id: int | None
    actor_email: str
    origin: str
    request_id: str
    address: str  # personal: of the visitor's network, '' from commands and jobs; no handler hands it to others
    occurred_at: datetime


class Unavailable(Exception):
    """A handler's store is away: the consumer waits and tries the same event again, skipping nothing."""


Handler = Callable[[Delivered], None]
BatchHandler = Callable[[list[Delivered]], None]
_handlers: dict[str, list[tuple[str, Handler]]] = {}
_batch_handlers: dict[str, list[tuple[str, BatchHandler]]] = {}


def register(*, consumer: str, event: str, handler: Handler) -> None:
    """Have a consumer's handler called for an event name, or for every event (`ANY`); once per AppConfig.ready."""
    _handlers.setdefault(consumer, []).append((event, handler))


def register_batch(*, consumer: str, event: str, handler: BatchHandler) -> None:
    """
    Have a consumer's handler called with many events at once, in delivery order: those of this name, or all (`ANY`).

    For effects that are cheaper together. It is called again with events that it has had: the whole batch after a crash
    or `Unavailable`, and one event at a time after any other failure, so that the bad one alone is set aside. Where a
    consumer has both kinds, the single handlers see the events of a batch first. Two functions may not run for one
    batch in parallel: a consumer has one deliverer at a time.
    """
    _batch_handlers.setdefault(consumer, []).append((event, handler))


def consumers() -> list[str]:
    """Return the names of all consumers."""
    return sorted({*_handlers, *_batch_handlers})


def takes_batches(consumer: str) -> bool:
    """Tell whether a consumer gains from many events at once."""
    return consumer in _batch_handlers


def handle(consumer: str, events: list[Delivered]) -> None:
    """Call a consumer's handlers with events, in this order. Raises: Unavailable, and whatever a handler raises."""
    for event in events:
        if handlers := _heard(_handlers, consumer, event.name):
            with _as_told(event):
                for handler in handlers:
                    handler(event)
    for wanted, handler_of_many in _batch_handlers.get(consumer, []):
        if heard := [event for event in events if wanted in (event.name, ANY)]:
            handler_of_many(heard)


def _heard(handlers: dict[str, list[tuple[str, Handler]]], consumer: str, name: str) -> list[Handler]:
    return [handler for wanted, handler in handlers.get(consumer, []) if wanted in (name, ANY)]


@contextmanager
def _as_told(event: Delivered) -> Iterator[None]:
    """Whatever a handler writes names the person, the door and the request that the event came from."""
    with context.scope(
        request_id=event.request_id,
        origin=event.origin,
        actor_id=event.actor_id,
        actor_email=event.actor_email,
        address=event.address,
    ):
        yield


def delivered(row: OutboxEvent) -> Delivered:
    """Return an event's row as handlers get it."""
    return Delivered(
        id=row.pk,
        xid=row.xid,
        name=row.name,
        payload=row.payload,
        actor_id=row.actor_id,
        actor_email=row.actor_email,
        origin=row.origin,
        request_id=row.request_id,
        address=row.address,
        occurred_at=row.occurred_at,
    )
