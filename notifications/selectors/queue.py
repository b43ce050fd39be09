"""Reads of the queue, for IT."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from accounts.enums import UserKind
from common.errors import Forbidden
from notifications import access, errors, policies
from notifications.enums import NotificationStatus
from notifications.models import Notification
from notifications.selectors.pages import PAGE, page_of

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """How many messages stand where, and since when the oldest due one waits."""

    pending: int
    sending: int
    sent: int
    bounced: int
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
    rows = _found(status=status, text=text).select_related("receiver")
    return page_of(rows, before=before, limit=limit)


@dataclass(frozen=True, kw_only=True)
class Movable:
    """How many messages were named or found, and how many of them a move can be made to."""

    found: int
    movable: int


def queue_movable_count(
    *, actor: "User", move: str, status: str = "", text: str = "", ids: Sequence[int] | None = None
) -> Movable:
    """
    Say how many messages a move (retry, cancel, mark-sent) would be made to, changing nothing.

    Args:
        ids: only these; all that the search finds when not given.
    Raises: QueueForbidden for everybody but IT and admins.
    """
    access.queue_staff_require(actor)
    rows = _found(status=status, text=text, ids=ids)
    return Movable(found=rows.count(), movable=rows.filter(status__in=policies.MOVES.get(move, ())).count())


def queue_movable_ids(
    *, actor: "User", move: str, status: str = "", text: str = "", ids: Sequence[int] | None = None, limit: int
) -> list[int]:
    """
    Return the ids of the messages that a move can be made to, oldest first.

    Raises: QueueForbidden for everybody but IT and admins.
    """
    access.queue_staff_require(actor)
    rows = _found(status=status, text=text, ids=ids).filter(status__in=policies.MOVES.get(move, ()))
    return list(rows.order_by("created_at", "pk").values_list("pk", flat=True)[:limit])


def _found(*, status: str, text: str, ids: Sequence[int] | None = None) -> QuerySet[Notification]:
    rows = Notification.objects.all()
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    if status:
        rows = rows.filter(status=status)
    if wanted := text.strip().replace("\x00", ""):
        rows = rows.filter(
            Q(address__icontains=wanted)
            | Q(subject__icontains=wanted)
            | Q(template__icontains=wanted)
            | Q(latest_error__icontains=wanted)
        )
    return rows


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
    return page_of(Notification.objects.filter(facts__booking_id=booking_id), before=None, limit=limit)
