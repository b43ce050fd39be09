"""What finance does when something happened to a booking."""

from decimal import Decimal

from django.utils import timezone

from common import outbox
from common.outbox import Delivered
from finance.services import credit_note_issue, invoice_issue, refund_send
from finance.services.refunds import refund_for_cancellation


def invoice_for_confirmed(event: Delivered) -> None:
    """Issue the customer's invoice."""
    invoice_issue(booking_id=event.payload["booking_id"], event_id=event.id, today=timezone.now().date())


def money_back_for_cancelled(event: Delivered) -> None:
    """Owe the promised refund and issue the credit note; once an event."""
    amount = Decimal(event.payload["refund_amount"])
    booking_id = event.payload["booking_id"]
    now = timezone.now()
    refund_for_cancellation(
        booking_id=booking_id, amount=amount, cause=event.payload["cause"], event_id=event.id, now=now
    )
    credit_note_issue(
        booking_id=booking_id,
        event_id=event.id,
        amount=amount,
        reason=event.payload["reason"] or "cancelled",
        today=now.date(),
    )


def refund_send_requested(event: Delivered) -> None:
    """Send a refund at once; if the gateway refuses or is away, the job tries again later."""
    refund_send(refund_id=event.payload["refund_id"], now=timezone.now())


def register() -> None:
    """Tell the outbox who hears what."""
    outbox.register(consumer="finance", event="bookings.booking.confirmed", handler=invoice_for_confirmed)
    outbox.register(consumer="finance", event="bookings.booking.cancelled", handler=money_back_for_cancelled)
    outbox.register(consumer="finance", event="finance.refund.requested", handler=refund_send_requested)
