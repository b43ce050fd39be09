"""Tables of money."""

from finance.models.invoices import DaySum, Invoice, InvoicePayment, InvoiceSeries, SupplierStatement
from finance.models.ledger import LedgerEntry, LedgerMovement, MoneyReconciliationRun
from finance.models.payments import GatewayCallback, Payment, Refund
from finance.models.sandbox import SandboxCharge, SandboxRefund

__all__ = [
    "DaySum",
    "GatewayCallback",
    "Invoice",
    "InvoicePayment",
    "InvoiceSeries",
    "LedgerEntry",
    "LedgerMovement",
    "MoneyReconciliationRun",
    "Payment",
    "Refund",
    "SandboxCharge",
    "SandboxRefund",
    "SupplierStatement",
]
