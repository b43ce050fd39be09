"""What the outbox still holds, read apart from delivery: for checks that compare a store with the events."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q

from common import outbox
from common.events import EventDropped
from common.models import OutboxEvent, OutboxFailure, OutboxPosition


def events_passed(*, consumer: str, size: int = 500) -> Iterator[list[outbox.Delivered]]:
    """Yield in batches, in order, the events that a consumer has handled; not what it has yet to see or was spared."""
    position = OutboxPosition.objects.filter(consumer=consumer).first()
    if position is None:
        return
    dropped = OutboxEvent.objects.filter(name=EventDropped.name, payload__consumer=consumer)
    spared = set(dropped.values_list("payload__event_id", flat=True))
    failed = OutboxFailure.objects.filter(consumer=consumer, event=OuterRef("pk"))
    until = Q(xid__lt=position.xid) | Q(xid=position.xid, pk__lte=position.event_id)
    events = OutboxEvent.objects.filter(until, ~Exists(failed)).order_by("xid", "pk")
    after = Q()
    while rows := list(events.filter(after)[:size]):
        yield [outbox._delivered(row) for row in rows if row.pk not in spared]
        after = Q(xid__gt=rows[-1].xid) | Q(xid=rows[-1].xid, pk__gt=rows[-1].pk)
