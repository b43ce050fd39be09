"""Money back without a cancellation: the booking and its seats stay."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from bookings import errors, events
from bookings.locks import booking_lock
from bookings.models import Booking
from bookings.services.booking import event_values, history_write
from common import outbox
from common.money import format_money
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from accounts.models import User


def goodwill_grant(*, booking_id: int, actor: "User", amount: Decimal, reason: str, now: datetime) -> Booking:
    """
    Write down that money goes back as goodwill; part of finance's transaction, which makes the refunds.

    Raises: RuntimeError outside a transaction, BookingNotFound, GoodwillTooHigh.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("goodwill_grant belongs to the transaction that makes the refunds.")
    booking = booking_lock(booking_id=booking_id)
    left = booking.price_amount - booking.refund_amount
    if booking.confirmed_at is None or amount > left:
        raise errors.GoodwillTooHigh(
            left=format_money(left if booking.confirmed_at else Decimal(0), booking.price_currency)
        )
    before, booking.refund_amount = booking.refund_amount, booking.refund_amount + amount
    booking.version += 1
    booking.save(update_fields=["refund_amount", "version"])
    history_write(booking=booking, old=booking.status, actor=actor, now=now, reason=f"goodwill: {reason}"[:300])
    supplier_id = launch_selectors.launch_brief(launch_id=booking.launch_id).supplier_id
    outbox.publish(
        events.GoodwillGranted(
            **event_values(booking, supplier_id),
            refund_amount=amount,
            refund_currency=booking.price_currency,
            reason=reason,
            changes={"refund_amount": {"before": before, "after": booking.refund_amount}},
        ),
        actor_id=actor.pk,
    )
    return booking
