"""Expected failures of paying."""

from common.errors import DomainError, Kind


class FinanceError(DomainError):
    """The family of this package."""

    code = "finance_error"


class CardInvalid(FinanceError):
    """The card's details are badly formed; `fields` says which."""

    code = "card_invalid"
    sentence = "The card details need another look."


class PaymentDeclined(FinanceError):
    """The gateway refused the charge."""

    code = "payment_declined"
    kind = Kind.CONFLICT
    is_committed = True
    sentence = "Your card was declined: {reason}. Nothing was charged, and your seats are still held; try another card."


class PaymentNotFound(FinanceError):
    """There is no such payment of this actor."""

    code = "payment_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such payment."


class ChallengeRefused(FinanceError):
    """The card holder's check was not passed."""

    code = "challenge_refused"
    sentence = "That code is not right. Enter the code that your bank sent you."


class NothingToPay(FinanceError):
    """The booking is not waiting for money."""

    code = "nothing_to_pay"
    kind = Kind.CONFLICT
    sentence = "Booking {reference} is not waiting for payment."


class InvoiceNotFound(FinanceError):
    """There is no such invoice of this actor."""

    code = "invoice_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such invoice."


class GatewayUnavailable(Exception):
    """The gateway did not answer, or its answer was lost: whether it charged is not known yet."""
