"""Stable codes of the package."""

from django.db.models import TextChoices


class PaymentStatus(TextChoices):
    """Where a payment stands; finance.policies has the moves."""

    CREATED = "created", "Created"
    PROCESSING = "processing", "Being checked"
    CHALLENGE = "challenge", "Waiting for the card holder"
    SUCCEEDED = "succeeded", "Succeeded"
    DECLINED = "declined", "Declined"
    ABANDONED = "abandoned", "Given up by the customer"
    LATE = "late", "Came after it was given up, refunded"


class RefundStatus(TextChoices):
    """Where a refund stands."""

    REQUESTED = "requested", "On its way"
    SUCCEEDED = "succeeded", "Paid back"
    FAILED = "failed", "Failed, being looked at"


class RefundCause(TextChoices):
    """Why money goes back; decides who bears it."""

    CUSTOMER = "customer", "Cancelled by the customer"
    SUPPLIER = "supplier", "Cancelled by the supplier"
    PLATFORM = "platform", "Astro Bookings' doing"
    GOODWILL = "goodwill", "Goodwill"


class MovementKind(TextChoices):
    """What a movement in the ledger is; docs/ledger.md has the accounts of each."""

    CHARGE = "charge", "Charge"
    REFUND = "refund", "Refund owed"
    REFUND_PAID = "refund_paid", "Refund paid"
    TRANSFER = "transfer", "Moved to another launch"
    FEE = "fee", "Fee"
    PAYOUT = "payout", "Payout"
    RECEIPT = "receipt", "Invoice paid"
    REPAIR = "repair", "Repair"


class Account(TextChoices):
    """Accounts of the ledger; docs/ledger.md says what each means."""

    GATEWAY = "gateway", "Money at the payment gateway"
    CUSTOMERS = "customers", "Owed to customers"
    SUPPLIERS = "suppliers", "Owed to suppliers"
    FEES = "fees", "Fees earned"
    BANK = "bank", "Bank"
    GOODWILL = "goodwill", "Goodwill paid by the platform"


class InvoiceKind(TextChoices):
    """What the document is."""

    CUSTOMER = "customer", "Customer invoice"
    CREDIT_NOTE = "credit_note", "Credit note"
    SUPPLIER = "supplier", "Supplier invoice"


class InvoiceStatus(TextChoices):
    """Whether it is settled."""

    PENDING = "pending", "Pending"
    PARTIALLY_PAID = "partially_paid", "Partially paid"
    PAID = "paid", "Paid"
    OVERDUE = "overdue", "Overdue"
    CANCELLED = "cancelled", "Cancelled"


class MoneyDifference(TextChoices):
    """The classes of differences that `reconcile_money` tells apart; docs/ledger.md says what it does about each."""

    GATEWAY_SILENT = "gateway_silent", "The gateway's books could not be read"
    CALLBACK_LOST = "callback_lost", "Collected at the gateway, not known here"
    CHARGE_ORPHANED = "charge_orphaned", "A charge at the gateway without a payment here"
    PAYMENT_UNKNOWN = "payment_unknown", "A payment here that the gateway never heard of"
    CURRENCY_DIFFERS = "currency_differs", "Another currency at the gateway"
    ROUNDING = "rounding", "A rounding difference at the gateway"
    AMOUNT_DIFFERS = "amount_differs", "Another amount at the gateway"
    REFUND_DOUBLED = "refund_doubled", "A refund at the gateway that nobody owed"
    REFUND_NOT_SENT = "refund_not_sent", "A refund recorded as paid that the gateway never made"
    REFUND_ANSWER_LOST = "refund_answer_lost", "Paid back at the gateway, not known here"
    REFUND_DIFFERS = "refund_differs", "A refund of another amount at the gateway"
    ENTRY_MISSING = "entry_missing", "A movement missing in the ledger"
    ENTRY_DIFFERS = "entry_differs", "A movement of another amount or account in the ledger"
    WRONG_LAUNCH = "wrong_launch", "A movement booked on a wrong launch"
    ENTRY_UNEXPLAINED = "entry_unexplained", "A movement in the ledger without its cause"
    REFUND_NOT_OWED = "refund_not_owed", "A promised refund that was never made"
    BOOKING_REOPENED = "booking_reopened", "A booking in force again after its cancellation"
    PAID_WITHOUT_SEATS = "paid_without_seats", "Money kept for a booking that is not confirmed"
    BALANCE_DIFFERS = "balance_differs", "Money and price of a booking do not agree"
    INVOICE_MISSING = "invoice_missing", "A booking without its invoice"
    CREDIT_NOTE_MISSING = "credit_note_missing", "A refund without its credit note"
    NUMBER_MISSING = "number_missing", "A number missing in a series of invoices"
    INVOICE_DIFFERS = "invoice_differs", "Invoices and price of a booking do not agree"
