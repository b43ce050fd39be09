"""Tables of the bottom layer: the outbox, the runs of jobs and the idempotency records."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

ADDRESS_MAX = 45  # characters: an IPv6 address that ends in an IPv4 one


class TransactionId(models.Func):
    """The number of the writing transaction, as PostgreSQL counts it (64 bits, never wraps)."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class OutboxEvent(models.Model):
    """One thing that happened, written in the transaction that made it happen."""

    xid = models.BigIntegerField(db_default=TransactionId(), editable=False)
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    actor_id = models.BigIntegerField(null=True)
    actor_email = models.CharField(max_length=254, blank=True)
    origin = models.CharField(max_length=10)
    request_id = models.CharField(max_length=40, blank=True)
    address = models.CharField(
        max_length=ADDRESS_MAX,
        blank=True,
        db_default="",
        help_text="the network address of whoever asked; gone with the event",
    )
    occurred_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["xid", "id"], name="outbox_in_delivery_order")]

    def __str__(self) -> str:
        return f"{self.id} {self.name}"


class OutboxPosition(models.Model):
    """How far a consumer has read, and who is reading for it now."""

    consumer = models.CharField(max_length=40, primary_key=True)
    xid = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.consumer


class OutboxFailure(models.Model):
    """An event that one consumer could not handle: retried with growing pauses, then parked for IT."""

    consumer = models.CharField(max_length=40)
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE)
    attempts = models.PositiveIntegerField(default=1)
    error = models.TextField()
    retry_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer", "event"], name="outbox_one_failure_per_consumer_and_event")
        ]

    def __str__(self) -> str:
        return f"{self.consumer}: {self.event_id}"


class JobStatus(models.TextChoices):
    """How a run of a job stands."""

    QUEUED = "queued", "waiting for the worker"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    SKIPPED = "skipped", "skipped"


class JobRun(models.Model):
    """One run of a job that settings.SCHEDULES names: when, how long, how it ended."""

    job = models.CharField(max_length=60)
    tick = models.DateTimeField(null=True, help_text="The instant the schedule meant; none when a person asked.")
    status = models.CharField(max_length=10, choices=JobStatus)
    result = models.TextField(blank=True)
    error = models.TextField(blank=True)
    runner = models.UUIDField(null=True, editable=False, help_text="The process that does it.")
    actor_id = models.BigIntegerField(null=True)
    actor_email = models.CharField(max_length=254, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    queued_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True, help_text="Its process is dead if it has not ended by then.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "tick"], name="common_one_run_per_job_and_tick"),
            models.UniqueConstraint(
                fields=["job"], condition=Q(status="running"), name="common_one_running_run_per_job"
            ),
            models.UniqueConstraint(fields=["job"], condition=Q(status="queued"), name="common_one_queued_run_per_job"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], ended_at=None)
                | Q(status__in=["done", "failed", "skipped"], ended_at__isnull=False),
                name="common_ended_job_run_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["job", "id"], name="job_runs_in_order"),
            models.Index(fields=["job", "status", "ended_at"], name="job_runs_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.pk} ({self.status})"

    @property
    def is_under_way(self) -> bool:
        """Tell whether it has not ended."""
        return self.ended_at is None

    @property
    def duration(self) -> timedelta | None:
        """Return how long it took; None while it has not both begun and ended."""
        return self.ended_at - self.started_at if self.ended_at and self.started_at else None


class IdempotencyRecord(models.Model):
    """The answer to a request that carried an Idempotency-Key, kept for 24 hours."""

    actor_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    operation = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    locked_until = models.DateTimeField()
    backend_pid = models.IntegerField(
        null=True, editable=False, help_text="the server's process for the connection that holds the key, if known"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_id", "key"], name="idempotency_one_record_per_key")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.key}"
