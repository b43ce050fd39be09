"""Stable codes of the package."""

from django.db.models import TextChoices


class HoldStatus(TextChoices):
    """A hold lapses by its instant; `expired` is only written when somebody clears it away."""

    OPEN = "open", "Open"
    USED = "used", "Used by a booking"
    RELEASED = "released", "Given back"
    EXPIRED = "expired", "Expired"


class ClaimStatus(TextChoices):
    """Who has a seat of a launch."""

    HELD = "held", "Held"
    SOLD = "sold", "Sold"
    RELEASED = "released", "Released"


class BookingStatus(TextChoices):
    """Where a booking stands; bookings.policies has the moves."""

    PENDING = "pending", "Waiting for payment"
    CONFIRMED = "confirmed", "Confirmed"
    CANCELLED = "cancelled", "Cancelled"
    COMPLETED = "completed", "Flown"
    EXPIRED = "expired", "Expired"


class CancelCause(TextChoices):
    """Why money goes back; decides who bears it."""

    CUSTOMER = "customer", "Cancelled by the customer"
    SUPPLIER = "supplier", "Cancelled by the supplier"
    PLATFORM = "platform", "Cancelled by Astro Bookings"
    GOODWILL = "goodwill", "Goodwill"


LIVE_CLAIMS = (ClaimStatus.HELD, ClaimStatus.SOLD)
