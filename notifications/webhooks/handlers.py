"""Turns published events into deliveries."""

from django.utils import timezone

from common import outbox_consumers
from notifications.webhooks import event_types, services, tasks

CONSUMER = "webhooks"


def events_deliver(events: list[outbox_consumers.Delivered]) -> None:
    """Make the deliveries that events ask for; those that are there already stay as they are."""
    published = [event for event in events if event_types.is_published(event.name)]
    if published and services.events_enqueue(events=published, now=timezone.now()):
        tasks.send_soon()


def register() -> None:
    """Hear every event, by one handler: one for each name would get a batch name by name, and not in its order."""
    outbox_consumers.register_batch(consumer=CONSUMER, event=outbox_consumers.ANY, handler=events_deliver)
