"""What PostgreSQL knows about documents: the runs of reconciliation, and where the audit trail ends."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from common.context import Origin
from documents.enums import CheckStatus, RunStatus

DEAD_AFTER = timedelta(minutes=2)  # without a heartbeat of its process


class ReconciliationRun(models.Model):
    """One comparison of the stores, its progress while it runs and its figures after."""

    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.RUNNING)
    datasets = models.JSONField(help_text="Names of the data sets, in the order in which they are looked at.")
    is_full = models.BooleanField(default=True, help_text="Else only what something happened to since earlier runs.")
    is_dry_run = models.BooleanField(default=False)
    mark = models.BigIntegerField(
        null=True, blank=True, editable=False, help_text="Transaction from which on a later run may go on."
    )
    counts = models.JSONField(default=dict, help_text="Figures by data set name.")
    error = models.TextField(blank=True)
    is_told = models.BooleanField(
        default=False, editable=False, help_text="IT has been told of its drift, or there was nothing to tell."
    )
    origin = models.CharField(max_length=10, choices=[(origin.value, origin.value) for origin in Origin])
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_email = models.CharField(max_length=254, blank=True)
    job_run_id = models.BigIntegerField(null=True, blank=True, editable=False, help_text="The job's run that began it.")
    runner = models.UUIDField(null=True, blank=True, editable=False, help_text="The process that does it.")
    started_at = models.DateTimeField(db_default=Now())
    heartbeat_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["status"],
                condition=Q(status="running"),
                name="documents_one_reconciliation_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status="running", ended_at=None) | (~Q(status="running") & Q(ended_at__isnull=False)),
                name="documents_ended_run_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"Reconciliation {self.pk} ({self.status})"

    @property
    def is_running(self) -> bool:
        """Tell whether it has not ended."""
        return self.status == RunStatus.RUNNING

    @property
    def drift(self) -> int:
        """Count what differed, over all data sets."""
        return sum(self.total(name) for name in ("missing", "stale", "orphaned"))

    @property
    def failed(self) -> int:
        """Count what could not be repaired, over all data sets."""
        return self.total("failed")

    @property
    def sentence(self) -> str:
        """Say how it stands, for logs and lists of jobs."""
        return f"Reconciliation {self.pk}: {self.status}, drift {self.drift}, failed {self.failed}"

    def total(self, name: str) -> int:
        """Sum one figure over all data sets."""
        return sum(int(figures.get(name, 0)) for figures in self.counts.values())


class AuditAnchor(models.Model):
    """The latest entry of the audit trail, in one row; see Note [The anchor] in documents.audit."""

    ONLY = 1

    sequence = models.BigIntegerField()
    seal = models.CharField(max_length=64, blank=True)
    moved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="documents_one_audit_anchor")]

    def __str__(self) -> str:
        return f"Audit entry {self.sequence}"


class AuditCheck(models.Model):
    """One proof of the audit trail, and the first thing that was wrong with it."""

    status = models.CharField(max_length=10, choices=CheckStatus, default=CheckStatus.RUNNING)
    entries = models.BigIntegerField(default=0, help_text="Entries of the chain that were proven.")
    older_entries = models.BigIntegerField(default=0, help_text="Entries from before the chain, which nothing proves.")
    events = models.BigIntegerField(default=0, help_text="Events of the outbox that were compared with their entries.")
    broken_at = models.BigIntegerField(null=True, blank=True, help_text="Place of the first broken entry.")
    problem = models.TextField(blank=True)
    origin = models.CharField(max_length=10, choices=[(origin.value, origin.value) for origin in Origin])
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_email = models.CharField(max_length=254, blank=True)
    job_run_id = models.BigIntegerField(null=True, blank=True, editable=False, help_text="The job's run that began it.")
    started_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="When a process began to do it.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="running", ended_at=None) | (~Q(status="running") & Q(ended_at__isnull=False)),
                name="documents_ended_check_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"Audit check {self.pk} ({self.status})"

    @property
    def sentence(self) -> str:
        """Say what was found."""
        if self.status == CheckStatus.WHOLE:
            older = f", {self.older_entries:,} older ones are not part of it" if self.older_entries else ""
            return f"The audit trail is whole: {self.entries:,} entries{older}; {self.events:,} events compared."
        if self.status == CheckStatus.BROKEN:
            return f"The audit trail is broken. {self.problem}"
        if self.status == CheckStatus.FAILED:
            return f"The audit trail could not be checked. {self.problem}"
        return "The audit trail is being checked."
