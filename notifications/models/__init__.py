"""Tables of what we tell people, and their machines."""

from notifications.models.bounces import BouncedAddress
from notifications.models.preferences import MailOptOut
from notifications.models.queue import Notification
from notifications.models.slots import MailSlot
from notifications.models.wording import MessageWording
from notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookMessage

__all__ = [
    "BouncedAddress",
    "MailOptOut",
    "MailSlot",
    "MessageWording",
    "Notification",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookMessage",
]
