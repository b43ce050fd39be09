"""Tables of money."""

import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from common.models import TransactionId
from finance.enums import Account, InvoiceKind, InvoiceStatus, MovementKind, PaymentStatus, RefundCause, RefundStatus
from finance.policies import OVER_PAYMENTS

MONEY: Any = {"max_digits": 14, "decimal_places": 3}


class Payment(models.Model):
    """One attempt to collect a booking's price, or the difference of its move to another launch."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.ForeignKey("bookings.Booking", on_delete=models.PROTECT, related_name="payments")
    rebooking = models.ForeignKey(
        "bookings.Rebooking", on_delete=models.PROTECT, null=True, blank=True, related_name="payments"
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
                condition=~Q(status__in=OVER_PAYMENTS),
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


class LedgerMovement(models.Model):
    """A movement of money: entries that sum to zero. Rows are only ever added; the database refuses anything else."""

    kind = models.CharField(max_length=12, choices=MovementKind.choices)
    source = models.CharField(max_length=80, unique=True, help_text="what caused it: one cause, one movement")
    currency = models.CharField(max_length=3)
    booking = models.ForeignKey(
        "bookings.Booking", on_delete=models.PROTECT, null=True, blank=True, related_name="movements"
    )
    note = models.CharField(max_length=200, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    xid = models.BigIntegerField(
        db_default=TransactionId(),
        editable=False,
        help_text="the transaction that made it, the only one that may give it entries",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="finance_movement_kind_is_known", condition=Q(kind__in=MovementKind.values))
        ]

    def __str__(self) -> str:
        return self.source


class LedgerEntry(models.Model):
    """One side of a movement: positive amounts debit, negative ones credit; with launch and supplier if it has them."""

    movement = models.ForeignKey(LedgerMovement, on_delete=models.PROTECT, related_name="entries")
    account = models.CharField(max_length=10, choices=Account.choices)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    supplier = models.ForeignKey("launches.Supplier", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    launch = models.ForeignKey("launches.Launch", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="finance_entry_moves_something", condition=~Q(amount=0)),
            models.CheckConstraint(name="finance_entry_account_is_known", condition=Q(account__in=Account.values)),
        ]
        indexes = [
            models.Index(fields=["launch", "account"], name="finance_entries_of_launch"),
            models.Index(fields=["supplier", "account"], name="finance_entries_of_supplier"),
        ]
        verbose_name_plural = "ledger entries"

    def __str__(self) -> str:
        return f"{self.movement_id} {self.account} {self.amount}"


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
    leg = models.PositiveSmallIntegerField(default=1, help_text="of the booking: each move has an invoice of its own")
    tax_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    tax_amount = models.DecimalField(**MONEY, default=Decimal(0), help_text="contained in the amount")
    paid_amount = models.DecimalField(**MONEY, default=Decimal(0))
    reminded_at = models.DateTimeField(null=True, blank=True)
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
                fields=["booking", "leg"],
                condition=Q(kind=InvoiceKind.CUSTOMER),
                name="finance_one_invoice_per_booking_and_leg",
            ),
            models.UniqueConstraint(
                fields=["launch"],
                condition=Q(kind=InvoiceKind.SUPPLIER),
                name="finance_one_supplier_invoice_per_launch",
            ),
            models.CheckConstraint(
                name="finance_invoice_is_not_overpaid",
                condition=Q(paid_amount__gte=0) & Q(paid_amount__lte=F("amount")),
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

    @property
    def net_amount(self) -> Decimal:
        """The amount without the tax it contains."""
        return self.amount - self.tax_amount

    @property
    def open_amount(self) -> Decimal:
        """What is still to be paid."""
        return self.amount - self.paid_amount


class InvoicePayment(models.Model):
    """Money that an employee saw coming in for an invoice."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(**MONEY)
    received_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="finance_receipt_is_positive", condition=Q(amount__gt=0))]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.amount}"


class SupplierStatement(models.Model):
    """What a supplier gets for a launch: a line a booking, the fee, what is carried in; the lines sum to the payout."""

    launch = models.OneToOneField("launches.Launch", on_delete=models.PROTECT, related_name="statement")
    supplier = models.ForeignKey("launches.Supplier", on_delete=models.PROTECT, related_name="statements")
    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="statement")
    currency = models.CharField(max_length=3)
    lines = models.JSONField(help_text="reference, text, collected, refunded, net")
    collected_amount = models.DecimalField(**MONEY)
    refunded_amount = models.DecimalField(**MONEY)
    fee_amount = models.DecimalField(**MONEY)
    carried_amount = models.DecimalField(**MONEY, default=Decimal(0), help_text="from earlier launches, signed")
    payout_amount = models.DecimalField(**MONEY, help_text="negative: carried into the next statement")
    issued_at = models.DateTimeField()
    paid_out_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["supplier", "-issued_at"], name="finance_statements_of_supplier")]

    def __str__(self) -> str:
        return f"{self.launch_id}"

    @property
    def net_amount(self) -> Decimal:
        """What the launch brought in: collected less refunded."""
        return self.collected_amount - self.refunded_amount


class DaySum(models.Model):
    """A day whose sum was told to finance, or had nothing to tell."""

    day = models.DateField(primary_key=True)
    told_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.day}"


class MoneyReconciliationRun(models.Model):
    """One run of `reconcile_money`: what was looked at and what was found."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    day = models.DateField(null=True, blank=True, help_text="only what moved on this day; empty: everything")
    is_dry_run = models.BooleanField(default=False)
    looked_at = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    repaired = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list, help_text="class, subject, what, amount, repaired")
    origin = models.CharField(max_length=10)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"

    @property
    def left(self) -> int:
        """How many differences are for people to look at."""
        return self.found - self.repaired


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
    callback_url = models.CharField(max_length=200, blank=True)
    settles_at = models.DateTimeField(null=True, blank=True, help_text="a slow charge: processing until then")
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
