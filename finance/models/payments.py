"""Money that comes in and goes back, and what gateways say of it."""

import uuid

from django.db import models
from django.db.models import Q

from finance.enums import PaymentStatus, RefundCause, RefundStatus
from finance.models.columns import MONEY
from finance.policies import OVER_PAYMENTS


class Payment(models.Model):
    """One attempt to collect a booking's price, or the difference of its move to another launch."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.ForeignKey("bookings.Booking", on_delete=models.PROTECT, related_name="payments")
    rebooking = models.ForeignKey(
        "bookings.Rebooking", on_delete=models.PROTECT, null=True, blank=True, related_name="payments", db_index=False
    )
    gateway = models.CharField(max_length=20)
    gateway_reference = models.CharField(max_length=80, blank=True)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=PaymentStatus.choices, default=PaymentStatus.CREATED)
    card_brand = models.CharField(max_length=20, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    decline_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0, help_text="how often a job asked what became of it")
    ask_at = models.DateTimeField(null=True, blank=True, help_text="when the job asks again")

    class Meta:
        constraints = [
            models.CheckConstraint(name="finance_payment_amount_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="finance_payment_status_is_known", condition=Q(status__in=PaymentStatus.values)
            ),
            models.UniqueConstraint(
                fields=["booking"],
                condition=Q(rebooking=None) & ~Q(status__in=OVER_PAYMENTS),
                name="finance_one_live_payment_per_booking",
            ),
            models.UniqueConstraint(
                fields=["rebooking"],
                condition=Q(rebooking__isnull=False) & ~Q(status__in=OVER_PAYMENTS),
                name="finance_one_live_payment_per_rebooking",
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_reference"],
                condition=~Q(gateway_reference=""),
                name="finance_one_payment_per_gateway_reference",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(status__in=[PaymentStatus.CREATED, PaymentStatus.PROCESSING, PaymentStatus.CHALLENGE]),
                name="finance_open_payments",
            ),
            # Hardly any payment has one.
            models.Index(
                fields=["rebooking"], condition=Q(rebooking__isnull=False), name="finance_payments_of_rebooking"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id}"


class Refund(models.Model):
    """Money going back to the payment it came from."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    booking = models.ForeignKey("bookings.Booking", on_delete=models.PROTECT, related_name="refunds")
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    cause = models.CharField(max_length=10, choices=RefundCause.choices)
    status = models.CharField(max_length=10, choices=RefundStatus.choices, default=RefundStatus.REQUESTED)
    dedupe_key = models.CharField(max_length=80, unique=True, help_text="what asked for it: one cause, one refund")
    gateway_reference = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    latest_error = models.CharField(max_length=300, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="finance_refund_amount_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="finance_refund_status_is_known", condition=Q(status__in=RefundStatus.values)),
            models.CheckConstraint(name="finance_refund_cause_is_known", condition=Q(cause__in=RefundCause.values)),
        ]
        indexes = [
            models.Index(
                fields=["retry_at"],
                condition=Q(status__in=[RefundStatus.REQUESTED, RefundStatus.FAILED]),
                name="finance_refunds_unpaid",
            )
        ]

    def __str__(self) -> str:
        return f"{self.id}"


class GatewayCallback(models.Model):
    """A message that a gateway sent us and that proved genuine; each is acted on once."""

    gateway = models.CharField(max_length=20)
    callback_id = models.CharField(max_length=80, help_text="the gateway's own id of the message")
    kind = models.CharField(max_length=60)
    reference = models.CharField(max_length=80, blank=True, help_text="the charge or refund it tells of")
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "callback_id"], name="finance_one_row_per_callback")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.callback_id}"
