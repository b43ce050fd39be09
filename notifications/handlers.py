"""Turns events of all packages into messages."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils import timezone

from common import outbox_consumers
from notifications import catalogue, services, tasks

CONSUMER = "notifications"


def event_tell(event: outbox_consumers.Delivered) -> None:
    """Enqueue the messages that one event sets off, as `events_tell` does."""
    events_tell([event])


def events_tell(events: Sequence[outbox_consumers.Delivered]) -> None:
    """Enqueue the messages that events set off; those that are there already stay as they are."""
    wanted = [
        services.Draft(
            template=rule.template,
            receiver=receiver,
            event_id=event.id,
            request_id=event.request_id,
            facts={**event.payload, "event": event.name, "occurred_at": _text(event.occurred_at)},
        )
        for event in events
        for rule in catalogue.rules_for(event=event.name, payload=event.payload)
        for receiver in rule.to(event)
    ]
    if wanted and services.notifications_enqueue(drafts=wanted, now=timezone.now()):
        tasks.send_soon()


def register() -> None:
    """Hear every event, for many have a rule; called once, when Django is ready."""
    outbox_consumers.register_batch(consumer=CONSUMER, event=outbox_consumers.ANY, handler=events_tell)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
