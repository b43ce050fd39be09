"""Reads of the words of messages, for IT."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from accounts.enums import Language
from common.postgres import statements
from notifications import access, errors, previews, sandbox, wordings
from notifications.contents import MAKERS
from notifications.contents.operations import said_template
from notifications.models import MessageWording
from notifications.previews import Preview
from notifications.wordings import Words

if TYPE_CHECKING:
    from accounts.models import User

HISTORY = 50
DRAFT, IN_USE, SHIPPED = "draft", "in-use", "shipped"
_PRINTED = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)")
# Names that words make themselves, by a loop or a `with`.
_OWN_NAMES = re.compile(r"\{%\s*(?:for\s+([\w\s,]+?)\s+in\b|with\s+(\w+)\s*=|with\s+\S+\s+as\s+(\w+))")


@dataclass(frozen=True, kw_only=True)
class WordingState:
    """Which words a template has in one language."""

    language: str
    number: int | None
    is_broken: bool
    has_draft: bool

    @property
    def language_name(self) -> str:
        """The language in English."""
        return str(Language(self.language).label)


@dataclass(frozen=True, kw_only=True)
class TemplateLine:
    """A line of the list of templates; `latest_at` is when one was last told to somebody."""

    template: str
    name: str
    latest_at: datetime | None
    states: tuple[WordingState, ...]


@dataclass(frozen=True, kw_only=True)
class WordingView:
    """Everything about a template's words in one language."""

    template: str
    name: str
    language: str
    draft: MessageWording | None
    published: MessageWording | None
    history: list[MessageWording]
    shipped: Words

    @property
    def words(self) -> Words:
        """What an editor begins with: the draft, else the words in use."""
        row = self.draft or self.published
        return wordings.words_of(row) if row else self.shipped

    def choices(self) -> list[str]:
        """Return which words there are to look at, the newest first."""
        return [code for code, row in ((DRAFT, self.draft), (IN_USE, self.published)) if row] + [SHIPPED]

    def words_shown(self, which: str) -> Words | None:
        """Return the words of a choice; none for the shipped ones. Raises: WordingNotFound for no choice."""
        if which == SHIPPED:
            return None
        row = {DRAFT: self.draft, IN_USE: self.published}.get(which)
        if row is None:
            raise errors.WordingNotFound
        return wordings.words_of(row)


def languages() -> list[tuple[str, str]]:
    """Return code and name of the languages that messages are written in."""
    return [(str(code), str(label)) for code, label in Language.choices]


def template_list(*, actor: "User") -> list[TemplateLine]:
    """
    List all templates by name, with what became of their words. Two queries.

    Raises: QueueForbidden for everybody but IT and admins.
    """
    access.queue_staff_require(actor)
    rows: dict[tuple[str, str], list[MessageWording]] = {}
    for row in MessageWording.objects.filter(Q(pk__in=_newest()) | Q(published_at=None)).order_by("pk"):
        rows.setdefault((row.template, row.language), []).append(row)
    used = _latest_uses()
    return [
        TemplateLine(
            template=template,
            name=said_template(template),
            latest_at=used.get(template),
            states=tuple(_state(code, rows.get((template, code), [])) for code in Language.values),
        )
        for template in sorted(MAKERS)
    ]


def wording_view(*, actor: "User", template: str, language: str) -> WordingView:
    """
    Return a template's words in one language, with their history, the latest first.

    Raises: QueueForbidden, WordingNotFound.
    """
    access.queue_staff_require(actor)
    previews.known_require(template=template, language=language)
    found = MessageWording.objects.filter(template=template, language=language).select_related("editor")
    rows = list(found.order_by(F("number").desc(nulls_first=True), "-pk")[:HISTORY])
    history = [row for row in rows if row.number]
    return WordingView(
        template=template,
        name=said_template(template),
        language=language,
        draft=next((row for row in rows if not row.number), None),
        published=None if not history or history[0].is_shipped else history[0],
        history=history,
        shipped=wordings.shipped(template=template, language=language),
    )


def wording_preview(*, view: WordingView, which: str, now: datetime) -> Preview | str:
    """
    Show words on real data, or say why they cannot be shown.

    Raises: WordingNotFound for words there are not.
    """
    words = view.words_shown(which)
    try:
        return previews.preview(template=view.template, language=view.language, words=words, now=now)
    except sandbox.Broken as error:
        return str(error)


def wording_values(*, view: WordingView, now: datetime) -> list[tuple[str, str]]:
    """List the names that the words may use, with what they are in the latest real message."""
    values = previews.values_shown(template=view.template, language=view.language, now=now)
    return sorted(_flat(sandbox.plain(values), ""))


def wording_unknown(*, view: WordingView, which: str, values: list[tuple[str, str]]) -> list[str]:
    """
    List the names in the words that the message of `wording_values` knows nothing of: nothing is printed for them.

    A value may be missing in this one message only, so such words can be published all the same.
    """
    words = view.words_shown(which)
    if words is None or not values:
        return []
    source = "\n".join((words.subject, words.text, words.html))
    own = {name for found in _OWN_NAMES.findall(source) for name in re.findall(r"\w+", " ".join(found))} | {"forloop"}
    known = {name for name, _ in values}
    used = dict.fromkeys(_PRINTED.findall(source))
    return [
        name
        for name in used
        if name.split(".")[0] not in own and name not in known and not any(one.startswith(f"{name}.") for one in known)
    ]


def _flat(values: Mapping[str, Any], before: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in values.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            found += _flat(value, f"{name}.")
        elif isinstance(value, tuple):
            first = value[0] if value else ""
            inner = "with " + ", ".join(first) if isinstance(first, Mapping) else str(first)
            found.append((name, f"a list of {len(value)}: {inner}" if value else "an empty list"))
        else:
            found.append((name, str(value)))
    return found


def _state(language: str, rows: list[MessageWording]) -> WordingState:
    published = next((row for row in rows if row.number and not row.is_shipped), None)
    return WordingState(
        language=language,
        number=published.number if published else None,
        is_broken=bool(published and published.broken_at),
        has_draft=any(row.number is None for row in rows),
    )


def _newest() -> Any:
    """The id of the newest published version of each template and language."""
    versions = MessageWording.objects.filter(published_at__isnull=False)
    return versions.order_by("template", "language", "-number").distinct("template", "language").values("pk")


def _latest_uses() -> dict[str, datetime]:
    # One look into an index for each template, however many messages there are.
    found = statements.rows(
        "SELECT wanted.template, latest.created_at FROM unnest(%s::text[]) AS wanted(template) CROSS JOIN LATERAL "
        "(SELECT created_at FROM notifications_notification WHERE template = wanted.template "
        "ORDER BY created_at DESC, id DESC LIMIT 1) AS latest",
        [sorted(MAKERS)],
    )
    return dict(found)
