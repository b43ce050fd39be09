"""What the queue sends, and what stands in it."""

import re
from typing import Any

from django.core import mail as django_mail

from notifications import services
from notifications.models import Notification
from tests.notifications.builders import NOW


def send() -> services.Outcome:
    """Send whatever is pending, into an empty outbox."""
    django_mail.outbox.clear()
    Notification.objects.filter(status="pending").update(due_at=NOW)
    return services.notifications_send_due(now=NOW, limit=50)


def mail_to(address: str) -> list[Any]:
    return [mail for mail in django_mail.outbox if mail.to == [address]]


def link_of(mail: Any) -> str:
    """Return the path that switches such mails off."""
    found = re.fullmatch(r"<http://testserver(/mails/off/\S+/)>", mail.extra_headers["List-Unsubscribe"])
    assert found, mail.extra_headers
    return found[1]
