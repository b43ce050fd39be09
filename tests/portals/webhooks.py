"""An endpoint with a delivery, for the tests of pages; nothing is sent, no secret is kept."""

import uuid
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notifications.webhooks.services.deliveries import message_make


def make_endpoint(supplier: Any = None, **fields: Any) -> WebhookEndpoint:
    """Make one of a supplier, or of the platform."""
    now = timezone.now()
    values = {
        "url": "https://example.com/hooks?token=of-the-receiver",
        "description": "Our board",
        "event_types": ["launch.delayed", "booking.confirmed"],
        "secret_id": uuid.uuid4(),
        "due_at": now,
        "created_at": now,
    }
    return WebhookEndpoint.objects.create(supplier=supplier, **values | fields)


def make_delivery(endpoint: WebhookEndpoint, at: datetime | None = None, **fields: Any) -> WebhookDelivery:
    """Make one that waits after a failed attempt."""
    at = at or timezone.now()
    message = message_make(
        event_type="launch.delayed", occurred_at=at, data={"reason": "<b>Weather</b>"}, event_id=None, now=at
    )
    message.save(force_insert=True)
    values = {"attempts": 1, "latest_error": "The receiver answered 500.", "created_at": at, **fields}
    delivery = WebhookDelivery.objects.create(endpoint=endpoint, message=message, **values)
    WebhookAttempt.objects.create(
        delivery=delivery, started_at=at, finished_at=at, duration_ms=12, status_code=500, answer="<i>Oops</i>",
        error="The receiver answered 500.",
    )  # fmt: skip
    return delivery


def webhook_address(portal: str, name: str, supplier: Any) -> str:
    """Return the address of a page of the supplier's (or platform's) one endpoint and its delivery."""
    endpoint = WebhookEndpoint.objects.filter(supplier=supplier).first() or make_endpoint(supplier)
    delivery = endpoint.deliveries.first() or make_delivery(endpoint)
    arguments: list[Any] = [endpoint.pk]
    if "delivery" in name:
        arguments.append(delivery.pk)
    if name.endswith("act"):
        arguments.append("skip" if "delivery" in name else "test")
    return reverse(f"{portal}:{name}", args=arguments)
