"""What employees do to the queue and its words, words that turned out broken, and what people want by mail."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class NotificationEvent:
    """Common to all: which message, and where it stood before."""

    notification_id: int
    template: str
    old_status: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class NotificationRetried(NotificationEvent):
    """It is due again."""

    name: ClassVar[str] = "notifications.notification.retried"


@dataclass(frozen=True, kw_only=True)
class NotificationCancelled(NotificationEvent):
    """It will not be sent."""

    name: ClassVar[str] = "notifications.notification.cancelled"


@dataclass(frozen=True, kw_only=True)
class NotificationMarkedSent(NotificationEvent):
    """The receiver was told by other means."""

    name: ClassVar[str] = "notifications.notification.marked_sent"


@dataclass(frozen=True, kw_only=True)
class WordingEvent:
    """Common to all: which version of which words."""

    wording_id: int
    template: str
    language: str
    number: int


@dataclass(frozen=True, kw_only=True)
class WordingPublished(WordingEvent):
    """Messages are written in these words from now on; `is_shipped` says that they are the shipped ones again."""

    name: ClassVar[str] = "notifications.wording.published"
    is_shipped: bool
    note: str


@dataclass(frozen=True, kw_only=True)
class WordingBroke(WordingEvent):
    """They failed in a real message, for the first time; it went out in the shipped words."""

    name: ClassVar[str] = "notifications.wording.broke"
    error: str


@dataclass(frozen=True, kw_only=True)
class MailsChosen:
    """Somebody chose what to get by mail; `off` are the topics without mails now."""

    name: ClassVar[str] = "notifications.user.mails_chosen"
    user_id: int
    off: list[str]
