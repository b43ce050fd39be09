"""Turns a queue row into a mail: text and HTML, with headers that tie all its attempts together."""

import re
from datetime import datetime
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, loader
from django.utils import translation

from accounts.enums import Language
from notifications import links
from notifications.contents import MAKERS, Letter, Reader

if TYPE_CHECKING:
    from notifications.models import Notification

SUBJECT_LENGTH = 200
# Line breaks and other control characters end a header; invisible marks of direction can turn a subject around.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
_DEFAULT_SUBJECT = "News from Astro Bookings"


def subject_and_link(*, template: str, facts: dict[str, Any], reader: Reader, now: datetime) -> tuple[str, str]:
    """
    Say what the queue and the inbox show of a message, before it is sent.

    Raises: NoLongerApplies and whatever the facts or templates refuse.
    """
    letter = MAKERS[template](facts, reader, now)
    return _subject(template, reader.language, _values(letter, reader)), letter.link


def message_build(*, row: "Notification", now: datetime) -> EmailMultiAlternatives:
    """
    Render a message as it is to be sent now.

    Date and Message-ID are those of the row: every attempt is the same mail to whoever receives it twice.

    Raises: NoLongerApplies when it would tell something that is not so any more.
    """
    reader = _reader(row)
    letter = MAKERS[row.template](row.facts, reader, now)
    values = _values(letter, reader)
    mail = EmailMultiAlternatives(
        subject=_subject(row.template, reader.language, values),
        body=_render(row.template, reader.language, "body.txt", values, autoescape=False),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[row.address],
        reply_to=[settings.SUPPORT_EMAIL],
        headers={
            "Message-ID": row.message_id,
            "Date": format_datetime(row.created_at),
            "Auto-Submitted": "auto-generated",
            "Content-Language": reader.language,
            "X-Request-ID": one_line(row.request_id),
        },
    )
    mail.attach_alternative(_render(row.template, reader.language, "body.html", values, autoescape=True), "text/html")
    return mail


def message_id_for(key: str) -> str:
    """Return the Message-ID of a message: a function of its digest, in our sender's domain."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "astrobookings.example"
    return f"<{key}@{domain}>"


def one_line(text: str) -> str:
    """Put a text on one line, fit for a header."""
    return re.sub(r"\s+", " ", _UNFIT.sub(" ", text)).strip()


def _values(letter: Letter, reader: Reader) -> dict[str, Any]:
    return {
        **letter.values,
        "language": reader.language,
        "reader_name": one_line(reader.name),
        "action_label": letter.action_label,
        "action_url": links.absolute(letter.action_path) if letter.action_path else "",
        "site_url": settings.SITE_URL,
        "support_email": settings.SUPPORT_EMAIL,
    }


def _reader(row: "Notification") -> Reader:
    receiver = row.receiver
    if receiver is None:
        return Reader()
    return Reader(
        user_id=receiver.pk,
        name=receiver.get_full_name(),
        time_zone=receiver.time_zone,
        language=receiver.language,
    )


def _subject(template: str, language: str, values: dict[str, Any]) -> str:
    said = one_line(_render(template, language, "subject.txt", values, autoescape=False)) or _DEFAULT_SUBJECT
    return said if len(said) <= SUBJECT_LENGTH else said[: SUBJECT_LENGTH - 1].rstrip() + "…"


def _render(template: str, language: str, part: str, values: dict[str, Any], *, autoescape: bool) -> str:
    # A message in English is better than none where a translation is missing.
    found: Any = loader.select_template(
        [f"notifications/mail/{code}/{template}/{part}" for code in (language, Language.ENGLISH)]
    )
    with translation.override(language):  # for the filters that speak: numbers, dates
        text = str(found.template.render(Context(values, autoescape=autoescape)))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
