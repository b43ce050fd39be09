"""Selling the seats of a booking whose money came in."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from bookings import errors, events, policies, selectors, statements
from bookings.enums import BookingStatus, ClaimStatus, HoldStatus
from bookings.locks import booking_lock, customer_on_launch_lock
from bookings.models import Booking, Hold, SeatClaim
from bookings.services.booking import event_values, history_write
from common import context
from common.postgres.statements import Question, ask
from launches import services as launch_services

if TYPE_CHECKING:
    from launches.selectors import LaunchBrief


@dataclass(frozen=True, kw_only=True)
class Confirming:
    """What `booking_confirm` asks first, for those who have other questions to ask in the same trip."""

    glance: Question[statements.Glance | None]
    launch: Question["LaunchBrief"]

    @classmethod
    def of(cls, *, booking_id: int, launch_id: int) -> "Confirming":
        """Name the questions of a booking, whose launch is known as long as it is pending."""
        glance = statements.booking_glance(booking_id=booking_id)
        return cls(glance=glance, launch=launch_services.launch_sharing(launch_id=launch_id))


def booking_confirm(
    *, booking_id: int, now: datetime, known: "tuple[statements.Glance | None, LaunchBrief] | None" = None
) -> events.BookingConfirmed:
    """
    Sell the seats of a booking whose money came in; part of finance's transaction, under its locks.

    A booking whose hold lapsed gets its seats if they are still free and within the customer's limit.

    Args:
        known: the answers to `Confirming`, in this transaction.
    Returns: the event that tells of it, for the caller to publish with its own.
    Raises: SeatsGone, before anything is written (the caller refunds), BookingNotFound, Busy.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("booking_confirm belongs to the transaction that records the payment.")
    glance, launch = known or (ask(statements.booking_glance(booking_id=booking_id))[0], None)
    if glance is None:
        raise errors.BookingNotFound
    is_in_time = glance.status == BookingStatus.PENDING and glance.held_until > now
    if not is_in_time:
        return _confirm_late(booking_id, now)
    if launch is None or launch.id != glance.launch_id:
        launch = launch_services.launch_share_lock(launch_id=glance.launch_id)
    if not launch.sells_at(now):
        raise errors.SeatsGone
    sold = statements.booking_sell(booking_id=booking_id, seats=glance.seats, now=now, origin=context.current().origin)
    if sold is None:
        return _confirm_late(booking_id, now)
    return events.BookingConfirmed(
        booking_id=booking_id,
        reference=sold.reference,
        launch_id=glance.launch_id,
        supplier_id=launch.supplier_id,
        customer_id=sold.customer_id,
        price_amount=sold.price_amount,
        price_currency=sold.price_currency,
    )


def _confirm_late(booking_id: int, now: datetime) -> events.BookingConfirmed:
    """Sell what a lapsed hold had kept, if nobody has it: with the locks of a new hold, for it is as good as one."""
    glance = selectors.booking_glance(booking_id=booking_id)
    customer_on_launch_lock(customer_id=glance.customer.pk, launch_id=glance.launch_id)
    launch = launch_services.launch_share_lock(launch_id=glance.launch_id)
    seats = launch_services.launch_seats_lock(launch_id=glance.launch_id, seat_ids=glance.seat_ids)
    booking = booking_lock(booking_id=booking_id)
    if not policies.is_move_allowed(booking.status, BookingStatus.CONFIRMED) or not launch.sells_at(now):
        raise errors.SeatsGone
    taken = selectors.seat_ids_taken(
        launch_id=booking.launch_id, now=now, seat_ids=glance.seat_ids, except_hold_id=booking.hold_id
    )
    is_withdrawn = any(seat.is_blocked for seat in seats)
    if taken or is_withdrawn or _is_over_limit(glance, booking.hold_id, now):
        raise errors.SeatsGone
    _claims_sell(booking, now)
    Hold.objects.filter(pk=booking.hold_id).update(status=HoldStatus.SOLD)
    old = booking.status
    booking.status = BookingStatus.CONFIRMED
    booking.confirmed_at = now
    booking.version += 1
    booking.save(update_fields=["status", "confirmed_at", "version"])
    history_write(booking=booking, old=old, actor=None, now=now)
    return events.BookingConfirmed(
        **event_values(booking, launch.supplier_id),
        price_amount=booking.price_amount,
        price_currency=booking.price_currency,
    )


def _is_over_limit(glance: selectors.BookingGlance, hold_id: UUID, now: datetime) -> bool:
    """Count like a new hold would; what the lapsed hold had does not count any more."""
    has = selectors.seats_of_customer(
        customer_id=glance.customer.pk, launch_id=glance.launch_id, now=now, except_hold_id=hold_id
    )
    return has + len(glance.seat_ids) > selectors.seat_limit(customer=glance.customer, launch_id=glance.launch_id)


def _claims_sell(booking: Booking, now: datetime) -> None:
    """Make the booking's claims sold; claims that were released get successors, for a claim never goes back a stage."""
    seat_ids = [passenger.claim.launch_seat_id for passenger in booking.passengers.select_related("claim")]
    SeatClaim.objects.filter(launch_seat_id__in=seat_ids, status=ClaimStatus.HELD, held_until__lte=now).exclude(
        hold_id=booking.hold_id
    ).update(status=ClaimStatus.RELEASED)
    for passenger in booking.passengers.select_related("claim").order_by("pk"):
        claim = passenger.claim
        if claim.status == ClaimStatus.RELEASED:
            passenger.claim = SeatClaim.objects.create(
                launch_id=claim.launch_id,
                launch_seat_id=claim.launch_seat_id,
                customer_id=claim.customer_id,
                hold_id=claim.hold_id,
                status=ClaimStatus.SOLD,
                held_until=claim.held_until,
                created_at=now,
            )
            passenger.save(update_fields=["claim"])
        else:
            claim.status = ClaimStatus.SOLD
            claim.save(update_fields=["status"])
