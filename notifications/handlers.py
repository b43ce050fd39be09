"""Turns events of all packages into messages."""

from datetime import UTC, datetime

from django.utils import timezone

from common import outbox
from notifications import catalogue, services, tasks

CONSUMER = "notifications"


def event_tell(event: outbox.Delivered) -> None:
    """Enqueue the messages an event sets off; those that are there already stay as they are."""
    wanted = [
        services.Draft(
            template=rule.template,
            receiver=receiver,
            event_id=event.id,
            request_id=event.request_id,
            facts={**event.payload, "event": event.name, "occurred_at": _text(event.occurred_at)},
        )
        for rule in catalogue.rules_for(event=event.name, payload=event.payload)
        for receiver in rule.to(event)
    ]
    if services.notifications_enqueue(drafts=wanted, now=timezone.now()):
        tasks.send_soon()


def register() -> None:
    """Hear every event that has a rule; called once, when Django is ready."""
    for name in sorted({rule.event for rule in catalogue.RULES}):
        outbox.register(consumer=CONSUMER, event=name, handler=event_tell)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
