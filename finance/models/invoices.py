"""Invoices, their numbers and receipts, and the statements of suppliers."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from finance.enums import InvoiceKind, InvoiceStatus
from finance.models.columns import MONEY


def document_code(*, series: str, year: int, number: int) -> str:
    """Write a number as people quote it: "C-2026-000042"."""
    return f"{series}-{year}-{number:06d}"


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
        return document_code(series=self.series, year=self.year, number=self.number)

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
    attempt_id = models.UUIDField(null=True, editable=False, help_text="the keyed request that recorded it")

    class Meta:
        constraints = [
            models.CheckConstraint(name="finance_receipt_is_positive", condition=Q(amount__gt=0)),
            models.UniqueConstraint(fields=["attempt_id"], name="finance_one_receipt_per_attempt"),
        ]

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
