"""Expected failures of paying."""

from common.errors import Busy, DomainError, Kind


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


class PaymentNotAbandonable(FinanceError):
    """Its outcome is being found out; only then another card may be used."""

    code = "payment_not_abandonable"
    kind = Kind.CONFLICT
    sentence = "Your payment is being checked and cannot be given up now. We tell you how it went in a minute or two."


class PaymentUnrecorded(Busy):
    """The gateway was asked, and a lock was lost before what it said was written down: a job does that."""

    code = "payment_unrecorded"
    sentence = (
        "We are busy right now, and your bank has been asked already. What it said is recorded by itself within a "
        "minute or two, and nothing is charged twice. Please look again in a moment."
    )


class GatewaySilent(FinanceError):
    """The gateway did not answer what we cannot do without it."""

    code = "gateway_silent"
    kind = Kind.BUSY
    sentence = "The payment gateway does not answer. Nothing was changed; please try again in a moment."


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


class RefundNotFound(FinanceError):
    """There is no such refund."""

    code = "refund_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such refund."


class RefundRefused(FinanceError):
    """The gateway will not pay this back."""

    code = "refund_refused"
    kind = Kind.CONFLICT


class RefundSettled(FinanceError):
    """It is paid back already."""

    code = "refund_settled"
    kind = Kind.CONFLICT
    sentence = "This refund is paid already. Nothing was changed."


class RefundUnderWay(FinanceError):
    """The gateway may have paid it: nobody may pay it a second time by hand."""

    code = "refund_under_way"
    kind = Kind.CONFLICT
    sentence = "The gateway is still at this refund. Pay it by hand only when it has failed."


class RefundTooHigh(FinanceError):
    """More than what is left of the booking's payments."""

    code = "refund_too_high"
    sentence = "At most {left} can go back: that is what is left of the booking's payments."


class CallbackForged(FinanceError):
    """The message does not come from the gateway, or is an old one sent again by somebody else."""

    code = "callback_forged"
    sentence = "This message is not signed by the payment gateway."


class MoneyReconciliationRunning(FinanceError):
    """Only one run at a time."""

    code = "money_reconciliation_running"
    kind = Kind.CONFLICT
    sentence = "A reconciliation of money is still running. Wait for its end, then start another."


class MoneyReconciliationNotFound(FinanceError):
    """There is no such run."""

    code = "money_reconciliation_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such reconciliation of money."


class ChargeDiffers(Exception):
    """The gateway charged another amount than our row says: people must look, nothing is booked on it."""


class StatementNotFound(FinanceError):
    """There is no such statement of this actor."""

    code = "statement_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such statement."


class MoneyRoleForbids(FinanceError):
    """The actor's role does not work with money."""

    code = "money_role_forbids"
    kind = Kind.FORBIDDEN
    sentence = "Your role does not open this. Owners and finance members of a supplier see its money."


class ReceiptRefused(FinanceError):
    """A payment of an invoice cannot be recorded; `fields` or the sentence says why."""

    code = "receipt_refused"
    sentence = "This payment cannot be recorded."


class ReceiptOvertaken(FinanceError):
    """A payment was recorded since the actor looked."""

    code = "receipt_overtaken"
    kind = Kind.CONFLICT
    sentence = (
        "A payment was recorded meanwhile, so nothing was recorded now. Look at what is open and record the rest."
    )


class InvoiceClosed(FinanceError):
    """An invoice takes no payment any more."""

    code = "invoice_closed"
    kind = Kind.CONFLICT
    sentence = "Invoice {invoice} takes no payment: {why}."


class PayoutRefused(FinanceError):
    """A statement cannot be paid out."""

    code = "payout_refused"
    kind = Kind.CONFLICT
    sentence = "This statement cannot be paid out: {why}."


class GatewayUnavailable(Exception):
    """The gateway did not answer, or its answer was lost: whether it charged is not known yet."""


class PaymentUnderWay(FinanceError):
    """The seats cannot be given back while money for them may be on its way."""

    code = "payment_under_way"
    kind = Kind.CONFLICT
    sentence = (
        "A payment for booking {reference} is under way, so its seats are not given back now. Finish or give up the "
        "payment first."
    )
