"""What people do to the queue, its words, their mails and webhooks, and what becomes of these."""

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, kw_only=True)
class MailsOfAddressChosen:
    """Whoever reads an address without an account chose what to get there; `off` are the topics without mails now."""

    name: ClassVar[str] = "notifications.address.mails_chosen"
    address_digest: str
    off: list[str]


@dataclass(frozen=True, kw_only=True)
class AddressBounced:
    """Mails to an address come back, or one was reported as unwanted; `user_id`: whose address it is, if anybody's."""

    name: ClassVar[str] = "notifications.address.bounced"
    address: str
    kind: str
    user_id: int | None
    notification_id: int


@dataclass(frozen=True, kw_only=True)
class AddressCleared:
    """IT lets everything be mailed again to an address that bounced."""

    name: ClassVar[str] = "notifications.address.cleared"
    address: str
    notification_id: int


@dataclass(frozen=True, kw_only=True)
class WebhookEvent:
    """
    Common to all: which endpoint, of which supplier (none: the platform's).

    address: its URL without the query, which may hold a password of the receiver.
    """

    webhook_id: str
    supplier_id: int | None
    address: str
    has_money_events: bool


@dataclass(frozen=True, kw_only=True)
class WebhookCreated(WebhookEvent):
    """A receiver is to be told of events."""

    name: ClassVar[str] = "notifications.webhook.created"
    event_types: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WebhookChanged(WebhookEvent):
    """Its address, events or description are others."""

    name: ClassVar[str] = "notifications.webhook.changed"
    fields: tuple[str, ...]
    old_address: str
    event_types: tuple[str, ...]
    old_event_types: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WebhookPaused(WebhookEvent):
    """Nothing is sent to it until somebody resumes it. cause: a code of PauseCause; error: the latest attempt's."""

    name: ClassVar[str] = "notifications.webhook.paused"
    cause: str
    error: str


@dataclass(frozen=True, kw_only=True)
class WebhookResumed(WebhookEvent):
    """It is sent to again, beginning with what waited."""

    name: ClassVar[str] = "notifications.webhook.resumed"
    old_cause: str


@dataclass(frozen=True, kw_only=True)
class WebhookRetriedNow(WebhookEvent):
    """Somebody did not want to wait for the next attempt."""

    name: ClassVar[str] = "notifications.webhook.retried_now"


@dataclass(frozen=True, kw_only=True)
class WebhookRemoved(WebhookEvent):
    """It is told nothing any more; what waited is skipped."""

    name: ClassVar[str] = "notifications.webhook.removed"
    skipped: int


@dataclass(frozen=True, kw_only=True)
class WebhookSecretRotated(WebhookEvent):
    """It has a new secret; the old one signs beside it until an instant."""

    name: ClassVar[str] = "notifications.webhook.secret_rotated"
    old_until: datetime


@dataclass(frozen=True, kw_only=True)
class WebhookTested(WebhookEvent):
    """Somebody had a test event sent."""

    name: ClassVar[str] = "notifications.webhook.tested"
    delivery_id: int


@dataclass(frozen=True, kw_only=True)
class WebhookReplayed(WebhookEvent):
    """
    Deliveries that were done are sent again: one, or all of some kind since an instant.

    delivery_id: of the one; since and which: of the many.
    """

    name: ClassVar[str] = "notifications.webhook.replayed"
    count: int
    delivery_id: int | None = None
    since: datetime | None = None
    which: str = ""


@dataclass(frozen=True, kw_only=True)
class WebhookDeliverySkipped(WebhookEvent):
    """A waiting delivery is not sent, so that those behind it go on."""

    name: ClassVar[str] = "notifications.webhook.delivery_skipped"
    delivery_id: int
