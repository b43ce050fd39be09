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
