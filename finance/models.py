"""Tables of money."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from finance.enums import InvoiceKind, InvoiceStatus, PaymentStatus, RefundStatus

MONEY: Any = {"max_digits": 14, "decimal_places": 3}


class Payment(models.Model):
    """One attempt to collect a booking's price through the gateway."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.ForeignKey("bookings.Booking", on_delete=models.PROTECT, related_name="payments")
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

    class Meta:
        constraints = [
            models.CheckConstraint(name="finance_payment_amount_is_positive", condition=Q(amount__gt=0)),
            models.UniqueConstraint(
                fields=["booking"],
                condition=~Q(status__in=[PaymentStatus.DECLINED, PaymentStatus.LATE]),
                name="finance_one_live_payment_per_booking",
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
            )
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
    cause = models.CharField(max_length=10)
    status = models.CharField(max_length=10, choices=RefundStatus.choices, default=RefundStatus.REQUESTED)
    dedupe_key = models.CharField(max_length=80, unique=True, help_text="what asked for it: one cause, one refund")
    gateway_reference = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    latest_error = models.CharField(max_length=300, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="finance_refund_amount_is_positive", condition=Q(amount__gt=0))]

    def __str__(self) -> str:
        return f"{self.id}"


class InvoiceSeries(models.Model):
    """The latest number given in a series and year; locked while the next is drawn, so that there is no gap."""

    series = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    latest_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "year"], name="finance_one_counter_per_series_and_year")
        ]
        verbose_name_plural = "invoice series"

    def __str__(self) -> str:
        return f"{self.series}-{self.year}"


class Invoice(models.Model):
    """A legal document: a customer invoice, a credit note that names one, or a supplier invoice."""

    kind = models.CharField(max_length=12, choices=InvoiceKind.choices)
    series = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    booking = models.ForeignKey(
        "bookings.Booking", on_delete=models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    launch = models.ForeignKey("launches.Launch", on_delete=models.PROTECT, related_name="invoices")
    supplier = models.ForeignKey("launches.Supplier", on_delete=models.PROTECT, related_name="invoices")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="credit_notes")
    event_id = models.BigIntegerField(null=True, unique=True, help_text="the event that asked for it")
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    lines = models.JSONField()
    issued_on = models.DateField()
    due_on = models.DateField()
    status = models.CharField(max_length=15, choices=InvoiceStatus.choices, default=InvoiceStatus.PENDING)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "year", "number"], name="finance_invoice_numbers_are_unique"),
            models.UniqueConstraint(
                fields=["booking"], condition=Q(kind=InvoiceKind.CUSTOMER), name="finance_one_invoice_per_booking"
            ),
            models.CheckConstraint(name="finance_invoice_amount_is_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(
                name="finance_credit_note_names_its_invoice",
                condition=~Q(kind=InvoiceKind.CREDIT_NOTE) | Q(corrects__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """The number people quote: "C-2026-000042"."""
        return f"{self.series}-{self.year}-{self.number:06d}"


class SandboxCharge(models.Model):
    """
    What the sandbox gateway remembers of a charge: its own books, which only finance.gateways.sandbox reads and writes.

    No card number is ever kept; the last four digits are.
    """

    key = models.CharField(max_length=80, unique=True, help_text="the caller's idempotency key")
    reference = models.CharField(max_length=80, unique=True)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    outcome = models.CharField(max_length=20)
    decline_reason = models.CharField(max_length=200, blank=True)
    card_last4 = models.CharField(max_length=4)
    is_refundable = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.reference


class SandboxRefund(models.Model):
    """What the sandbox gateway remembers of a refund."""

    key = models.CharField(max_length=80, unique=True, help_text="the caller's idempotency key")
    charge = models.ForeignKey(SandboxCharge, on_delete=models.PROTECT, related_name="refunds")
    reference = models.CharField(max_length=80, unique=True)
    amount = models.DecimalField(**MONEY)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.reference
