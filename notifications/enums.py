"""Stable codes of the package."""

from django.db.models import IntegerChoices, TextChoices


class NotificationStatus(TextChoices):
    """Where a message stands in the queue; notifications.policies has the moves."""

    PENDING = "pending", "Pending"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    BOUNCED = "bounced", "Bounced"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN = (NotificationStatus.PENDING, NotificationStatus.SENDING)


class Priority(IntegerChoices):
    """Who goes first when many wait."""

    URGENT = 0, "Somebody waits for it at a page"
    USUAL = 1, "In its turn"


class BounceKind(TextChoices):
    """What the mail's provider told of an address."""

    BOUNCED = "bounced", "Mails come back"
    COMPLAINED = "complained", "Its reader reported a mail as unwanted"


class Obstacle(TextChoices):
    """What the latest attempt failed at."""

    NONE = "", "Nothing"
    SERVER = "server", "The mail server was away"
    RECEIVER = "receiver", "The server did not take this mail yet"
    WORDS = "words", "The message could not be made"
