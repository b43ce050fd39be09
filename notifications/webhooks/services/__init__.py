"""Writes of webhooks."""

from notifications.webhooks.services.deliveries import (
    WHICH,
    deliveries_replay,
    delivery_replay,
    delivery_skip,
    endpoint_retry_now,
    endpoint_test,
)
from notifications.webhooks.services.endpoints import (
    Made,
    endpoint_change,
    endpoint_create,
    endpoint_pause,
    endpoint_remove,
    endpoint_resume,
    endpoint_rotate_secret,
)
from notifications.webhooks.services.enqueue import events_enqueue
from notifications.webhooks.services.housekeeping import webhooks_keep_house
from notifications.webhooks.services.sending import Outcome, webhooks_send_due

__all__ = [
    "WHICH",
    "Made",
    "Outcome",
    "deliveries_replay",
    "delivery_replay",
    "delivery_skip",
    "endpoint_change",
    "endpoint_create",
    "endpoint_pause",
    "endpoint_remove",
    "endpoint_resume",
    "endpoint_retry_now",
    "endpoint_rotate_secret",
    "endpoint_test",
    "events_enqueue",
    "webhooks_keep_house",
    "webhooks_send_due",
]
