"""Pure rules of money: moves of payments and refunds, card checks."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from common.money import round_money
from finance.enums import InvoiceStatus, PaymentStatus, RefundStatus

P = PaymentStatus
PAYMENT_MOVES: dict[str, frozenset[str]] = {
    P.CREATED: frozenset({P.PROCESSING, P.CHALLENGE, P.SUCCEEDED, P.DECLINED, P.ABANDONED}),
    P.PROCESSING: frozenset({P.CHALLENGE, P.SUCCEEDED, P.DECLINED}),
    P.CHALLENGE: frozenset({P.PROCESSING, P.SUCCEEDED, P.DECLINED, P.ABANDONED}),
    P.SUCCEEDED: frozenset(),
    # The gateway may still collect what we had given up; that money goes back.
    P.DECLINED: frozenset({P.LATE}),
    P.ABANDONED: frozenset({P.LATE}),
    P.LATE: frozenset(),
}
REFUND_MOVES: dict[str, frozenset[str]] = {
    RefundStatus.REQUESTED: frozenset({RefundStatus.SUCCEEDED, RefundStatus.FAILED}),
    RefundStatus.FAILED: frozenset({RefundStatus.SUCCEEDED, RefundStatus.REQUESTED}),
    RefundStatus.SUCCEEDED: frozenset(),
}
S = InvoiceStatus
INVOICE_MOVES: dict[str, frozenset[str]] = {
    S.PENDING: frozenset({S.PARTIALLY_PAID, S.PAID, S.OVERDUE, S.CANCELLED}),
    S.PARTIALLY_PAID: frozenset({S.PAID, S.OVERDUE}),
    # A part of an overdue amount leaves the rest overdue.
    S.OVERDUE: frozenset({S.PAID, S.CANCELLED}),
    S.PAID: frozenset(),
    S.CANCELLED: frozenset(),
}
UNPAID_INVOICES = (S.PENDING, S.PARTIALLY_PAID, S.OVERDUE)
OPEN_PAYMENTS = (P.CREATED, P.PROCESSING, P.CHALLENGE)
OVER_PAYMENTS = (P.DECLINED, P.ABANDONED, P.LATE)


def invoice_status(*, status: str, amount: Decimal, paid: Decimal) -> str:
    """Return where an invoice stands once `paid` of `amount` has come in."""
    if paid >= amount:
        return S.PAID
    return S.PARTIALLY_PAID if status == S.PENDING else status


def tax_contained(*, amount: Decimal, percent: Decimal, currency: str) -> Decimal:
    """Return the tax that an amount contains, rounded; what is left is the net amount, so the two always add up."""
    return round_money(amount * percent / (100 + percent), currency)


def credit_tax(*, credited: Decimal, amount: Decimal, percent: Decimal, currency: str) -> Decimal:
    """
    Return the tax of a credit note over `amount`, when notes over `credited` were given before.

    It is the difference of the two sums' taxes, so that notes over a whole invoice contain exactly its tax.
    """
    before = tax_contained(amount=credited, percent=percent, currency=currency)
    return tax_contained(amount=credited + amount, percent=percent, currency=currency) - before


def credit_split(*, amount: Decimal, remaining: Sequence[Decimal]) -> list[Decimal]:
    """Spread a credit over invoices in their order, each up to what remains of it; what is beyond all is left out."""
    shares = []
    for rest in remaining:
        share = min(amount, max(rest, Decimal(0)))
        shares.append(share)
        amount -= share
    return shares


def fee_percent(*, flown_before: int, reliable_after: int, percent: Decimal, reliable_percent: Decimal) -> Decimal:
    """Return our share of a launch's net revenue: a supplier with enough successful launches before pays less."""
    return reliable_percent if flown_before >= reliable_after else percent


def card_problems(*, number: str, expiry: str, code: str, today: date) -> dict[str, str]:
    """Return sentences by field for badly formed card details; {} when they may be sent to the gateway."""
    problems: dict[str, str] = {}
    digits = re.sub(r"[ -]", "", number)
    if not re.fullmatch(r"[0-9]{12,19}", digits) or not _luhn(digits):
        problems["number"] = "Enter the card number as it stands on the card, 12 to 19 digits."
    match = re.fullmatch(r"(0[1-9]|1[0-2]) ?[/-]? ?(?:20)?([0-9]{2})", expiry.strip())
    if not match:
        problems["expiry"] = "Enter the expiry date as month and year, like 08/29."
    elif (2000 + int(match[2]), int(match[1])) < (today.year, today.month):
        problems["expiry"] = "This card has expired. Use another card."
    if not re.fullmatch(r"[0-9]{3,4}", code.strip()):
        problems["code"] = "Enter the 3 or 4 digit security code."
    return problems


def _luhn(digits: str) -> bool:
    total = 0
    for index, character in enumerate(reversed(digits)):
        value = int(character) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
