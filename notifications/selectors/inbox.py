"""Reads of the inbox, for everybody."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from common import keyset
from notifications import errors
from notifications.enums import NotificationStatus
from notifications.models import Notification
from notifications.selectors.pages import PAGE, page_of

if TYPE_CHECKING:
    from accounts.models import User


def inbox_list(*, user: "User", before: int | None = None, limit: int = PAGE) -> list[Notification]:
    """
    List the user's own messages, latest first; cancelled ones were never theirs to read.

    Args:
        before: the id of the last message of the page before.
    """
    return page_of(_inbox(user), before=before, limit=limit)


def inbox_page(*, user: "User", is_unread: bool = False, cursor: str = "", limit: int = PAGE) -> keyset.Page:
    """List them a page at a time, only the unread ones when asked. Raises: InvalidInput (cursor)."""
    rows = _inbox(user).filter(read_at=None) if is_unread else _inbox(user)
    return keyset.page(rows=rows, order=("-created_at", "-id"), cursor=cursor, limit=limit)


def inbox_get(*, user: "User", notification_id: int) -> Notification:
    """Return one of the user's own messages. Raises: NotificationNotFound."""
    row = _inbox(user).filter(pk=notification_id).first()
    if row is None:
        raise errors.NotificationNotFound("There is no such message in your inbox.")
    return row


def inbox_unread_count(*, user: "User") -> int:
    """Count the user's unread messages."""
    return _inbox(user).filter(read_at=None).count()


def _inbox(user: "User") -> QuerySet[Notification]:
    return Notification.objects.filter(receiver=user).exclude(status=NotificationStatus.CANCELLED)
