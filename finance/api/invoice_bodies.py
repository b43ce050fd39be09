"""What the doors of invoices and statements take in and give out."""

from typing import Any

from rest_framework import serializers

from common.money import round_money
from finance.enums import InvoiceKind, InvoiceStatus
from finance.models import Invoice, SupplierStatement


class Plain(serializers.Serializer[Any]):
    """A serializer that only describes; the dictionaries below are built by functions."""


class LineOutput(Plain):
    text = serializers.CharField()
    detail = serializers.CharField(required=False)
    amount = serializers.CharField()


class InvoiceOutput(Plain):
    id = serializers.IntegerField()
    number = serializers.CharField(help_text="such as C-2026-000042; without gaps in its series and year")
    kind = serializers.CharField(help_text="customer, credit_note or supplier")
    status = serializers.CharField(help_text="pending, partially_paid, paid, overdue or cancelled")
    amount = serializers.CharField(help_text="tax contained")
    net_amount = serializers.CharField()
    tax_percent = serializers.CharField()
    tax_amount = serializers.CharField()
    paid_amount = serializers.CharField()
    currency = serializers.CharField()
    issued_on = serializers.DateField()
    due_on = serializers.DateField()
    reference = serializers.CharField(help_text="of the booking; '' on suppliers' invoices")
    launch_id = serializers.IntegerField()
    supplier = serializers.CharField()
    corrects = serializers.CharField(help_text="number of the invoice that a credit note lowers, else ''")
    lines = LineOutput(many=True)


class InvoiceListOutput(Plain):
    results = InvoiceOutput(many=True)
    next_cursor = serializers.CharField(help_text="'' on the last page")


class InvoiceFilterInput(Plain):
    text = serializers.CharField(max_length=200, required=False, help_text="number, reference, mail, supplier, mission")
    kind = serializers.ChoiceField(choices=InvoiceKind.choices, required=False)
    status = serializers.ChoiceField(choices=InvoiceStatus.choices, required=False)
    year = serializers.IntegerField(min_value=2000, max_value=9999, required=False)


class ReceiptInput(Plain):
    amount = serializers.DecimalField(max_digits=14, decimal_places=3, help_text="in the invoice's currency")
    received_on = serializers.DateField()
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class StatementLineOutput(Plain):
    kind = serializers.CharField(help_text="booking, fee or carried")
    reference = serializers.CharField(required=False)
    text = serializers.CharField()
    collected = serializers.CharField(required=False)
    refunded = serializers.CharField(required=False)
    net = serializers.CharField(help_text="all lines' net amounts sum up to the payout")


class StatementOutput(Plain):
    id = serializers.IntegerField()
    launch_id = serializers.IntegerField()
    mission_name = serializers.CharField()
    supplier = serializers.CharField()
    invoice = serializers.CharField(help_text="number of the fee's invoice; '' when there is no fee")
    currency = serializers.CharField()
    collected_amount = serializers.CharField()
    refunded_amount = serializers.CharField()
    fee_amount = serializers.CharField()
    carried_amount = serializers.CharField(help_text="from earlier launches, signed")
    payout_amount = serializers.CharField(help_text="negative: carried into the next statement")
    issued_at = serializers.DateTimeField()
    paid_out_at = serializers.DateTimeField(allow_null=True)
    lines = StatementLineOutput(many=True)


class StatementListOutput(Plain):
    results = StatementOutput(many=True)
    next_cursor = serializers.CharField(help_text="'' on the last page")


class StatementFilterInput(Plain):
    is_open = serializers.BooleanField(required=False, default=False, help_text="only those that are not paid out")


def invoice_body(invoice: Invoice) -> dict[str, Any]:
    """Say an invoice."""
    amounts = {
        name: str(round_money(getattr(invoice, name), invoice.currency))
        for name in ("amount", "net_amount", "tax_amount", "paid_amount")
    }
    return {
        **amounts,
        "id": invoice.pk,
        "number": invoice.code,
        "kind": invoice.kind,
        "status": invoice.status,
        "tax_percent": str(invoice.tax_percent),
        "currency": invoice.currency,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "reference": invoice.booking.reference if invoice.booking else "",
        "launch_id": invoice.launch_id,
        "supplier": invoice.supplier.trade_name,
        "corrects": invoice.corrects.code if invoice.corrects else "",
        "lines": [{name: line.get(name, "") for name in ("text", "detail", "amount")} for line in invoice.lines],
    }


_STATEMENT_AMOUNTS = ("collected_amount", "refunded_amount", "fee_amount", "carried_amount", "payout_amount")


def statement_body(statement: SupplierStatement) -> dict[str, Any]:
    """Say a statement."""
    return {
        **{name: str(round_money(getattr(statement, name), statement.currency)) for name in _STATEMENT_AMOUNTS},
        "id": statement.pk,
        "launch_id": statement.launch_id,
        "mission_name": statement.launch.mission_name,
        "supplier": statement.supplier.trade_name,
        "invoice": statement.invoice.code if statement.invoice else "",
        "currency": statement.currency,
        "issued_at": statement.issued_at,
        "paid_out_at": statement.paid_out_at,
        "lines": statement.lines,
    }
