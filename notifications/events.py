"""What employees do to the queue; for the audit trail."""

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
