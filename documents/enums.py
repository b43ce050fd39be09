"""Status codes; never the words shown to people."""

from django.db.models import TextChoices


class RunStatus(TextChoices):
    """Where a reconciliation run stands."""

    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"
