"""
The transactional outbox, delivered: each consumer gets every event, in commit order, with a position of its own.

# Note [Sequence order is not commit order]
A transaction that drew an early id may commit late. Readers therefore go by (transaction id, id) and stop before the
oldest transaction still running (`pg_snapshot_xmin`): whatever lies before it is decided, so nothing can appear behind
the reader's back. The price: a long writing transaction delays delivery, so ours are short. See docs/adr/0002.

Delivery is at least once. A consumer's position moves only after its handlers returned; handlers are idempotent, and
bear an event that was set aside coming after later ones (docs/events.md).
"""

import logging
import time
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from common import context, events, outbox, outbox_consumers, outbox_lease
from common.errors import said
from common.models import OutboxEvent, OutboxFailure, OutboxPosition
from common.outbox_consumers import Delivered, Unavailable, delivered

log = logging.getLogger(__name__)

BATCH = 500
SAVE_EVERY_S = 5  # between two calls of a handler: what is done is recorded that often
TURN_S = 5.0  # one consumer's turn while others wait for theirs
PARK_AFTER = 8  # attempts, with pauses of 5 s * 2^n: about ten minutes


def deliver_all() -> int:
    """
    Deliver what is due, to each consumer for a few seconds at the most, so that a slow one does not keep the others
    waiting; return how many events were handled, 0 when nothing is left.
    """
    return sum(deliver(consumer=consumer, for_s=TURN_S) for consumer in outbox_consumers.consumers())


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
        with outbox_lease.kept(consumer=consumer, lease=turn.lease):
            handled += _failures_retry(turn)
            while batch := _batch_read(consumer):
                handled += _batch_handle(turn, [delivered(row) for row in batch])
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
            [outbox_consumers.consumers()],
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
    return row.update(lease=turn.lease, leased_until=Now() + outbox_lease.LEASE) == 1


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
    done, saved_at = 0, time.monotonic()
    reached: Delivered | None = None
    try:
        for piece in _handled(turn.consumer, events):
            reached, done = piece[-1], done + len(piece)
            if turn.is_over:
                break
            if time.monotonic() - saved_at >= SAVE_EVERY_S:
                if not _position_move(turn, reached):
                    return done
                reached, saved_at = None, time.monotonic()
    except Unavailable as error:
        log.warning("Consumer %s rests: %s", turn.consumer, error)
        if reached is None or _position_move(turn, reached):
            _rest(turn.consumer)
        turn.is_ended = True
        return done
    if reached is not None:
        _position_move(turn, reached)
    return done


def _handled(consumer: str, events: list[Delivered]) -> Iterator[list[Delivered]]:
    """Handle events, or set them aside; yield them as they are done. Raises: Unavailable."""
    size = len(events) if outbox_consumers.takes_batches(consumer) else 1
    for start in range(0, len(events), size):
        group = events[start : start + size]
        if len(group) == 1 or not _is_handled_together(consumer, group):
            for event in group:
                _handle_or_set_aside(consumer, event)
                yield [event]
        else:
            yield group


def _is_handled_together(consumer: str, group: list[Delivered]) -> bool:
    try:
        outbox_consumers.handle(consumer, group)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - which of them it was shows one by one
        log.warning("Consumer %s failed on a batch, which it now gets one by one: %s", consumer, error)
        return False
    return True


def _handle_or_set_aside(consumer: str, event: Delivered) -> None:
    try:
        outbox_consumers.handle(consumer, [event])
    except Unavailable:
        raise
    except Exception as error:  # one bad event must not hold up the others
        log.exception("Consumer %s failed on event %s", consumer, event.id)
        _failure_record(consumer, event, error)


def _position_move(turn: _Turn, reached: Delivered) -> bool:
    """Record what is done and renew the lease; false, and the turn is over, when another process has taken it."""
    is_ours = OutboxPosition.objects.filter(consumer=turn.consumer, lease=turn.lease).update(
        xid=reached.xid,
        event_id=reached.id,
        failures_in_a_row=0,
        retry_at=None,
        leased_until=Now() + outbox_lease.LEASE,
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
    # The position first: what fails after it was read lies ahead of it. Asked for apart, for together the two would be
    # looked for among all events that are kept.
    position = OutboxPosition.objects.filter(consumer=consumer).first()
    xid, event_id = (position.xid, position.event_id) if position else (0, 0)
    failing = list(OutboxFailure.objects.filter(consumer=consumer, parked_at=None).values_list("event_id", flat=True))
    found: set[int] = set()
    for which in (Q(pk__in=failing), Q(xid__gte=xid) & (Q(xid__gt=xid) | Q(pk__gt=event_id))):
        about = OutboxEvent.objects.filter(which, **{f"payload__{field}__in": list(values)})
        found |= set(about.values_list(f"payload__{field}", flat=True))
    return found


def _failure_record(consumer: str, event: Delivered, error: Exception) -> None:
    OutboxFailure.objects.update_or_create(
        consumer=consumer,
        event_id=event.id,
        defaults={"error": said(error), "retry_at": _in(5)},
    )


def _failures_retry(turn: _Turn) -> int:
    done = 0
    for failure in (
        OutboxFailure.objects.filter(consumer=turn.consumer, parked_at=None, retry_at__lte=Now())
        .select_related("event")
        .order_by("event__xid", "event_id")[:BATCH]
    ):
        try:
            outbox_consumers.handle(turn.consumer, [delivered(failure.event)])
        except Unavailable:
            break
        except Exception as error:  # noqa: BLE001 - recorded there
            _failure_again(failure, error)
        else:
            failure.delete()
            done += 1
        if turn.is_over:  # the others are due no later than the next turn
            break
    return done


def _failure_again(failure: OutboxFailure, error: Exception) -> None:
    """
    Put the next try off, or park the event and tell IT.

    # Note [Parked events are told once]
    Of a consumer's parked events the first is told, and none before all are cleared. So a consumer that fails on
    everything fills no mailbox, and one that fails on the very event that tells of it parks that one silently: it takes
    a person who clears the first for another to be told.
    """
    attempts = failure.attempts + 1
    now = {"attempts": attempts, "error": said(error), "retry_at": _in(5 * 2**attempts)}
    mine = OutboxFailure.objects.filter(pk=failure.pk)
    if attempts < PARK_AFTER:
        mine.update(**now)
        return
    log.error("Consumer %s gave up on event %s: %s", failure.consumer, failure.event_id, said(error))
    with transaction.atomic(), context.scope(request_id=failure.event.request_id):
        OutboxPosition.objects.select_for_update().get(
            consumer=failure.consumer
        )  # after a lapsed lease two may be here
        if not OutboxFailure.objects.filter(consumer=failure.consumer, parked_at__isnull=False).exists():
            outbox.publish(
                events.EventParked(
                    event_id=failure.event_id,
                    event_name=failure.event.name,
                    consumer=failure.consumer,
                    error=said(error)[:500],
                )
            )
        mine.update(**now, parked_at=Now())


def _in(seconds: int) -> Any:
    return Now() + timedelta(seconds=seconds)
