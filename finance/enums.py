"""Stable codes of the package."""

from django.db.models import TextChoices


class PaymentStatus(TextChoices):
    """Where a payment stands; finance.policies has the moves."""

    CREATED = "created", "Created"
    PROCESSING = "processing", "Being checked"
    CHALLENGE = "challenge", "Waiting for the card holder"
    SUCCEEDED = "succeeded", "Succeeded"
    DECLINED = "declined", "Declined"
    LATE = "late", "Came after it was given up, refunded"


class RefundStatus(TextChoices):
    """Where a refund stands."""

    REQUESTED = "requested", "On its way"
    SUCCEEDED = "succeeded", "Paid back"
    FAILED = "failed", "Failed, being looked at"


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
