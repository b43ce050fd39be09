"""What IT does to single messages; each move is published for the audit trail."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from common import outbox
from notifications import access, errors, events, policies
from notifications.enums import NotificationStatus, Obstacle
from notifications.models import Notification

if TYPE_CHECKING:
    from accounts.models import User

S = NotificationStatus


@transaction.atomic
def notification_retry(*, actor: "User", notification_id: int, now: datetime, reason: str = "") -> Notification:
    """
    Make a failed, cancelled or waiting message due now, for another 72 hours; it keeps its Message-ID.

    The caller wakes the worker (tasks.send_soon). Raises: QueueForbidden, NotificationNotFound, MoveNotAllowed.
    """
    row = _row_lock(actor, notification_id, allowed=policies.RETRYABLE, wanted="retried")
    old_status = row.status
    row.status, row.attempts, row.due_at, row.obstacle = S.PENDING, 0, now, Obstacle.NONE
    row.give_up_at = now + policies.GIVE_UP_AFTER
    row.save(update_fields=["status", "attempts", "due_at", "give_up_at", "obstacle"])
    _publish(events.NotificationRetried, row, actor=actor, old_status=old_status, reason=reason)
    return row


@transaction.atomic
def notification_cancel(*, actor: "User", notification_id: int, now: datetime, reason: str = "") -> Notification:
    """
    Keep a waiting or failed message from being sent.

    Raises: QueueForbidden, NotificationNotFound, MoveNotAllowed (one that is being sent cannot be called back).
    """
    row = _row_lock(actor, notification_id, allowed=policies.CANCELLABLE, wanted="cancelled")
    old_status = row.status
    row.status, row.latest_error = S.CANCELLED, (reason or f"Cancelled by {actor.email}.")[:500]
    row.save(update_fields=["status", "latest_error"])
    _publish(events.NotificationCancelled, row, actor=actor, old_status=old_status, reason=reason)
    return row


@transaction.atomic
def notification_mark_sent(*, actor: "User", notification_id: int, now: datetime, reason: str = "") -> Notification:
    """
    Record that the receiver was told by other means.

    Raises: QueueForbidden, NotificationNotFound, MoveNotAllowed.
    """
    row = _row_lock(actor, notification_id, allowed=policies.MARKABLE, wanted="marked as sent")
    old_status = row.status
    row.status, row.sent_at = S.SENT, now
    row.latest_error = (reason or f"Marked as sent by {actor.email}.")[:500]
    row.save(update_fields=["status", "sent_at", "latest_error"])
    _publish(events.NotificationMarkedSent, row, actor=actor, old_status=old_status, reason=reason)
    return row


def _row_lock(
    actor: "User", notification_id: int, *, allowed: frozenset[NotificationStatus], wanted: str
) -> Notification:
    access.queue_staff_require(actor)
    row = Notification.objects.select_for_update(of=("self",)).filter(pk=notification_id).first()
    if row is None:
        raise errors.NotificationNotFound
    if row.status not in allowed:
        raise errors.MoveNotAllowed(status=NotificationStatus(row.status).label.lower(), wanted=wanted)
    return row


def _publish(
    kind: type[events.NotificationEvent], row: Notification, *, actor: "User", old_status: str, reason: str
) -> None:
    event: Any = kind(notification_id=row.pk, template=row.template, old_status=str(old_status), reason=reason)
    outbox.publish(event, actor_id=actor.pk)
