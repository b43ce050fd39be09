"""Reads of the queue, the inbox, the kept mails and the words of messages."""

from notifications.mail import Mail, MailAttachment, MailSummary, mail_list, mail_read, mails_are_files
from notifications.selectors.bounces import is_bounced
from notifications.selectors.inbox import inbox_get, inbox_list, inbox_page, inbox_unread_count
from notifications.selectors.papers import booking_confirmation
from notifications.selectors.preferences import LinkView, TopicChoice, is_opted_out, link_view, preferences_list
from notifications.selectors.queue import (
    Movable,
    QueueFigures,
    messages_about_booking,
    queue_counts,
    queue_get,
    queue_list,
    queue_movable_count,
    queue_movable_ids,
)
from notifications.selectors.wordings import (
    TemplateLine,
    WordingState,
    WordingView,
    languages,
    template_list,
    wording_preview,
    wording_unknown,
    wording_values,
    wording_view,
)

__all__ = [
    "LinkView",
    "Mail",
    "MailAttachment",
    "MailSummary",
    "Movable",
    "QueueFigures",
    "TemplateLine",
    "TopicChoice",
    "WordingState",
    "WordingView",
    "booking_confirmation",
    "inbox_get",
    "inbox_list",
    "inbox_page",
    "inbox_unread_count",
    "is_bounced",
    "is_opted_out",
    "languages",
    "link_view",
    "mail_list",
    "mail_read",
    "mails_are_files",
    "messages_about_booking",
    "preferences_list",
    "queue_counts",
    "queue_get",
    "queue_list",
    "queue_movable_count",
    "queue_movable_ids",
    "template_list",
    "wording_preview",
    "wording_unknown",
    "wording_values",
    "wording_view",
]
