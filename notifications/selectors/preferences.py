"""Reads of what people want by mail."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import selectors as account_selectors
from accounts.enums import Language
from notifications import errors, policies, tokens, topics
from notifications.models import MailOptOut
from notifications.topic_words import TopicWords
from notifications.topics import Topic

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, kw_only=True)
class TopicChoice:
    """A topic in its reader's words, and whether its mails are on."""

    topic: Topic
    words: TopicWords
    is_on: bool


@dataclass(frozen=True, kw_only=True)
class LinkView:
    """What a link in the foot of a mail stands for; it names nobody. `has_inbox`: what is not mailed stands there."""

    topic: Topic
    words: TopicWords
    language: str
    is_on: bool
    has_inbox: bool


def preferences_list(*, user: "User") -> list[TopicChoice]:
    """List the topics of the user's kind, those that may be switched off first."""
    off = set(MailOptOut.objects.filter(user=user).values_list("topic", flat=True))
    return [
        TopicChoice(topic=topic, words=topic.words(user.language), is_on=topic.is_required or topic.code not in off)
        for topic in topics.topics_of(user.kind)
    ]


def link_view(*, token: str) -> LinkView:
    """
    Return what a link from a mail would switch off, whoever holds it.

    Raises: UnsubscribeLinkInvalid.
    """
    found = tokens.unsubscription(token)
    topic = topics.topic_get(found.topic) if found else None
    if found is None or topic is None or topic.is_required:
        raise errors.UnsubscribeLinkInvalid
    user = None if found.user_id is None else account_selectors.user_active(user_id=found.user_id)
    if user is None and found.user_id is not None:
        raise errors.UnsubscribeLinkInvalid
    language = user.language if user else Language.ENGLISH.value
    off = MailOptOut.objects.of(user_id=found.user_id, address_marks=found.address_marks)
    is_on = not off.filter(topic=topic.code).exists()
    return LinkView(
        topic=topic, words=topic.words(language), language=language, is_on=is_on, has_inbox=user is not None
    )


def is_opted_out(*, user_id: int | None, address: str, topic: str) -> bool:
    """Whether a user gets no mails of a topic; without a user, whether the address gets none."""
    marks = [] if user_id else tokens.address_marks(policies.address_digest(address))
    off = MailOptOut.objects.of(user_id=user_id, address_marks=marks)
    return off.filter(topic=topic).exists()
