"""Reads of the queue, the inbox and the kept mails."""

from notifications.mail import Mail, MailAttachment, MailSummary, mail_list, mail_read, mails_are_files
from notifications.selectors.inbox import inbox_get, inbox_list, inbox_unread_count
from notifications.selectors.queue import QueueFigures, messages_about_booking, queue_counts, queue_get, queue_list

__all__ = [
    "Mail",
    "MailAttachment",
    "MailSummary",
    "QueueFigures",
    "inbox_get",
    "inbox_list",
    "inbox_unread_count",
    "mail_list",
    "mail_read",
    "mails_are_files",
    "messages_about_booking",
    "queue_counts",
    "queue_get",
    "queue_list",
]
