"""Writes of the queue, the inbox and the words of messages."""

from notifications.services.bounces import address_clear, bounce_record
from notifications.services.bulk import BulkOutcome, notifications_move
from notifications.services.enqueue import Draft, notifications_enqueue
from notifications.services.inbox import inbox_mark_read
from notifications.services.moves import notification_cancel, notification_mark_sent, notification_retry
from notifications.services.preferences import preferences_change, topic_switch_by_link
from notifications.services.sending import Outcome, notifications_send_due
from notifications.services.trials import wording_test_send
from notifications.services.wordings import (
    wording_draft_discard,
    wording_draft_save,
    wording_mark_broken,
    wording_publish,
    wording_reset,
)

__all__ = [
    "BulkOutcome",
    "Draft",
    "Outcome",
    "address_clear",
    "bounce_record",
    "inbox_mark_read",
    "notification_cancel",
    "notification_mark_sent",
    "notification_retry",
    "notifications_enqueue",
    "notifications_move",
    "notifications_send_due",
    "preferences_change",
    "topic_switch_by_link",
    "wording_draft_discard",
    "wording_draft_save",
    "wording_mark_broken",
    "wording_publish",
    "wording_reset",
    "wording_test_send",
]
