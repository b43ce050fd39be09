"""
The transactional outbox: events are rows of the transaction that made them, and are delivered after it.

# Note [Sequence order is not commit order]
A transaction that drew an early id may commit late. Readers therefore go by (transaction id, id) and stop before the
oldest transaction still running (`pg_snapshot_xmin`): whatever lies before it is decided, so nothing can appear behind
the reader's back. The price: a long writing transaction delays delivery, so ours are short. See docs/adr/0002.

Delivery is at least once. A consumer's position moves only after its handlers returned; handlers are idempotent, and
bear an event that was set aside coming after later ones (docs/events.md).
"""

import json
import logging
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import Any, ClassVar, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from common import context
from common.models import OutboxEvent, OutboxFailure, OutboxPosition
from common.postgres import statements

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 500
SAVE_EVERY_S = 5  # where handlers are slow: what is done is recorded, and the lease renewed, at least that often
TURN_S = 5.0  # one consumer's turn while others wait for theirs
PARK_AFTER = 8  # attempts, with pauses of 5 s * 2^n: about ten minutes
ANY = "*"


class Event(Protocol):
    """A frozen dataclass of plain values with a dotted name in the past tense."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    name: ClassVar[str]


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
    occurred_at: datetime


class Unavailable(Exception):
    """A handler's store is away: the consumer waits and tries the same event again, skipping nothing."""


Handler = Callable[[Delivered], None]
BatchHandler = Callable[[list[Delivered]], None]
_handlers: dict[str, list[tuple[str, Handler]]] = {}
_batch_handlers: dict[str, list[tuple[str, BatchHandler]]] = {}
_on_publish: list[Callable[[], None]] = []


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
    common = (actor_id, now.actor_email, str(now.origin), now.request_id or context.new_request_id())
    values: list[Any] = []
    for event in events:
        values += [event.name, json.dumps(asdict(event), cls=DjangoJSONEncoder), *common]
    rows = ", ".join(["(%s, %s::jsonb, %s, %s, %s, %s)"] * len(events))
    # Plain SQL: it stands in the path of every sale, and costs a third of what the model's save does.
    made = statements.later(
        f"INSERT INTO common_outboxevent (name, payload, actor_id, actor_email, origin, request_id) VALUES {rows} "  # noqa: S608 - only placeholders
        "RETURNING id",
        values,
    )
    transaction.on_commit(partial(_after_commit, made))


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
    """Leave the documents to the worker, where requests are many and nobody looks at the page of one at once."""
    with _doing(_After.WAKE):
        yield


@contextmanager
def _doing(what: _After) -> Iterator[None]:
    token = _after.set(what)
    try:
        yield
    finally:
        _after.reset(token)


def _after_commit(made: Callable[[], list[Any]]) -> None:
    """Write the touched documents so that people read their own write, and wake the worker. Never fails the request."""
    what = _after.get()
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
            _handle("documents", [_delivered(row) for row in rows])
    except Unavailable as error:
        log.info("Documents are left to the worker: %s", error, extra={"event_ids": event_ids})
    except Exception as error:  # noqa: BLE001 - the worker does it again
        log.warning("Documents are left to the worker: %s", error, extra={"event_ids": event_ids})


def on_publish(wake: Callable[[], None]) -> None:
    """Have something called after each commit that wrote an event (the worker's wake-up)."""
    _on_publish.append(wake)


# --- delivery ------------------------------------------------------------
def deliver_all() -> int:
    """
    Deliver what is due, to each consumer for a few seconds at the most, so that a slow one does not keep the others
    waiting; return how many events were handled, 0 when nothing is left.
    """
    return sum(deliver(consumer=consumer, for_s=TURN_S) for consumer in consumers())


def deliver(*, consumer: str, for_s: float | None = None) -> int:
    """
    Deliver decided events to one consumer, in order, until there are none; several processes may call it at once.

    Args:
        for_s: seconds after which it stops between two events (or batches); None for no limit.
    Returns: events handled by this call; 0 when another process is at it or the consumer is resting.
    """
    OutboxPosition.objects.get_or_create(consumer=consumer)
    turn = _Turn(consumer=consumer, lease=uuid.uuid4(), ends_at=None if for_s is None else time.monotonic() + for_s)
    if not _lease_take(turn):
        return 0
    handled = 0
    try:
        if _is_ahead_of_the_cluster(consumer):
            return 0
        handled += _failures_retry(consumer)
        while batch := _batch_read(consumer):
            handled += _batch_handle(turn, [_delivered(row) for row in batch])
            if turn.is_over:
                break
    finally:
        OutboxPosition.objects.filter(consumer=consumer, lease=turn.lease).update(lease=None, leased_until=None)
    return handled


def is_behind() -> bool:
    """
    Tell whether events wait for a consumer that does not rest, after a delivery that found nothing to do.

    Then an older transaction still runs (Note [Sequence order is not commit order]), or another process is at it, which
    may have looked just before the event was committed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM common_outboxevent e, (
                SELECT coalesce(p.xid, 0) AS xid, coalesce(p.event_id, 0) AS event_id
                FROM unnest(%s::text[]) AS c(name) LEFT JOIN common_outboxposition p ON p.consumer = c.name
                WHERE p.retry_at IS NULL OR p.retry_at <= now() ORDER BY 1, 2 LIMIT 1
            ) last WHERE (e.xid, e.id) > (last.xid, last.event_id))
            """,
            [consumers()],
        )
        return bool(cursor.fetchone()[0])


@dataclass(kw_only=True)
class _Turn:
    """One process's time at a consumer."""

    consumer: str
    lease: uuid.UUID
    ends_at: float | None  # monotonic seconds
    is_ended: bool = False

    @property
    def is_over(self) -> bool:
        return self.is_ended or (self.ends_at is not None and time.monotonic() >= self.ends_at)


def _is_ahead_of_the_cluster(consumer: str) -> bool:
    """Say loudly when positions come from another cluster (a restored dump): every new event would be passed over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        next_xid = cursor.fetchone()[0]
    if not OutboxPosition.objects.filter(consumer=consumer, xid__gte=next_xid).exists():
        return False
    log.error(
        "Consumer %s is ahead of this database cluster, as after restoring a dump into another one: nothing is "
        "delivered. See docs/events.md.",
        consumer,
    )
    return True


def _lease_take(turn: _Turn) -> bool:
    free = Q(leased_until=None) | Q(leased_until__lt=Now())
    rested = Q(retry_at=None) | Q(retry_at__lte=Now())
    row = OutboxPosition.objects.filter(free, rested, consumer=turn.consumer)
    return row.update(lease=turn.lease, leased_until=Now() + LEASE) == 1


def _batch_read(consumer: str) -> list[OutboxEvent]:
    return list(
        OutboxEvent.objects.raw(
            """
            SELECT e.* FROM common_outboxevent e, common_outboxposition p
            WHERE p.consumer = %s AND (e.xid, e.id) > (p.xid, p.event_id)
              AND e.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            ORDER BY e.xid, e.id LIMIT %s
            """,
            [consumer, BATCH],
        )
    )


def _batch_handle(turn: _Turn, events: list[Delivered]) -> int:
    """Handle events in order, together where the consumer takes batches; return how many."""
    size = len(events) if turn.consumer in _batch_handlers else 1
    done, saved_at = 0, time.monotonic()
    reached: Delivered | None = None
    for start in range(0, len(events), size):
        group = events[start : start + size]
        try:
            _handle_or_set_aside(turn.consumer, group)
        except Unavailable as error:
            log.warning("Consumer %s rests: %s", turn.consumer, error)
            if reached is None or _position_move(turn, reached):
                _rest(turn.consumer)
            turn.is_ended = True
            return done
        reached, done = group[-1], done + len(group)
        if turn.is_over:
            break
        if time.monotonic() - saved_at >= SAVE_EVERY_S:
            if not _position_move(turn, reached):
                return done
            reached, saved_at = None, time.monotonic()
    if reached is not None:
        _position_move(turn, reached)
    return done


def _handle_or_set_aside(consumer: str, group: list[Delivered]) -> None:
    try:
        _handle(consumer, group)
    except Unavailable:
        raise
    except Exception as error:  # one bad event must not hold up the others
        if len(group) > 1:
            log.warning("Consumer %s failed on a batch, which it now gets one by one: %s", consumer, error)
        else:
            log.exception("Consumer %s failed on event %s", consumer, group[0].id)
            _failure_record(consumer, group[0], error)
            return
    else:
        return
    for event in group:
        _handle_or_set_aside(consumer, [event])


def _position_move(turn: _Turn, reached: Delivered) -> bool:
    """Record what is done and renew the lease; false, and the turn is over, when another process has taken it."""
    is_ours = OutboxPosition.objects.filter(consumer=turn.consumer, lease=turn.lease).update(
        xid=reached.xid, event_id=reached.id, failures_in_a_row=0, retry_at=None, leased_until=Now() + LEASE
    )
    turn.is_ended = turn.is_ended or not is_ours
    return bool(is_ours)


def _rest(consumer: str) -> None:
    failures = OutboxPosition.objects.get(consumer=consumer).failures_in_a_row
    pause = timedelta(seconds=min(5 * 2 ** min(failures, 10), 55))
    OutboxPosition.objects.filter(consumer=consumer).update(
        failures_in_a_row=F("failures_in_a_row") + 1, retry_at=Now() + pause
    )


def subjects_in_flight(*, consumer: str, field: str, values: Collection[int]) -> set[int]:
    """Return which subjects (`payload[field]`) have events that a consumer has not passed, or failed on."""
    position = OutboxPosition.objects.filter(consumer=consumer).first()
    xid, event_id = (position.xid, position.event_id) if position else (0, 0)
    ahead = Q(xid__gt=xid) | Q(xid=xid, pk__gt=event_id)
    failing = Q(outboxfailure__consumer=consumer, outboxfailure__parked_at=None)
    events = OutboxEvent.objects.filter(ahead | failing, **{f"payload__{field}__in": list(values)})
    return set(events.values_list(f"payload__{field}", flat=True))


def _handle(consumer: str, events: list[Delivered]) -> None:
    for event in events:
        if handlers := _heard(_handlers, consumer, event.name):
            with _as_told(event):
                for handler in handlers:
                    handler(event)
    for wanted, handle in _batch_handlers.get(consumer, []):
        if heard := [event for event in events if wanted in (event.name, ANY)]:
            handle(heard)


def _heard(handlers: dict[str, list[tuple[str, Handler]]], consumer: str, name: str) -> list[Handler]:
    return [handler for wanted, handler in handlers.get(consumer, []) if wanted in (name, ANY)]


@contextmanager
def _as_told(event: Delivered) -> Iterator[None]:
    """Whatever a handler writes names the person, the door and the request that the event came from."""
    with context.scope(
        request_id=event.request_id, origin=event.origin, actor_id=event.actor_id, actor_email=event.actor_email
    ):
        yield


def _failure_record(consumer: str, event: Delivered, error: Exception) -> None:
    OutboxFailure.objects.update_or_create(
        consumer=consumer,
        event_id=event.id,
        defaults={"error": f"{type(error).__name__}: {error}"[:2000], "retry_at": _in(5)},
    )


def _failures_retry(consumer: str) -> int:
    done = 0
    for failure in (
        OutboxFailure.objects.filter(consumer=consumer, parked_at=None, retry_at__lte=Now())
        .select_related("event")
        .order_by("event__xid", "event_id")[:BATCH]
    ):
        try:
            _handle(consumer, [_delivered(failure.event)])
        except Unavailable:
            break
        except Exception as error:  # noqa: BLE001 - recorded below
            attempts = failure.attempts + 1
            OutboxFailure.objects.filter(pk=failure.pk).update(
                attempts=attempts,
                error=f"{type(error).__name__}: {error}"[:2000],
                retry_at=_in(5 * 2**attempts),
                parked_at=Now() if attempts >= PARK_AFTER else None,
            )
        else:
            failure.delete()
            done += 1
    return done


def _in(seconds: int) -> Any:
    return Now() + timedelta(seconds=seconds)


def _delivered(row: OutboxEvent) -> Delivered:
    return Delivered(
        id=row.pk,
        xid=row.xid,
        name=row.name,
        payload=row.payload,
        actor_id=row.actor_id,
        actor_email=row.actor_email,
        origin=row.origin,
        request_id=row.request_id,
        occurred_at=row.occurred_at,
    )
