"""From our events to one message each and a delivery for each endpoint that wants it; twice is once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from common import outbox_consumers
from notifications.webhooks import event_types
from notifications.webhooks.enums import EndpointStatus
from notifications.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage
from notifications.webhooks.services.deliveries import message_make


def events_enqueue(*, events: Sequence[outbox_consumers.Delivered], now: datetime) -> int:
    """
    Make the deliveries that events ask for, in their order; return how many.

    A supplier's endpoints hear of what carries its own id, and of nothing else; the platform's of everything. Each
    hears of what happened since it was made. While it is paused, what happens waits for it.
    """
    endpoints = _listening(events)
    made = 0
    for event in events:
        wanting = [endpoint for endpoint in endpoints if _wants(endpoint, event)]
        if wanting:
            _enqueue(event, wanting, now)
            made += len(wanting)
    return made


def _listening(events: Sequence[outbox_consumers.Delivered]) -> list[WebhookEndpoint]:
    """Read the endpoints that any of the events may concern, in one query."""
    suppliers = {event.payload["supplier_id"] for event in events}
    names = sorted({event_types.of_source(event.name).name for event in events})
    rows = WebhookEndpoint.objects.exclude(status=EndpointStatus.REMOVED)
    rows = rows.filter(Q(supplier=None) | Q(supplier_id__in=suppliers), event_types__overlap=names)
    return list(rows.order_by("created_at", "id"))


def _wants(endpoint: WebhookEndpoint, event: outbox_consumers.Delivered) -> bool:
    return (
        (endpoint.supplier_id is None or endpoint.supplier_id == event.payload["supplier_id"])
        and event_types.of_source(event.name).name in endpoint.event_types
        and endpoint.created_at <= event.occurred_at
    )


def _enqueue(event: outbox_consumers.Delivered, wanting: Sequence[WebhookEndpoint], now: datetime) -> None:
    published = event_types.of_source(event.name)
    message = message_make(
        event_type=published.name,
        occurred_at=event.occurred_at,
        data=published.data(event.payload),
        event_id=event.id,
        now=now,
    )
    with transaction.atomic():
        # Who made it first decides its id and its body.
        WebhookMessage.objects.bulk_create([message], ignore_conflicts=True)
        kept = WebhookMessage.objects.get(event_id=event.id)
        WebhookDelivery.objects.bulk_create(
            [WebhookDelivery(endpoint=endpoint, message=kept, created_at=now) for endpoint in wanting],
            ignore_conflicts=True,
        )
