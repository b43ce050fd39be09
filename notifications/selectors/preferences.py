"""Reads of what people want by mail."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import selectors as account_selectors
from notifications import errors, tokens, topics
from notifications.models import MailOptOut
from notifications.topics import Topic

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, kw_only=True)
class TopicChoice:
    """A topic, and whether its mails are on."""

    topic: Topic
    is_on: bool


@dataclass(frozen=True, kw_only=True)
class LinkView:
    """What a link in the foot of a mail stands for; it names nobody."""

    topic: Topic
    is_on: bool


def preferences_list(*, user: "User") -> list[TopicChoice]:
    """List the topics of the user's kind, those that may be switched off first."""
    off = set(MailOptOut.objects.filter(user=user).values_list("topic", flat=True))
    return [
        TopicChoice(topic=topic, is_on=topic.is_required or topic.code not in off)
        for topic in topics.topics_of(user.kind)
    ]


def link_view(*, token: str) -> LinkView:
    """
    Return what a link from a mail would switch off, whoever holds it.

    Raises: LinkInvalid.
    """
    found = tokens.unsubscription(token)
    topic = topics.topic_get(found.topic) if found else None
    if found is None or topic is None or topic.is_required:
        raise errors.UnsubscribeLinkInvalid
    if account_selectors.user_active(user_id=found.user_id) is None:
        raise errors.UnsubscribeLinkInvalid
    is_off = MailOptOut.objects.filter(user_id=found.user_id, topic=topic.code).exists()
    return LinkView(topic=topic, is_on=not is_off)


def opted_out(*, user_ids: Iterable[int], codes: Iterable[str]) -> set[tuple[int, str]]:
    """Return which of the users get no mails of which of the topics. One query, none without topics."""
    wanted = set(codes)
    if not wanted:
        return set()
    rows = MailOptOut.objects.filter(user_id__in=set(user_ids), topic__in=wanted)
    return set(rows.values_list("user_id", "topic"))
