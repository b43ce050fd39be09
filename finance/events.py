"""What happens to money. Amounts are decimal texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class MoneyEvent:
    """Common to all: for which booking, how much."""

    booking_id: int
    customer_id: int
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class PaymentSucceeded(MoneyEvent):
    """Money came in."""

    name: ClassVar[str] = "finance.payment.succeeded"
    payment_id: str


@dataclass(frozen=True, kw_only=True)
class PaymentReturned(MoneyEvent):
    """Money came in that can end in no seats (any more): all of it goes back without anybody asking."""

    name: ClassVar[str] = "finance.payment.returned"
    payment_id: str
    is_rebooking: bool


@dataclass(frozen=True, kw_only=True)
class PaymentDeclined(MoneyEvent):
    """The card was refused; the customer may try another while the hold lasts."""

    name: ClassVar[str] = "finance.payment.declined"
    payment_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RefundRequested(MoneyEvent):
    """Money is owed back; a job sends it."""

    name: ClassVar[str] = "finance.refund.requested"
    refund_id: str
    cause: str


@dataclass(frozen=True, kw_only=True)
class RefundSucceeded(MoneyEvent):
    """
    Money went back.

    changes: {"status": {"before": ..., "after": ...}}. reason: how an employee paid it, '' when the gateway did.
    """

    name: ClassVar[str] = "finance.refund.succeeded"
    refund_id: str
    changes: Mapping[str, Mapping[str, Any]]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundFailed(MoneyEvent):
    """The gateway refused it; finance looks at it."""

    name: ClassVar[str] = "finance.refund.failed"
    refund_id: str
    error: str


@dataclass(frozen=True, kw_only=True)
class RefundRetried(MoneyEvent):
    """An employee had a failing refund tried again; `changes` as with RefundSucceeded."""

    name: ClassVar[str] = "finance.refund.retried"
    refund_id: str
    changes: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class InvoiceIssued(MoneyEvent):
    """A customer invoice or a credit note was issued."""

    name: ClassVar[str] = "finance.invoice.issued"
    invoice_id: int
    code: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class SupplierInvoiceEvent:
    """Common to all: which invoice to which supplier; `open_amount` is still to be paid."""

    supplier_id: int
    launch_id: int
    invoice_id: int
    code: str
    amount: Decimal
    open_amount: Decimal
    currency: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class SupplierInvoiceIssued(SupplierInvoiceEvent):
    """A launch is over: our fee (kept from its payout, `is_kept`), or what an aborted launch costs."""

    name: ClassVar[str] = "finance.supplier_invoice.issued"
    is_kept: bool


@dataclass(frozen=True, kw_only=True)
class SupplierInvoiceOverdue(SupplierInvoiceEvent):
    """It was due and is not paid; told again every INVOICE_REMINDER_DAYS."""

    name: ClassVar[str] = "finance.supplier_invoice.overdue"


@dataclass(frozen=True, kw_only=True)
class InvoicePaymentRecorded(SupplierInvoiceEvent):
    """An employee saw money for it come in."""

    name: ClassVar[str] = "finance.invoice_payment.recorded"
    received_amount: Decimal
    status: str


@dataclass(frozen=True, kw_only=True)
class StatementEvent:
    """Common to all: which statement, of which launch, to whom; a negative payout is carried into the next one."""

    supplier_id: int
    launch_id: int
    statement_id: int
    payout_amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class StatementIssued(StatementEvent):
    """A launch is over and all its bookings are at rest: what the supplier gets, line by line."""

    name: ClassVar[str] = "finance.statement.issued"


@dataclass(frozen=True, kw_only=True)
class StatementPaidOut(StatementEvent):
    """Its payout left our bank account, or there was nothing to pay."""

    name: ClassVar[str] = "finance.statement.paid_out"


@dataclass(frozen=True, kw_only=True)
class MoneyDifferencesFound:
    """A run of `reconcile_money` that repairs has ended and something had differed; `left` is for people."""

    name: ClassVar[str] = "finance.reconciliation.differences_found"
    run_id: int
    found: int
    repaired: int
    left: int


@dataclass(frozen=True, kw_only=True)
class DayFigure:
    """A sum of a day: `what` is "customer" (invoices), "credit_note" or "declined" (payments)."""

    what: str
    currency: str
    count: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class DaySummedUp:
    """A day (UTC) is over on which customers got invoices or credit notes, or cards were declined."""

    name: ClassVar[str] = "finance.day.summed_up"
    day: date
    figures: tuple[DayFigure, ...]
