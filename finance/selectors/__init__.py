"""Reads of money; each starts from the actor."""

from finance.selectors.invoices import invoice_get, invoices_of_booking, invoices_of_customer
from finance.selectors.ledger import (
    Balance,
    LedgerLine,
    balance,
    balances,
    launch_balance,
    ledger_of_booking,
    ledger_of_launch,
)
from finance.selectors.payments import (
    money_of_booking,
    payment_get,
    payment_of_booking,
    payment_of_rebooking,
    payment_open_count,
    payments_in_check,
    refund_get,
    refunds_failing,
    refunds_failing_count,
    refunds_of_booking,
    sandbox_cards,
)

__all__ = [
    "Balance",
    "LedgerLine",
    "balance",
    "balances",
    "invoice_get",
    "invoices_of_booking",
    "invoices_of_customer",
    "launch_balance",
    "ledger_of_booking",
    "ledger_of_launch",
    "money_of_booking",
    "payment_get",
    "payment_of_booking",
    "payment_of_rebooking",
    "payment_open_count",
    "payments_in_check",
    "refund_get",
    "refunds_failing",
    "refunds_failing_count",
    "refunds_of_booking",
    "sandbox_cards",
]
