"""Staff screens: money, read-only; it moves through the services alone."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.admin import TabularInline

from common.admin import NoChanges, ReadOnlyAdmin, shown_as_json
from common.money import format_money
from finance.models import (
    DaySum,
    GatewayCallback,
    Invoice,
    InvoicePayment,
    InvoiceSeries,
    LedgerEntry,
    LedgerMovement,
    MoneyReconciliationRun,
    Payment,
    Refund,
    SandboxCharge,
    SandboxRefund,
    SupplierStatement,
)


class RefundInline(NoChanges, TabularInline):
    """What went back from a payment."""

    model = Refund
    fields = ("amount", "currency", "cause", "status", "attempts", "latest_error", "created_at", "settled_at")
    ordering = ("created_at", "id")
    extra = 0


class _Amount(ReadOnlyAdmin):
    """A table with an amount and its currency."""

    readonly_fields: tuple[str, ...] = ("sum",)
    exclude: tuple[str, ...] = ("amount", "currency")

    @admin.display(description="amount", ordering="amount")
    def sum(self, row: Any) -> str:
        """Show the amount with its currency."""
        return format_money(row.amount, row.currency)


@admin.register(Payment)
class PaymentAdmin(_Amount):
    """Attempts to collect a booking's price."""

    list_display = ("id", "booking", "sum", "status", "gateway", "card_last4", "created_at", "settled_at")
    list_filter = ("status", "gateway", "currency", "created_at")
    list_select_related = ("booking",)
    search_fields = ("=id", "=booking__reference", "=gateway_reference")
    ordering = ("-created_at", "-id")
    inlines = (RefundInline,)


@admin.register(Refund)
class RefundAdmin(_Amount):
    """Money going back."""

    list_display = ("id", "booking", "sum", "cause", "status", "attempts", "created_at", "settled_at")
    list_filter = ("status", "cause", "currency", "created_at")
    list_select_related = ("booking",)
    search_fields = ("=id", "=booking__reference", "=gateway_reference", "dedupe_key")
    ordering = ("-created_at", "-id")


class InvoicePaymentInline(NoChanges, TabularInline):
    """What employees saw coming in."""

    model = InvoicePayment
    fields = ("amount", "received_on", "note", "recorded_by", "recorded_at")
    ordering = ("received_on", "id")
    extra = 0


@admin.register(Invoice)
class InvoiceAdmin(_Amount):
    """Invoices and credit notes."""

    list_display = ("code", "kind", "booking", "customer", "supplier", "sum", "status", "issued_on", "due_on")
    list_filter = ("kind", "status", "year", "currency")
    list_select_related = ("booking", "customer", "supplier")
    search_fields = ("=number", "=booking__reference", "customer__email", "supplier__trade_name")
    ordering = ("-issued_on", "-id")
    exclude = ("lines", "amount", "currency")
    readonly_fields = ("sum", "lines_shown")
    inlines = (InvoicePaymentInline,)

    @admin.display(description="lines")
    def lines_shown(self, invoice: Invoice) -> SafeString:
        """Show the lines."""
        return shown_as_json(invoice.lines)


@admin.register(SupplierStatement)
class SupplierStatementAdmin(ReadOnlyAdmin):
    """What launches brought their suppliers."""

    list_display = ("launch", "supplier", "net", "fee", "payout", "issued_at", "paid_out_at")
    list_filter = ("currency", "issued_at", "paid_out_at")
    list_select_related = ("launch", "supplier", "invoice")
    search_fields = ("launch__mission_name", "supplier__trade_name")
    ordering = ("-issued_at", "-id")
    exclude = ("lines",)
    readonly_fields = ("lines_shown",)

    @admin.display(description="net")
    def net(self, statement: SupplierStatement) -> str:
        """Show what was collected less what was refunded."""
        return format_money(statement.net_amount, statement.currency)

    @admin.display(description="fee", ordering="fee_amount")
    def fee(self, statement: SupplierStatement) -> str:
        """Show the fee."""
        return format_money(statement.fee_amount, statement.currency)

    @admin.display(description="payout", ordering="payout_amount")
    def payout(self, statement: SupplierStatement) -> str:
        """Show the payout."""
        return format_money(statement.payout_amount, statement.currency)

    @admin.display(description="lines")
    def lines_shown(self, statement: SupplierStatement) -> SafeString:
        """Show the lines."""
        return shown_as_json(statement.lines)


@admin.register(InvoiceSeries)
class InvoiceSeriesAdmin(ReadOnlyAdmin):
    """The latest number of each series and year."""

    list_display = ("series", "year", "latest_number")
    ordering = ("-year", "series")


@admin.register(InvoicePayment)
class InvoicePaymentAdmin(ReadOnlyAdmin):
    """Money that employees saw coming in for invoices."""

    list_display = ("invoice", "amount", "received_on", "recorded_by", "recorded_at", "note")
    list_filter = ("received_on",)
    list_select_related = ("invoice", "recorded_by")
    search_fields = ("=invoice__number", "note")
    ordering = ("-id",)


class LedgerEntryInline(NoChanges, TabularInline):
    """The sides of a movement."""

    model = LedgerEntry
    fields = ("account", "amount", "currency", "supplier", "launch")
    ordering = ("id",)
    extra = 0


@admin.register(LedgerMovement)
class LedgerMovementAdmin(ReadOnlyAdmin):
    """Every movement of money; the database refuses any change."""

    list_display = ("source", "kind", "currency", "booking", "occurred_at", "note")
    list_filter = ("kind", "currency", "occurred_at")
    list_select_related = ("booking",)
    search_fields = ("=source", "=booking__reference")
    ordering = ("-id",)
    inlines = (LedgerEntryInline,)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """The sides of all movements."""

    list_display = ("movement", "account", "amount", "currency", "supplier", "launch")
    list_filter = ("account", "currency")
    list_select_related = ("movement", "supplier", "launch")
    search_fields = ("=movement__source",)
    ordering = ("-id",)


@admin.register(DaySum)
class DaySumAdmin(ReadOnlyAdmin):
    """Days whose sums finance has been told."""

    list_display = ("day", "told_at")
    ordering = ("-day",)


@admin.register(MoneyReconciliationRun)
class MoneyReconciliationRunAdmin(ReadOnlyAdmin):
    """Runs of `reconcile_money`."""

    list_display = ("started_at", "finished_at", "day", "is_dry_run", "looked_at", "found", "repaired", "origin")
    list_filter = ("is_dry_run", "origin")
    ordering = ("-id",)
    exclude = ("findings",)
    readonly_fields = ("findings_shown",)

    @admin.display(description="findings")
    def findings_shown(self, run: MoneyReconciliationRun) -> SafeString:
        """Show the findings."""
        return shown_as_json(run.findings)


@admin.register(GatewayCallback)
class GatewayCallbackAdmin(ReadOnlyAdmin):
    """Messages of payment gateways."""

    list_display = ("callback_id", "gateway", "kind", "reference", "times", "received_at", "handled_at")
    list_filter = ("gateway", "received_at")
    search_fields = ("=callback_id", "=reference")
    ordering = ("-id",)


@admin.register(SandboxCharge)
class SandboxChargeAdmin(_Amount):
    """The sandbox gateway's own books: charges."""

    list_display = ("reference", "sum", "outcome", "card_last4", "created_at")
    list_filter = ("outcome",)
    search_fields = ("=reference", "=key")
    ordering = ("-id",)


@admin.register(SandboxRefund)
class SandboxRefundAdmin(ReadOnlyAdmin):
    """The sandbox gateway's own books: refunds."""

    list_display = ("reference", "charge", "amount", "created_at")
    list_select_related = ("charge",)
    search_fields = ("=reference", "=key", "=charge__reference")
    ordering = ("-id",)
