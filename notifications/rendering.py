"""Turns a queue row into a mail: text and HTML, with headers that tie all its attempts together."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.utils import translation

from notifications import links, sandbox, topics, wordings
from notifications.contents import MAKERS, Letter, Reader

if TYPE_CHECKING:
    from notifications.models import Notification

log = logging.getLogger(__name__)

SUBJECT_LENGTH = 200
METADATA = "notification"
# Line breaks and other control characters end a header; invisible marks of direction can turn a subject around.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
_DEFAULT_SUBJECT = "Astro Bookings"


@dataclass(frozen=True, kw_only=True)
class Said:
    """A message's three parts as its receiver reads them."""

    subject: str
    text: str
    html: str


OnBroken = Callable[[int, str], None]


def subject_and_link(*, template: str, facts: dict[str, Any], reader: Reader, now: datetime) -> tuple[str, str]:
    """
    Say what the queue and the inbox show of a message, before it is sent.

    Raises: NoLongerApplies and whatever the facts or templates refuse.
    """
    letter = MAKERS[template](facts, reader, now)
    return _subject_said(template=template, reader=reader, values=letter_values(letter, reader)), letter.link


def message_build(*, row: "Notification", now: datetime, on_broken: OnBroken | None = None) -> EmailMultiAlternatives:
    """
    Render a message as it is to be sent now.

    Date and Message-ID are those of the row: every attempt is the same mail to whoever receives it twice.

    Args:
        on_broken: told the id of the version and the error, when words that IT wrote fail; the shipped ones are used.
    Raises: NoLongerApplies when it would tell something that is not so any more.
    """
    reader = reader_of(row)
    letter = MAKERS[row.template](row.facts, reader, now)
    foot = foot_values(row, reader)
    papers, missing = _papers_made(letter, row)
    values = letter_values(letter, reader) | foot | {"missing_papers": ", ".join(missing)}
    words = said(template=row.template, reader=reader, values=values, on_broken=on_broken)
    headers = {
        "Message-ID": row.message_id,
        "Date": format_datetime(row.created_at),
        "Auto-Submitted": "auto-generated",
        "Content-Language": reader.language,
        "X-Request-ID": one_line(row.request_id),
    }
    if foot["unsubscribe_url"]:  # RFC 2369 and, for one click, RFC 8058
        headers["List-Unsubscribe"] = f"<{foot['unsubscribe_url']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = mail_of(words, to=row.address, headers=headers)
    for name, content in papers:
        mail.attach(name, content, "application/pdf")
    # Providers give it back when they tell of a bounce (django-anymail); other backends do not look at it.
    mail.metadata = {METADATA: str(row.pk)}  # type: ignore[attr-defined]
    return mail


def _papers_made(letter: Letter, row: "Notification") -> tuple[list[tuple[str, bytes]], list[str]]:
    """Print the documents of a message; one that cannot be printed is named in the mail instead, and in the log."""
    made: list[tuple[str, bytes]] = []
    missing: list[str] = []
    room = settings.MAIL_ATTACHMENTS_MAX_BYTES
    for paper in letter.papers:
        try:
            content = paper.make()
        except Exception:  # whatever is wrong with a document, the message about it goes out
            log.exception("Message %s (%s) goes without %s, which cannot be made", row.pk, row.template, paper.name)
            missing.append(paper.name)
            continue
        if len(content) > room:
            log.error("Message %s (%s) goes without %s: it is too large", row.pk, row.template, paper.name)
            missing.append(paper.name)
            continue
        room -= len(content)
        made.append((paper.name, content))
    return made, missing


def mail_of(words: Said, *, to: str, headers: dict[str, str]) -> EmailMultiAlternatives:
    """Put the parts into a mail from us."""
    mail = EmailMultiAlternatives(
        subject=words.subject,
        body=words.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[to],
        reply_to=[settings.SUPPORT_EMAIL],
        headers=headers,
    )
    mail.attach_alternative(words.html, "text/html")
    return mail


def reader_of(row: "Notification") -> Reader:
    """Return who reads a message, as far as the words depend on it."""
    if row.receiver is None:
        return Reader()
    receiver = row.receiver
    return Reader(
        user_id=receiver.pk,
        # Until an address is confirmed, a stranger may have typed the name, to have us say it to somebody else.
        name=receiver.get_full_name() if receiver.is_confirmed else "",
        time_zone=receiver.time_zone,
        language=receiver.language,
    )


def foot_values(row: "Notification", reader: Reader) -> dict[str, str]:
    """Return what the foot of a mail says about switching such mails off; who has no account has no page to choose."""
    topic = topics.optional_topic(row.template)
    path = links.unsubscribe(user_id=row.receiver_id, address=row.address, topic=topic.code) if topic else ""
    return {
        "topic": topic.words(reader.language).said if topic else "",
        "unsubscribe_url": links.absolute(path) if path else "",
        "preferences_url": links.absolute(links.preferences(row.receiver.kind)) if row.receiver else "",
    }


def letter_values(letter: Letter, reader: Reader) -> dict[str, Any]:
    """Return everything a template may say."""
    return {
        **letter.values,
        "language": reader.language,
        "reader_name": one_line(reader.name),
        "action_label": letter.action_label,
        "action_url": links.absolute(letter.action_path) if letter.action_path else "",
        "site_url": settings.SITE_URL,
        "support_email": settings.SUPPORT_EMAIL,
        "missing_papers": "",
    }


def said(*, template: str, reader: Reader, values: dict[str, Any], on_broken: OnBroken | None = None) -> Said:
    """Render a message in the words that are in use; the shipped ones where those of IT fail."""
    words = wordings.published(template=template, language=reader.language)
    if words is not None:
        try:
            return said_in(words, values)
        except sandbox.Broken as error:
            log.warning("Version %s of the words of %s is broken: %s", words.version_id, template, error)
            if on_broken and words.version_id:
                on_broken(words.version_id, str(error))
    return said_as_shipped(template=template, language=reader.language, values=values)


def said_in(words: wordings.Words, values: Mapping[str, Any]) -> Said:
    """Render words that IT wrote. Raises: sandbox.Broken."""
    # No language to speak: the filters of the sandbox say no numbers and no dates.
    parts = {part: sandbox.render(part=part, source=words.source(part), values=values) for part in sandbox.PARTS}
    return Said(subject=subject_fit(parts["subject"]), text=_tidy(parts["text"]), html=_tidy(parts["html"]))


def said_as_shipped(*, template: str, language: str, values: dict[str, Any]) -> Said:
    """Render the words that are shipped with the package."""

    parts = {part: _shipped_part(template, part, language, values) for part in sandbox.PARTS}
    return Said(subject=subject_fit(parts["subject"]), text=_tidy(parts["text"]), html=_tidy(parts["html"]))


def message_id_for(key: str) -> str:
    """Return the Message-ID of a message: a function of its digest, in our sender's domain."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "astrobookings.example"
    return f"<{key}@{domain}>"


def one_line(text: str) -> str:
    """Put a text on one line, fit for a header."""
    return re.sub(r"\s+", " ", _UNFIT.sub(" ", text)).strip()


def subject_fit(text: str) -> str:
    """Put a subject on one line of a fit length."""
    line = one_line(text) or _DEFAULT_SUBJECT
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"


def _subject_said(*, template: str, reader: Reader, values: dict[str, Any]) -> str:
    words = wordings.published(template=template, language=reader.language)
    if words is not None:
        try:
            return subject_fit(sandbox.render(part="subject", source=words.subject, values=values))
        except sandbox.Broken as error:  # IT is told when the message is sent
            log.warning("The subject of %s is broken: %s", template, error)
    return subject_fit(_shipped_part(template, "subject", reader.language, values))


def _shipped_part(template: str, part: str, language: str, values: dict[str, Any]) -> str:
    found = wordings.shipped_template(template, part, language)
    with translation.override(language):  # for the filters that speak: numbers, dates
        return str(found.render(Context(values, autoescape=part == "html")))


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
