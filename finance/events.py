"""What happens to money. Amounts are decimal texts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar


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
    """Money went back."""

    name: ClassVar[str] = "finance.refund.succeeded"
    refund_id: str


@dataclass(frozen=True, kw_only=True)
class RefundFailed(MoneyEvent):
    """The gateway refused it; finance looks at it."""

    name: ClassVar[str] = "finance.refund.failed"
    refund_id: str
    error: str


@dataclass(frozen=True, kw_only=True)
class InvoiceIssued(MoneyEvent):
    """A customer invoice or a credit note was issued."""

    name: ClassVar[str] = "finance.invoice.issued"
    invoice_id: int
    code: str
    kind: str
