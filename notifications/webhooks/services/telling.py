"""Events about endpoints: what all of them say."""

from typing import Any

from common import outbox
from notifications import events
from notifications.webhooks.models import WebhookEndpoint


def publish(kind: type[events.WebhookEvent], endpoint: WebhookEndpoint, *, actor_id: int | None, **facts: Any) -> None:
    """Publish an event about an endpoint in the open transaction."""
    event: Any = kind(
        webhook_id=str(endpoint.pk),
        supplier_id=endpoint.supplier_id,
        address=endpoint.address_shown,
        has_money_events=endpoint.has_money_events,
        **facts,
    )
    outbox.publish(event, actor_id=actor_id)
