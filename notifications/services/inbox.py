"""What readers do in their inbox."""

from datetime import datetime
from typing import TYPE_CHECKING

from notifications import errors
from notifications.enums import NotificationStatus
from notifications.models import Notification

if TYPE_CHECKING:
    from accounts.models import User


def inbox_mark_read(*, user: "User", now: datetime, notification_id: int | None = None) -> int:
    """
    Mark one of the user's own messages as read, or all when none is named; return how many were unread.

    Raises: NotificationNotFound when the named one is not in the user's inbox.
    """
    own = Notification.objects.filter(receiver=user).exclude(status=NotificationStatus.CANCELLED)
    if notification_id is not None:
        own = own.filter(pk=notification_id)
        if not own.exists():
            raise errors.NotificationNotFound("There is no such message in your inbox.")
    return own.filter(read_at=None).update(read_at=now)
