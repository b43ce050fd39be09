"""Status codes; never the words shown to people."""

from django.db.models import TextChoices


class RunStatus(TextChoices):
    """Where a reconciliation run stands."""

    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


class CheckStatus(TextChoices):
    """What a check of the audit trail found."""

    RUNNING = "running", "running"
    WHOLE = "whole", "whole"
    BROKEN = "broken", "broken"
    FAILED = "failed", "failed"
