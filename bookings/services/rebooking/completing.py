"""Exchanging a booking's seats for those of its move."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q

from bookings import errors, events, policies, selectors
from bookings.enums import BookingStatus, CancelCause, ClaimStatus, HoldStatus, RebookingStatus, SlipStatus
from bookings.locks import booking_lock, customer_on_launch_lock
from bookings.models import Booking, CancellationQuote, Hold, Passenger, Rebooking, SeatClaim, SlipDecision
from bookings.services.booking import event_values, history_write
from bookings.services.rebooking.reckoning import launches_lock, passengers_live, price_of
from bookings.services.slip_closing import slip_close
from common import outbox
from common.errors import Busy
from common.money import format_money
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User
    from launches.selectors import LaunchBrief


def rebooking_confirm(*, customer: "User", rebooking_id: UUID | str, now: datetime) -> Rebooking:
    """
    Move the booking, when nothing is to be paid on top; a move that is done is returned as it is.

    Raises: RebookingNotFound, RebookingNotPaid, RebookingOver, Busy.
    """
    rebooking = selectors.rebooking_get(customer=customer, rebooking_id=rebooking_id)
    if rebooking.status == RebookingStatus.DONE:
        return rebooking
    difference = rebooking.new_price_amount - rebooking.old_price_amount
    if difference > 0:
        raise errors.RebookingNotPaid(difference=format_money(difference, rebooking.currency))
    if rebooking.status != RebookingStatus.OPEN or rebooking.hold.expires_at <= now:
        raise errors.RebookingOver
    try:
        return rebooking_complete(rebooking_id=rebooking.pk, now=now, actor=customer)
    except errors.SeatsGone as error:
        raise errors.RebookingOver from error


def rebooking_complete(*, rebooking_id: UUID | str, now: datetime, actor: "User | None" = None) -> Rebooking:
    """
    Exchange a booking's seats for those of the move, in one transaction or in the caller's; once only.

    The difference must be settled: finance calls this inside the transaction that records its payment. A payment that
    comes after the seats' time ran out still moves the booking when they are free and all else is as it was.

    Raises: SeatsGone (the caller gives the difference back), Busy.
    """
    glance = Rebooking.objects.select_related("booking__customer", "hold").get(pk=rebooking_id)
    try:
        with transaction.atomic():
            return _exchange(glance, now, actor)
    except IntegrityError as error:
        if "bookings_one_live_claim_per_seat" not in str(error):
            raise
        # The second belt: nobody who takes the locks gets here.
        raise errors.SeatsGone from error
    except OperationalError as error:
        raise Busy from error


def _exchange(glance: Rebooking, now: datetime, actor: "User | None") -> Rebooking:
    customer_on_launch_lock(customer_id=glance.booking.customer_id, launch_id=glance.to_launch_id)
    launches = launches_lock(glance.from_launch_id, glance.to_launch_id)
    old, new = launches[glance.from_launch_id], launches[glance.to_launch_id]
    held = SeatClaim.objects.filter(hold_id=glance.hold_id).order_by("launch_seat__row", "launch_seat__column", "pk")
    seat_ids = list(dict.fromkeys(held.values_list("launch_seat_id", flat=True)))
    seats = {
        seat.pk: seat for seat in launch_services.launch_seats_lock(launch_id=glance.to_launch_id, seat_ids=seat_ids)
    }
    booking = booking_lock(booking_id=glance.booking_id)
    rebooking = Rebooking.objects.select_for_update().get(pk=glance.pk)
    if rebooking.status == RebookingStatus.DONE:
        return rebooking
    passengers = passengers_live(booking)
    if not _is_still_so(rebooking, booking, passengers, len(seat_ids), old, new, now):
        raise errors.SeatsGone
    is_lapsed = glance.hold.expires_at <= now
    taken = selectors.seat_ids_taken(
        launch_id=glance.to_launch_id, now=now, seat_ids=seat_ids, except_hold_id=glance.hold_id
    )
    if taken or (is_lapsed and _is_refused_now(glance, len(seat_ids), any(s.is_blocked for s in seats.values()), now)):
        raise errors.SeatsGone

    slip = _slip_of(rebooking, booking)
    if slip is not None and slip.created_at > rebooking.created_at:
        # Announced while the move was being made: what it costs less comes back as a whole, as if begun after it.
        rebooking.new_price_amount = policies.price_after_move(
            old=rebooking.old_price_amount,
            new=glance.hold.price_amount * len(passengers),
            refund_percent=100,
            refund_max=booking.price_amount - booking.refund_amount,
            currency=rebooking.currency,
        )

    freed = [one.seat_label for one in passengers]
    claims = _claims_exchange(rebooking, passengers, seat_ids, now)
    prices = policies.shares(rebooking.new_price_amount, len(passengers), rebooking.currency)
    for one, seat_id, price in zip(passengers, seat_ids, prices, strict=True):
        one.claim, one.seat_label, one.price_amount = claims[seat_id], seats[seat_id].label, price
    Passenger.objects.bulk_update(passengers, ["claim", "seat_label", "price_amount"])
    _booking_move(booking, rebooking, old, new, is_slip=slip is not None, now=now)
    labels = ", ".join(one.seat_label for one in passengers)
    history_write(
        booking=booking,
        old=booking.status,
        actor=actor,
        now=now,
        reason=f"moved from launch {old.id} ({', '.join(freed)}) to launch {new.id} ({labels})"[:300],
    )
    CancellationQuote.objects.filter(booking=booking, used_at=None, expires_at__gt=now).update(expires_at=now)
    _done(rebooking, now)
    if slip is not None:
        slip.booking = booking
        slip_close(decision=slip, status=SlipStatus.MOVED, supplier_id=new.supplier_id, now=now)
    _tell(booking, rebooking, new.supplier_id, is_slip=slip is not None)
    return rebooking


def _is_still_so(
    rebooking: Rebooking,
    booking: Booking,
    passengers: list[Passenger],
    seats: int,
    old: "LaunchBrief",
    new: "LaunchBrief",
    now: datetime,
) -> bool:
    """Whether everything that the move was reckoned with still holds."""
    return (
        RebookingStatus.DONE in policies.REBOOKING_MOVES[rebooking.status]
        and booking.status == BookingStatus.CONFIRMED
        and (booking.launch_id, booking.leg) == (rebooking.from_launch_id, rebooking.leg)
        and not old.is_off
        and old.departure_at > now
        and new.sells_at(now)
        and len(passengers) == seats
        and price_of(passengers) == rebooking.old_price_amount
        and rebooking.old_price_amount - rebooking.new_price_amount <= booking.price_amount - booking.refund_amount
        and not selectors.age_problems(passengers=passengers, departure_at=new.departure_at, zone=new.time_zone)
    )


def _is_refused_now(glance: Rebooking, seats: int, is_blocked: bool, now: datetime) -> bool:
    """Judge a move whose hold has lapsed like a new one: withdrawn seats and the seat limit count."""
    customer = glance.booking.customer
    has = selectors.seats_of_customer(
        customer_id=customer.pk, launch_id=glance.to_launch_id, now=now, except_hold_id=glance.hold_id
    )
    limit = selectors.seat_limit(customer=customer, launch_id=glance.to_launch_id, moving_booking_id=glance.booking_id)
    return is_blocked or has + seats > limit


def _claims_exchange(
    rebooking: Rebooking, passengers: list[Passenger], seat_ids: list[int], now: datetime
) -> dict[int, SeatClaim]:
    """Release the old claims and make the held ones sold; those that lapsed get successors. Returns them by seat."""
    Hold.objects.select_for_update().get(pk=rebooking.hold_id)
    old_ids = [one.claim_id for one in passengers]
    lapsed = Q(launch_seat_id__in=seat_ids, status=ClaimStatus.HELD, held_until__lte=now)
    mine = Q(hold_id=rebooking.hold_id)
    rows = SeatClaim.objects.select_for_update(of=("self",)).filter(mine | lapsed | Q(pk__in=old_ids)).order_by("pk")
    found = list(rows)
    SeatClaim.objects.filter(lapsed).exclude(mine).update(status=ClaimStatus.RELEASED)
    SeatClaim.objects.filter(pk__in=old_ids).update(status=ClaimStatus.RELEASED)
    sold: dict[int, SeatClaim] = {}
    for claim in found:
        if claim.hold_id == rebooking.hold_id and claim.status == ClaimStatus.HELD:
            claim.status = ClaimStatus.SOLD
            claim.save(update_fields=["status"])
            sold[claim.launch_seat_id] = claim
    for seat_id in seat_ids:
        if seat_id not in sold:
            sold[seat_id] = SeatClaim.objects.create(
                launch_id=rebooking.to_launch_id,
                launch_seat_id=seat_id,
                customer_id=found[0].customer_id,
                hold_id=rebooking.hold_id,
                status=ClaimStatus.SOLD,
                held_until=now,
                created_at=now,
            )
    return sold


def _slip_of(rebooking: Rebooking, booking: Booking) -> SlipDecision | None:
    """Return the question that the move answers: one that is open, or lapsed while the move was under way."""
    asked = Q(status=SlipStatus.LAPSED, created_at__lte=rebooking.created_at, deadline_at__gt=rebooking.created_at)
    rows = SlipDecision.objects.select_for_update().filter(
        Q(status=SlipStatus.OPEN) | asked, booking=booking, launch_id=rebooking.from_launch_id
    )
    return rows.order_by("-event_id").first()


def _booking_move(
    booking: Booking, rebooking: Rebooking, old: "LaunchBrief", new: "LaunchBrief", *, is_slip: bool, now: datetime
) -> None:
    if not is_slip:
        tiers = policies.tiers_after_move(
            policies.tiers_from(booking.policy_tiers),
            departure_at=old.departure_at,
            zone=old.time_zone,
            is_slip=False,
            now=now,
        )
        booking.policy_tiers = policies.tiers_plain(tiers)
    booking.launch_id = new.id
    booking.leg += 1
    booking.price_amount += rebooking.new_price_amount - rebooking.old_price_amount
    # A trip's version is the booking's plus its launch's: what the new launch has less is made up for here.
    booking.version += 1 + max(old.version - new.version, 0)
    booking.save(update_fields=["launch", "leg", "price_amount", "policy_tiers", "version"])


def _done(rebooking: Rebooking, now: datetime) -> None:
    Hold.objects.filter(pk=rebooking.hold_id).update(status=HoldStatus.SOLD)
    rebooking.status = RebookingStatus.DONE
    rebooking.done_at = now
    rebooking.save(update_fields=["status", "done_at", "new_price_amount"])


def _tell(booking: Booking, rebooking: Rebooking, supplier_id: int, *, is_slip: bool) -> None:
    outbox.publish(
        events.BookingMoved(
            **event_values(booking, supplier_id),
            rebooking_id=str(rebooking.pk),
            from_launch_id=rebooking.from_launch_id,
            to_launch_id=rebooking.to_launch_id,
            leg=booking.leg,
            old_price_amount=rebooking.old_price_amount,
            new_price_amount=rebooking.new_price_amount,
            refund_amount=max(rebooking.old_price_amount - rebooking.new_price_amount, Decimal(0)),
            currency=rebooking.currency,
            cause=CancelCause.SUPPLIER if is_slip else CancelCause.CUSTOMER,
        )
    )
