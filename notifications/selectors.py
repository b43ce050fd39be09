"""Reads of the queue and the inbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from accounts.enums import UserKind
from common.errors import Forbidden
from notifications import access, errors
from notifications.enums import NotificationStatus
from notifications.mail import Mail, MailAttachment, MailSummary, mail_list, mail_read, mails_are_files
from notifications.models import Notification

if TYPE_CHECKING:
    from accounts.models import User

PAGE = 50
__all__ = [
    "Mail",
    "MailAttachment",
    "MailSummary",
    "QueueFigures",
    "inbox_get",
    "inbox_list",
    "inbox_unread_count",
    "mail_list",
    "mail_read",
    "mails_are_files",
    "messages_about_booking",
    "queue_counts",
    "queue_get",
    "queue_list",
]


# --- the queue, for IT -----------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """How many messages stand where, and since when the oldest due one waits."""

    pending: int
    sending: int
    sent: int
    failed: int
    cancelled: int
    oldest_due_at: datetime | None

    def items(self) -> list[tuple[str, str, int]]:
        """Return code, words and figure of each status, in the order of the queue."""
        return [(status.value, str(status.label), getattr(self, status.value)) for status in NotificationStatus]


def queue_list(
    *, actor: "User", status: str = "", text: str = "", before: int | None = None, limit: int = PAGE
) -> list[Notification]:
    """
    List messages, latest first, with their receivers.

    Args:
        status: only these; an unknown one finds nothing.
        text: only those whose address, subject, template or error contains it, in any case.
        before: the id of the last message of the page before.
    Raises: QueueForbidden for everybody but IT and admins.
    """
    access.queue_staff_require(actor)
    rows = Notification.objects.select_related("receiver")
    if status:
        rows = rows.filter(status=status)
    if wanted := text.strip().replace("\x00", ""):
        rows = rows.filter(
            Q(address__icontains=wanted)
            | Q(subject__icontains=wanted)
            | Q(template__icontains=wanted)
            | Q(latest_error__icontains=wanted)
        )
    return _page(rows, before=before, limit=limit)


def queue_get(*, actor: "User", notification_id: int) -> Notification:
    """
    Return one message of the queue with its receiver.

    Raises: QueueForbidden, NotificationNotFound.
    """
    access.queue_staff_require(actor)
    row = Notification.objects.select_related("receiver").filter(pk=notification_id).first()
    if row is None:
        raise errors.NotificationNotFound
    return row


def queue_counts(*, actor: "User") -> QueueFigures:
    """
    Count the messages by status.

    Raises: QueueForbidden for everybody but IT and admins.
    """
    access.queue_staff_require(actor)
    counted = dict(Notification.objects.order_by().values_list("status").annotate(number=Count("id")))
    oldest = Notification.objects.filter(status=NotificationStatus.PENDING).order_by("due_at", "id").first()
    return QueueFigures(
        **{status.value: counted.get(status.value, 0) for status in NotificationStatus},
        oldest_due_at=oldest.due_at if oldest else None,
    )


def messages_about_booking(*, actor: "User", booking_id: int, limit: int = PAGE) -> list[Notification]:
    """
    List what was told about a booking, to whom and how it went, latest first; any employee may see that.

    Raises: Forbidden.
    """
    if actor.kind != UserKind.EMPLOYEE:
        raise Forbidden
    return _page(Notification.objects.filter(facts__booking_id=booking_id), before=None, limit=limit)


# --- the inbox, for everybody ----------------------------------------------------------------------
def inbox_list(*, user: "User", before: int | None = None, limit: int = PAGE) -> list[Notification]:
    """
    List the user's own messages, latest first; cancelled ones were never theirs to read.

    Args:
        before: the id of the last message of the page before.
    """
    return _page(_inbox(user), before=before, limit=limit)


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


def _page(rows: QuerySet[Notification], *, before: int | None, limit: int) -> list[Notification]:
    if before is not None:
        mark = Notification.objects.filter(pk=before).values_list("created_at", "pk").first()
        if mark is None:
            return []
        rows = rows.filter(Q(created_at__lt=mark[0]) | Q(created_at=mark[0], pk__lt=mark[1]))
    return list(rows.order_by("-created_at", "-pk")[:limit])
