"""How a question about a slip ends; its own file because moves of bookings end it too."""

from datetime import datetime

from bookings import events, policies
from bookings.enums import SlipStatus
from bookings.models import Booking, SlipDecision
from bookings.services.booking import event_values
from common import outbox


def slip_close(*, decision: SlipDecision, status: str, supplier_id: int, now: datetime) -> None:
    """
    End a question and tell; needs a transaction, the booking's lock, and `decision.booking` at hand.

    Raises: RuntimeError for a move that the table does not have.
    """
    if status not in policies.SLIP_MOVES[decision.status]:
        raise RuntimeError(f"A slip decision does not go from {decision.status} to {status}.")
    decision.status = SlipStatus(status)
    decision.decided_at = now
    decision.save(update_fields=["status", "decided_at"])
    outbox.publish(
        events.SlipClosed(
            **event_values(decision.booking, supplier_id), decision_id=str(decision.pk), outcome=str(decision.status)
        )
    )


def slip_open_overtake(*, booking: Booking, supplier_id: int, now: datetime) -> None:
    """End a booking's open question, if it has one, for something that came after it; as `slip_close`."""
    for earlier in SlipDecision.objects.select_for_update().filter(booking=booking, status=SlipStatus.OPEN):
        earlier.booking = booking
        slip_close(decision=earlier, status=SlipStatus.OVERTAKEN, supplier_id=supplier_id, now=now)
