"""Turns events of all packages into messages."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from django.utils import timezone

from common import outbox_consumers
from notifications import catalogue, services, tasks

CONSUMER = "notifications"
AT_ONCE = 1000  # messages enqueued together


def event_tell(event: outbox_consumers.Delivered) -> None:
    """Enqueue the messages that one event sets off, as `events_tell` does."""
    events_tell([event])


def events_tell(events: Sequence[outbox_consumers.Delivered]) -> None:
    """Enqueue the messages that events set off; those that are there already stay as they are."""
    wanted, asked_for = _drafts(events), 0
    # In portions: a batch may hold hundreds of new launches, and each is told to every VIP customer.
    while portion := list(islice(wanted, AT_ONCE)):
        asked_for += services.notifications_enqueue(drafts=portion, now=timezone.now())
    if asked_for:
        tasks.send_soon()


def _drafts(events: Sequence[outbox_consumers.Delivered]) -> Iterator[services.Draft]:
    for event in events:
        facts = {**event.payload, "event": event.name, "occurred_at": _text(event.occurred_at)}
        for rule in catalogue.rules_for(event=event.name, payload=event.payload):
            for receiver in rule.to(event):
                yield services.Draft(
                    template=rule.template,
                    receiver=receiver,
                    event_id=event.id,
                    request_id=event.request_id,
                    facts=facts,
                )


def register() -> None:
    """Hear every event, for many have a rule; called once, when Django is ready."""
    outbox_consumers.register_batch(consumer=CONSUMER, event=outbox_consumers.ANY, handler=events_tell)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
