"""Events and messages for the tests of webhooks."""

from datetime import datetime, timedelta
from typing import Any

from common.outbox_consumers import Delivered
from notifications.webhooks import services
from notifications.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage
from notifications.webhooks.services.deliveries import message_make
from tests.notifications.builders import NOW, event

__all__ = ["NOW", "SOON", "delayed", "deliveries", "queue", "send"]
TEST_TYPE = "launch.delayed"
SOON = NOW + timedelta(minutes=1)  # the sender's clock runs on from NOW: what follows it is later


def delayed(launch: Any, *, id: int = 1, at: datetime = NOW) -> Delivered:  # noqa: A002 - the field's name
    """Tell that a launch leaves a month later."""
    return event(
        "launches.launch.delayed",
        id=id,
        at=at,
        launch_id=launch.pk,
        supplier_id=launch.supplier_id,
        version=2,
        announced_at=at.isoformat(),
        slip_days=31,
        old_departure_at="2028-03-14T14:30:00Z",
        old_departure_precision="minute",
        departure_at="2028-04-14T14:30:00Z",
        departure_precision="minute",
        reason="Weather",
    )


def queue(endpoint: WebhookEndpoint, count: int = 1, *, at: datetime = NOW) -> list[WebhookDelivery]:
    """Put messages into an endpoint's queue, in order, without an event."""
    rows = []
    for number in range(count):
        message = message_make(event_type=TEST_TYPE, occurred_at=at, data={"number": number}, event_id=None, now=at)
        message.save(force_insert=True)
        rows.append(WebhookDelivery.objects.create(endpoint=endpoint, message=message, created_at=at))
    return rows


def send(*, now: datetime = NOW, limit: int = 50) -> services.Outcome:
    return services.webhooks_send_due(now=now, limit=limit)


def deliveries(endpoint: WebhookEndpoint) -> list[WebhookDelivery]:
    return list(WebhookDelivery.objects.filter(endpoint=endpoint).order_by("pk"))


def messages() -> list[WebhookMessage]:
    return list(WebhookMessage.objects.order_by("created_at", "event_id"))
