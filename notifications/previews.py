"""
Shows a template's words on real data: those of its latest message that still applies.

Links that open something (a reset link, a question that needs no signing in) are never made for a preview: its button
leads to the page the message is about. Where no message applies, names in angle marks stand for the values.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accounts.enums import Language
from notifications import errors, rendering, sandbox, wordings
from notifications.contents import MAKERS
from notifications.contents.letter import Reader
from notifications.models import Notification
from notifications.rendering import Said

log = logging.getLogger(__name__)
# So many of a template's latest messages are looked at for one that still applies.
LOOKED_AT = 20


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Words as a receiver would read them; `message` is the real one they were shown on, if there is one."""

    said: Said
    message: Notification | None


@dataclass(frozen=True, kw_only=True)
class _Data:
    values: Mapping[str, Any]
    message: Notification | None


def known_require(*, template: str, language: str) -> None:
    """Let templates and languages pass that there are. Raises: WordingNotFound."""
    if template not in MAKERS or language not in Language.values:
        raise errors.WordingNotFound


def preview(*, template: str, language: str, words: wordings.Words | None, now: datetime) -> Preview:
    """
    Render words on real data; the shipped ones when none are given.

    Raises: sandbox.Broken.
    """
    data = _data(template=template, language=language, now=now)
    shown = words or wordings.shipped(template=template, language=language)
    return Preview(said=rendering.said_in(shown, data.values), message=data.message)


def failures(*, template: str, language: str, words: wordings.Words, now: datetime) -> dict[str, str]:
    """Say which parts fail on real data, or without any; an empty answer when none does."""
    values = _data(template=template, language=language, now=now).values
    found = {}
    for part in sandbox.PARTS:
        try:
            sandbox.render(part=part, source=words.source(part), values=values)
        except sandbox.Broken as error:
            found[part] = str(error)
    return found


def values_shown(*, template: str, language: str, now: datetime) -> Mapping[str, Any]:
    """Return the values of a preview; none where no message applies."""
    return _data(template=template, language=language, now=now).values


def _data(*, template: str, language: str, now: datetime) -> _Data:
    latest = Notification.objects.select_related("receiver").filter(template=template)
    for row in latest.order_by("-created_at", "-pk")[:LOOKED_AT]:
        reader = replace(rendering.reader_of(row), language=language)
        if values := _values(row, reader, now):
            return _Data(values=values | _foot(row, reader), message=row)
    return _Data(values=sandbox.Specimens(), message=None)


def _foot(row: Notification, reader: Reader) -> dict[str, str]:
    foot = rendering.foot_values(row, reader)
    # The real link switches off the mails of whom the message went to.
    return foot | {"unsubscribe_url": foot["preferences_url"] if foot["unsubscribe_url"] else ""}


def _values(row: Notification, reader: Reader, now: datetime) -> dict[str, Any] | None:
    try:
        letter = MAKERS[row.template](row.facts, reader, now)
    except errors.NoLongerApplies:
        return None
    except Exception:  # the data's fault, not the words'; another message may do
        log.exception("Message %s cannot be shown as a preview", row.pk)
        return None
    harmless = replace(letter, action_path=letter.link or "/") if letter.action_path else letter
    return rendering.letter_values(harmless, reader)
