"""What finance does when something happened to a booking."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction

from common import clock, outbox_consumers
from common.outbox_consumers import Delivered
from finance.services import credit_note_issue, invoice_issue, launch_settle, refund_send
from finance.services.invoices import Leg, invoices_for_moved
from finance.services.ledger import transfer_post
from finance.services.refunds import refund_allocate, refund_for_cancellation


def invoice_for_confirmed(event: Delivered) -> None:
    """Issue the invoice of what was paid for, even if the booking has moved on since."""
    leg = Leg(number=1, launch_id=event.payload["launch_id"], amount=Decimal(event.payload["price_amount"]))
    invoice_issue(booking_id=event.payload["booking_id"], event_id=event.id, today=clock.now().date(), leg=leg)


def invoices_for_moved_booking(event: Delivered) -> None:
    """Credit the old launch's seats and bill the new one's."""
    given = event.payload
    invoices_for_moved(
        booking_id=given["booking_id"],
        event_id=event.id,
        leg=Leg(number=given["leg"], launch_id=given["to_launch_id"], amount=Decimal(given["new_price_amount"])),
        old_price_amount=Decimal(given["old_price_amount"]),
        today=clock.now().date(),
    )


def money_follows_moved_booking(event: Delivered) -> None:
    """Book that what was paid for the old launch is owed for the new one."""
    given = event.payload
    with transaction.atomic():
        transfer_post(
            rebooking_id=given["rebooking_id"],
            booking_id=given["booking_id"],
            from_launch_id=given["from_launch_id"],
            to_launch_id=given["to_launch_id"],
            amount=Decimal(given["old_price_amount"]),
            currency=given["currency"],
            now=event.occurred_at,
        )


def money_back_for_moved(event: Delivered) -> None:
    """Owe what a cheaper launch gives back; once a move."""
    given = event.payload
    amount = Decimal(given["refund_amount"])
    if amount > 0:
        with transaction.atomic():
            refund_allocate(
                booking_id=given["booking_id"],
                amount=amount,
                cause=given["cause"],
                source=f"rebooking:{UUID(given['rebooking_id']).hex}",  # short: the key of each part names its payment
                now=clock.now(),
                launch_id=given["to_launch_id"],
            )


def credit_for_goodwill(event: Delivered) -> None:
    """Issue the credit note of goodwill; its refund is made already."""
    credit_note_issue(
        booking_id=event.payload["booking_id"],
        event_id=event.id,
        amount=Decimal(event.payload["refund_amount"]),
        reason=f"goodwill, {event.payload['reason']}",
        today=clock.now().date(),
    )


def launch_over(event: Delivered) -> None:
    """Settle a launch with its supplier; where bookings or refunds are still on their way, the job does it later."""
    launch_settle(launch_id=event.payload["launch_id"], now=clock.now())


def money_back_for_cancelled(event: Delivered) -> None:
    """Owe the promised refund and issue the credit note; once an event."""
    amount = Decimal(event.payload["refund_amount"])
    booking_id = event.payload["booking_id"]
    now = clock.now()
    refund_for_cancellation(
        booking_id=booking_id,
        amount=amount,
        cause=event.payload["cause"],
        event_id=event.id,
        now=now,
        launch_id=event.payload["launch_id"],
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
    refund_send(refund_id=event.payload["refund_id"], now=clock.now())


def register() -> None:
    """Tell the outbox who hears what."""
    outbox_consumers.register(consumer="finance", event="bookings.booking.confirmed", handler=invoice_for_confirmed)
    outbox_consumers.register(consumer="finance", event="bookings.booking.moved", handler=invoices_for_moved_booking)
    outbox_consumers.register(consumer="finance", event="bookings.booking.moved", handler=money_follows_moved_booking)
    outbox_consumers.register(consumer="finance", event="bookings.booking.moved", handler=money_back_for_moved)
    outbox_consumers.register(
        consumer="finance", event="bookings.booking.goodwill_granted", handler=credit_for_goodwill
    )
    for name in ("launched", "failed", "aborted"):
        outbox_consumers.register(consumer="finance", event=f"launches.launch.{name}", handler=launch_over)
    outbox_consumers.register(consumer="finance", event="bookings.booking.cancelled", handler=money_back_for_cancelled)
    outbox_consumers.register(consumer="finance", event="finance.refund.requested", handler=refund_send_requested)
