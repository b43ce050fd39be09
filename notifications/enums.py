"""Stable codes of the package."""

from django.db.models import TextChoices


class NotificationStatus(TextChoices):
    """Where a message stands in the queue; notifications.policies has the moves."""

    PENDING = "pending", "Pending"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN = (NotificationStatus.PENDING, NotificationStatus.SENDING)
