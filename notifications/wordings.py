"""Where a message's words come from: the version IT published, else what is shipped with the package."""

from dataclasses import dataclass
from typing import Any

from django.template import loader

from accounts.enums import Language
from notifications.models import MessageWording

FILES = {"subject": "subject.txt", "text": "body.txt", "html": "body.html"}


@dataclass(frozen=True, kw_only=True)
class Words:
    """The sources of a message's three parts; `version_id` is the version's they come from, none for shipped ones."""

    subject: str
    text: str
    html: str
    version_id: int | None = None

    def source(self, part: str) -> str:
        """Return the source of a part."""
        return str(getattr(self, part))


def published_version(*, template: str, language: str) -> MessageWording | None:
    """Return the version in use, unless that is the shipped one."""
    row = (
        MessageWording.objects.filter(template=template, language=language, published_at__isnull=False)
        .order_by("-number")
        .first()
    )
    return None if row is None or row.is_shipped else row


def published(*, template: str, language: str) -> Words | None:
    """Return the words IT published; none while the shipped ones are in use."""
    row = published_version(template=template, language=language)
    return None if row is None else words_of(row)


def words_of(row: MessageWording) -> Words:
    """Return the words of a version."""
    return Words(subject=row.subject, text=row.text, html=row.html, version_id=row.pk)


def shipped(*, template: str, language: str) -> Words:
    """Return the words that are shipped: in the language, else in English."""
    subject, text, html = (shipped_source(template, part, language) for part in FILES)
    return Words(subject=subject, text=text, html=html)


def shipped_source(template: str, part: str, language: str) -> str:
    """Return the source of a shipped part."""
    return str(shipped_template(template, part, language).source)


def shipped_template(template: str, part: str, language: str) -> Any:
    """Return the compiled template of a shipped part: in the language, else in English."""
    # A message in English is better than none where a translation is missing.
    names = [f"notifications/mail/{code}/{template}/{FILES[part]}" for code in (language, Language.ENGLISH)]
    found: Any = loader.select_template(names)
    return found.template
