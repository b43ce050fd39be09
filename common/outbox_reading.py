"""What the outbox still holds, read apart from delivery: for checks that compare a store with the events."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from common import outbox_consumers
from common.events import EventDropped
from common.models import OutboxEvent, OutboxFailure, OutboxPosition


def events_passed(*, consumer: str, size: int = 500) -> Iterator[list[outbox_consumers.Delivered]]:
    """Yield in batches, in order, the events that a consumer has handled; not what it has yet to see or was spared."""
    position = OutboxPosition.objects.filter(consumer=consumer).first()
    if position is None:
        return
    begun_at = _oldest_running()
    dropped = OutboxEvent.objects.filter(name=EventDropped.name, payload__consumer=consumer)
    spared = set(dropped.values_list("payload__event_id", flat=True))
    failed = OutboxFailure.objects.filter(consumer=consumer, event=OuterRef("pk"))
    until = Q(xid__lt=position.xid) | Q(xid=position.xid, pk__lte=position.event_id)
    events = OutboxEvent.objects.filter(until, ~Exists(failed)).order_by("xid", "pk")
    after = Q()
    while rows := list(events.filter(after)[:size]):
        # Looked for after the rows were read: what is dropped while this goes on had failed above, or is dropped here.
        spared |= set(dropped.filter(xid__gte=begun_at).values_list("payload__event_id", flat=True))
        yield [outbox_consumers.delivered(row) for row in rows if row.pk not in spared]
        after = _after(rows[-1].xid, rows[-1].pk)


def event_get(*, event_id: int) -> outbox_consumers.Delivered | None:
    """Return an event that is still kept, delivered or not."""
    row = OutboxEvent.objects.filter(pk=event_id).first()
    return outbox_consumers.delivered(row) if row else None


def _oldest_running() -> int:
    """Return the transaction id before which everything is decided."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        found: int = cursor.fetchone()[0]
    return found


def mark(*, consumer: str) -> int:
    """
    Return a mark before which everything is decided, and handled by a consumer; for `subjects_since` of a later time.

    It is a transaction id: order of numbers or instants is not the order of commits (Note [Sequence order ...]).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT least(
                pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
                coalesce((SELECT xid FROM common_outboxposition WHERE consumer = %(consumer)s), 0),
                (SELECT min(e.xid) FROM common_outboxfailure f JOIN common_outboxevent e ON e.id = f.event_id
                 WHERE f.consumer = %(consumer)s AND f.parked_at IS NULL)
            )
            """,
            {"consumer": consumer},
        )
        found: int = cursor.fetchone()[0]
    return found


def is_of_this_cluster(of_mark: int) -> bool:
    """Tell whether a mark can be of this database cluster: one from before a restored dump lies ahead of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s < pg_snapshot_xmax(pg_current_snapshot())::text::bigint", [of_mark])
        found: bool = cursor.fetchone()[0]
    return found


def subjects_since(*, mark: int, field: str, event: str = "", size: int = 500) -> Iterator[list[int]]:
    """
    Yield in batches the subjects (whole numbers in `payload[field]`) of events from a mark on; one may come again.

    Args:
        event: how the events' names begin.
    """
    rows = OutboxEvent.objects.filter(xid__gte=mark, name__startswith=event, payload__has_key=field)
    rows = rows.order_by("xid", "pk")
    after = Q()
    while found := list(rows.filter(after).values_list("xid", "pk", f"payload__{field}")[:size]):
        yield list({subject for _, _, subject in found if subject is not None})
        after = _after(*found[-1][:2])


def events_about(*, name: str, field: str, subject: int) -> list[outbox_consumers.Delivered]:
    """
    Return the events of a name about a subject (`payload[field]`) that are still kept, newest first.

    Reads all that is kept: for rare questions.
    """
    rows = OutboxEvent.objects.filter(name=name, **{f"payload__{field}": subject}).order_by("-xid", "-pk")
    return [outbox_consumers.delivered(row) for row in rows]


def _after(xid: int, pk: int) -> Q:
    # The first condition alone says where in the index to begin.
    return Q(xid__gte=xid) & (Q(xid__gt=xid) | Q(pk__gt=pk))
