"""Stable codes of the package."""

from django.db.models import TextChoices


class HoldStatus(TextChoices):
    """A hold lapses by its instant; `expired` is only written when somebody clears it away."""

    OPEN = "open", "Open"
    USED = "used", "Used by a booking that is being paid"
    SOLD = "sold", "Sold"
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


class HoldPurpose(TextChoices):
    """What the held seats are for."""

    SALE = "sale", "To be bought"
    REBOOKING = "rebooking", "To move a booking to"
    OFFER = "offer", "Offered to the waiting list"


class RebookingStatus(TextChoices):
    """Where the move of a booking to another launch stands; bookings.policies has the moves."""

    OPEN = "open", "Waiting for the customer"
    DONE = "done", "Moved"
    EXPIRED = "expired", "Not done in time"
    GIVEN_UP = "given_up", "Given up"


class SlipStatus(TextChoices):
    """What a customer decided about a slip; bookings.policies has the moves."""

    OPEN = "open", "Waiting for the customer"
    KEPT = "kept", "Kept"
    MOVED = "moved", "Moved to another launch"
    REFUNDED = "refunded", "Left with a full refund"
    LAPSED = "lapsed", "Kept: nothing was answered in time"
    OVERTAKEN = "overtaken", "Overtaken by another change"


class WaitingStatus(TextChoices):
    """Where an entry of a waiting list stands; bookings.policies has the moves."""

    WAITING = "waiting", "Waiting"
    OFFERED = "offered", "Seats are offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    LAPSED = "lapsed", "Not answered in time"
    LEFT = "left", "Left the list"
    CLOSED = "closed", "The launch sells no seats any more"


LIVE_CLAIMS = (ClaimStatus.HELD, ClaimStatus.SOLD)
UNPAID_HOLDS = (HoldStatus.OPEN, HoldStatus.USED)
WAITING = (WaitingStatus.WAITING, WaitingStatus.OFFERED)
