"""Endpoints, messages, deliveries and their attempts. No secret stands here: see documents' WebhookSecrets."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from notifications.webhooks.enums import DeliveryStatus, EndpointStatus, PauseCause


class WebhookEndpoint(models.Model):
    """
    Where one receiver wants to be told, and how that goes.

    Retries belong to the endpoint, not to single deliveries: while its oldest one is not taken, the others wait behind
    it, which is what keeps them in order.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    supplier = models.ForeignKey(
        "launches.Supplier", on_delete=models.PROTECT, null=True, blank=True, related_name="webhook_endpoints",
        help_text="whose it is; none: the platform's, for integrators",
    )  # fmt: skip
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True)
    event_types = ArrayField(models.CharField(max_length=40), help_text="public names, from event_types")
    has_money_events = models.BooleanField(default=False, help_text="some of them carry amounts")
    status = models.CharField(max_length=10, choices=EndpointStatus.choices, default=EndpointStatus.ACTIVE)
    pause_cause = models.CharField(max_length=10, choices=PauseCause.choices, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    secret_id = models.UUIDField(help_text="of the secret in Logs MongoDB that signs")
    previous_secret_id = models.UUIDField(null=True, blank=True, help_text="signs too, until previous_secret_until")
    previous_secret_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(help_text="no attempt before")
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    failing_since = models.DateTimeField(null=True, blank=True)
    latest_error = models.CharField(max_length=300, blank=True)
    latest_success_at = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True, help_text="of the attempt that may record the outcome")
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="webhooks_endpoint_status_is_known", condition=Q(status__in=EndpointStatus.values)
            ),
            models.CheckConstraint(
                name="webhooks_paused_endpoint_says_why",
                condition=~Q(status=EndpointStatus.PAUSED) | Q(pause_cause__in=PauseCause.values),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=~Q(status=EndpointStatus.REMOVED), name="webhooks_endpoints_due"
            ),
            models.Index(fields=["-created_at", "-id"], name="webhooks_endpoints_latest"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_active(self) -> bool:
        """Whether it is sent to."""
        return self.status == EndpointStatus.ACTIVE

    @property
    def is_paused(self) -> bool:
        """Whether everything for it waits."""
        return self.status == EndpointStatus.PAUSED

    @property
    def is_failing(self) -> bool:
        """Whether the latest attempt failed and another is to come."""
        return self.is_active and self.failing_since is not None

    @property
    def address_shown(self) -> str:
        """Its URL without the query, which may hold a password of the receiver."""
        return self.url.partition("?")[0]


class WebhookMessage(models.Model):
    """What happened, in the very bytes that are signed and sent; the same to every receiver, at every attempt."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event_id = models.BigIntegerField(unique=True, null=True, blank=True, help_text="of the outbox; none for a test")
    event_type = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    body = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="webhooks_messages_by_age")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """What receivers know it by (`webhook-id`)."""
        return f"msg_{self.pk.hex}"


class WebhookDelivery(models.Model):
    """One message for one endpoint. Ids grow in the order in which things happened."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries")
    message = models.ForeignKey(WebhookMessage, on_delete=models.PROTECT, related_name="deliveries")
    status = models.CharField(max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.WAITING)
    is_test = models.BooleanField(default=False, help_text="sent once, before all others, also while paused")
    attempts = models.PositiveIntegerField(default=0)
    latest_status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    latest_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "message"], name="webhooks_message_once_per_endpoint"),
            models.CheckConstraint(
                name="webhooks_delivery_status_is_known", condition=Q(status__in=DeliveryStatus.values)
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "id"], condition=Q(status=DeliveryStatus.WAITING), name="webhooks_waiting_in_order"
            ),
            models.Index(fields=["endpoint", "-id"], name="webhooks_log"),
            models.Index(fields=["endpoint", "status", "-id"], name="webhooks_log_by_status"),
            models.Index(fields=["done_at"], name="webhooks_deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.pk}"

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be sent."""
        return self.status == DeliveryStatus.WAITING

    @property
    def is_replayable(self) -> bool:
        """Whether it can be sent again; a test is simply made anew."""
        return not self.is_test and not self.is_waiting


class WebhookAttempt(models.Model):
    """One try. Written before it is made: without `finished_at` the sender died over it."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True, help_text="the first bytes")
    error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.started_at}"
