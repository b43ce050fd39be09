"""Writes of the queue and the inbox."""

from notifications.services.enqueue import Draft, notifications_enqueue
from notifications.services.inbox import inbox_mark_read
from notifications.services.moves import notification_cancel, notification_mark_sent, notification_retry
from notifications.services.sending import Outcome, notifications_send_due

__all__ = [
    "Draft",
    "Outcome",
    "inbox_mark_read",
    "notification_cancel",
    "notification_mark_sent",
    "notification_retry",
    "notifications_enqueue",
    "notifications_send_due",
]
