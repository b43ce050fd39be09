"""Stable codes of webhooks."""

from django.db.models import TextChoices


class EndpointStatus(TextChoices):
    """Whether an endpoint is sent to; what happens while it is paused waits for it."""

    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    REMOVED = "removed", "Removed"


class EndpointState(TextChoices):
    """How an endpoint does, as lists tell it apart: active ones that do well, and those that do not."""

    WELL = "well", "Well"
    FAILING = "failing", "Failing"
    PAUSED = "paused", "Paused"


class PauseCause(TextChoices):
    """Why an endpoint is paused; the last two are our doing and are told by mail."""

    PERSON = "person", "Paused by hand"
    FAILING = "failing", "No success for 72 hours"
    GONE = "gone", "The receiver wants no more (410 Gone)"


class DeliveryStatus(TextChoices):
    """What became of one message for one endpoint."""

    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Skipped"
