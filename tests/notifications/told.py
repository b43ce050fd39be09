"""What a test sees of messages: events handled, mails sent, one of them found."""

from datetime import datetime

from django.core import mail as django_mail

from notifications import handlers, services
from notifications.models import Notification
from tests.notifications.builders import (
    NOW,
    rows,
)


def send_all(now: datetime = NOW):
    Notification.objects.update(due_at=now)
    services.notifications_send_due(now=now, limit=100)
    assert not Notification.objects.filter(status="pending").exclude(latest_error="").exists(), [
        row.latest_error for row in rows()
    ]
    return django_mail.outbox


def told(happened, template: str, now: datetime = NOW):
    """Handle an event, send, and return the one mail of a template."""
    handlers.event_tell(happened)
    send_all(now)
    (row,) = rows().filter(template=template)
    assert row.status == "sent"
    (found,) = [one for one in django_mail.outbox if one.extra_headers["Message-ID"] == row.message_id]
    return found


def html_of(found) -> str:
    return next(content for content, kind in found.alternatives if kind == "text/html")


def receivers() -> list[tuple[str, str]]:
    return sorted(rows().values_list("template", "address"))


def end_of(happened, template: str, *, now: datetime = NOW) -> tuple[str, str]:
    handlers.event_tell(happened)
    Notification.objects.update(due_at=now)
    services.notifications_send_due(now=now, limit=100)
    (row,) = rows().filter(template=template)
    assert not [one for one in django_mail.outbox if one.extra_headers["Message-ID"] == row.message_id]
    return row.status, row.latest_error
