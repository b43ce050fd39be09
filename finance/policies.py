"""Pure rules of money: moves of payments and refunds, card checks."""

import re
from datetime import date

from finance.enums import PaymentStatus, RefundStatus

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
OPEN_PAYMENTS = (P.CREATED, P.PROCESSING, P.CHALLENGE)
OVER_PAYMENTS = (P.DECLINED, P.ABANDONED, P.LATE)


def card_problems(*, number: str, expiry: str, code: str, today: date) -> dict[str, str]:
    """Return sentences by field for badly formed card details; {} when they may be sent to the gateway."""
    problems: dict[str, str] = {}
    digits = re.sub(r"[ -]", "", number)
    if not re.fullmatch(r"[0-9]{12,19}", digits) or not _luhn(digits):
        problems["number"] = "Enter the card number as it stands on the card, 12 to 19 digits."
    match = re.fullmatch(r"(0[1-9]|1[0-2]) ?/ ?(?:20)?([0-9]{2})", expiry.strip())
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
