"""Reads of the queue, the inbox, the kept mails and the words of messages."""

from notifications.mail import Mail, MailAttachment, MailSummary, mail_list, mail_read, mails_are_files
from notifications.selectors.inbox import inbox_get, inbox_list, inbox_unread_count
from notifications.selectors.queue import QueueFigures, messages_about_booking, queue_counts, queue_get, queue_list
from notifications.selectors.wordings import (
    TemplateLine,
    WordingState,
    WordingView,
    languages,
    template_list,
    wording_preview,
    wording_values,
    wording_view,
)

__all__ = [
    "Mail",
    "MailAttachment",
    "MailSummary",
    "QueueFigures",
    "TemplateLine",
    "WordingState",
    "WordingView",
    "inbox_get",
    "inbox_list",
    "inbox_unread_count",
    "languages",
    "mail_list",
    "mail_read",
    "mails_are_files",
    "messages_about_booking",
    "queue_counts",
    "queue_get",
    "queue_list",
    "template_list",
    "wording_preview",
    "wording_values",
    "wording_view",
]
