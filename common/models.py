"""Tables of the bottom layer: the outbox and the idempotency records."""

from django.db import models
from django.db.models.functions import Now


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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_id", "key"], name="idempotency_one_record_per_key")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.key}"
