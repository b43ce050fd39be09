"""
Moving a booking to another launch of the same supplier and destination.

Two steps, as with a purchase: `rebooking_open` holds the new seats for a quarter of an hour and says what the move
costs or gives back; `rebooking_complete` exchanges the seats in one transaction, when that is confirmed or paid.
Killed anywhere in between, the booking has its old seats; afterwards it has the new ones. See docs/adr/0009.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q

from bookings import errors, events, policies, selectors
from bookings.enums import BookingStatus, CancelCause, ClaimStatus, HoldPurpose, HoldStatus, RebookingStatus, SlipStatus
from bookings.locks import booking_lock, customer_on_launch_lock
from bookings.models import Booking, CancellationQuote, Hold, Passenger, Rebooking, SeatClaim, SlipDecision
from bookings.services.booking import event_values, history_write
from bookings.services.holds import hold_close, seats_hold
from bookings.services.slip_closing import slip_close
from common import outbox
from common.errors import Busy
from common.money import format_money
from launches import selectors as launch_selectors
from launches import services as launch_services
from launches.errors import LaunchNotFound

if TYPE_CHECKING:
    from accounts.models import User
    from launches.selectors import LaunchBrief


def rebooking_open(
    *, customer: "User", reference: str, launch_id: int, now: datetime, seat_ids: Collection[int] = ()
) -> Rebooking:
    """
    Hold seats on another launch for everybody of a booking who is not cancelled, and say what the move costs.

    Of one's own will until `settings.REBOOKING_DAYS` before departure; of what a cheaper launch costs less, the share
    of the cancellation policy at this moment comes back. While a question about a slip is open, until its deadline,
    and all of it. An earlier open move of the booking is given up.

    Args:
        seat_ids: one for each passenger; none means the best free ones.
    Returns: the open move; `new_price_amount - old_price_amount` is to be paid when positive, comes back when negative.
    Raises: BookingNotFound, RebookingRefused, LaunchNotFound, RebookingTargetRefused, PassengersInvalid (ages),
        SeatsUnknown, LaunchNotOpen, SeatLimitReached, SeatsTaken, NotEnoughSeats, Busy.
    """
    booking_id, from_launch_id = _own_booking(customer, reference)
    _target_check(from_launch_id, launch_id)
    try:
        with transaction.atomic():
            customer_on_launch_lock(customer_id=customer.pk, launch_id=launch_id)
            launches = _launches_lock(from_launch_id, launch_id)
            # Locked before the new launch's seats: nobody holds those and waits for a booking of another launch, except
            # a move of this customer to that launch, and only one of them passes the lock above.
            booking = booking_lock(booking_id=booking_id)
            if booking.launch_id != from_launch_id:
                raise Busy
            old, new = launches[from_launch_id], launches[launch_id]
            slip = selectors.slip_open_of(booking_id=booking_id, now=now)
            _movable_check(booking, old, now, is_slip=slip is not None)
            if new.price_currency != booking.price_currency:
                raise errors.RebookingTargetRefused(
                    fields={"launch_id": f"Choose a launch whose seats are paid in {booking.price_currency}."}
                )
            passengers = _live_passengers(booking)
            _ages_check(passengers, new)
            if seat_ids and len(set(seat_ids)) != len(passengers):
                many = f"{len(passengers)} seats, one for each passenger" if len(passengers) > 1 else "one seat"
                raise errors.SeatsUnknown(fields={"seat_ids": f"Choose {many}."})
            for earlier in Rebooking.objects.select_for_update().filter(booking=booking, status=RebookingStatus.OPEN):
                rebooking_end(rebooking=earlier, now=now)
            hold = seats_hold(
                customer=customer,
                launch_id=launch_id,
                seat_ids=seat_ids,
                party=0 if seat_ids else len(passengers),
                now=now,
                purpose=HoldPurpose.REBOOKING,
            )
            price = _price(passengers)
            percent = selectors.refund_percent_of_move(
                tiers=booking.policy_tiers,
                departure_at=old.departure_at,
                zone=old.time_zone,
                is_slip=slip is not None,
                now=now,
            )
            return Rebooking.objects.create(
                booking=booking,
                from_launch_id=from_launch_id,
                to_launch_id=launch_id,
                hold=hold,
                leg=booking.leg,
                old_price_amount=price,
                new_price_amount=policies.price_after_move(
                    old=price,
                    new=hold.price_amount * len(passengers),
                    refund_percent=percent,
                    refund_max=booking.price_amount - booking.refund_amount,
                    currency=booking.price_currency,
                ),
                currency=booking.price_currency,
                created_at=now,
            )
    except OperationalError as error:
        raise Busy from error


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
    launches = _launches_lock(glance.from_launch_id, glance.to_launch_id)
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
    passengers = _live_passengers(booking)
    if not _is_still_so(rebooking, booking, passengers, len(seat_ids), old, new, now):
        raise errors.SeatsGone
    is_lapsed = glance.hold.expires_at <= now
    taken = selectors.seat_ids_taken(
        launch_id=glance.to_launch_id, now=now, seat_ids=seat_ids, except_hold_id=glance.hold_id
    )
    if taken or (is_lapsed and _is_refused_now(glance, len(seat_ids), any(s.is_blocked for s in seats.values()), now)):
        raise errors.SeatsGone

    freed = [one.seat_label for one in passengers]
    claims = _claims_exchange(rebooking, passengers, seat_ids, now)
    prices = policies.shares(rebooking.new_price_amount, len(passengers), rebooking.currency)
    for one, seat_id, price in zip(passengers, seat_ids, prices, strict=True):
        one.claim, one.seat_label, one.price_amount = claims[seat_id], seats[seat_id].label, price
    Passenger.objects.bulk_update(passengers, ["claim", "seat_label", "price_amount"])
    slip = _slip_of(rebooking, booking)
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
        and _price(passengers) == rebooking.old_price_amount
        and rebooking.old_price_amount - rebooking.new_price_amount <= booking.price_amount - booking.refund_amount
        and not selectors.age_problems(passengers=passengers, departure_at=new.departure_at, zone=new.time_zone)
    )


def _is_refused_now(glance: Rebooking, seats: int, is_blocked: bool, now: datetime) -> bool:
    """Judge a move whose hold has lapsed like a new one: withdrawn seats and the seat limit count."""
    customer = glance.booking.customer
    has = selectors.seats_of_customer(
        customer_id=customer.pk, launch_id=glance.to_launch_id, now=now, except_hold_id=glance.hold_id
    )
    return is_blocked or has + seats > selectors.seat_limit(customer=customer, now=now)


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
        # Nobody gets around the policy by moving to a later launch first.
        tiers = policies.tiers_from(booking.policy_tiers)
        percent = policies.refund_percent(tiers=tiers, departure_at=old.departure_at, zone=old.time_zone, now=now)
        booking.policy_tiers = policies.tiers_plain(policies.tiers_capped(tiers, percent))
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
    rebooking.save(update_fields=["status", "done_at"])


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


def rebooking_give_up(*, customer: "User", rebooking_id: UUID | str, now: datetime) -> Rebooking:
    """
    Give the held seats back and stay where one is; a move that is over is returned as it is.

    A payment of the difference that still arrives is given back. Raises: RebookingNotFound, Busy.
    """
    glance = selectors.rebooking_get(customer=customer, rebooking_id=rebooking_id)
    with transaction.atomic():
        booking_lock(booking_id=glance.booking_id)
        rebooking = Rebooking.objects.select_for_update().get(pk=glance.pk)
        if rebooking.status == RebookingStatus.OPEN:
            rebooking_end(rebooking=rebooking, now=now)
        return rebooking


def rebookings_expire(*, now: datetime) -> int:
    """End the moves whose seats are not held any more, which is so from that instant on; return how many."""
    done = 0
    over = Rebooking.objects.filter(status=RebookingStatus.OPEN, hold__expires_at__lte=now)
    for pk in list(over.order_by("created_at", "pk").values_list("pk", flat=True)):
        with transaction.atomic():
            rows = Rebooking.objects.select_for_update(skip_locked=True, of=("self",))
            rebooking = rows.filter(pk=pk, status=RebookingStatus.OPEN).first()
            if rebooking is not None:
                rebooking_end(rebooking=rebooking, now=now)
                done += 1
    return done


def rebooking_end(*, rebooking: Rebooking, now: datetime) -> None:
    """Give an open move up, or let it expire when its time ran out, with its hold; needs a transaction and its lock."""
    hold = Hold.objects.select_for_update().get(pk=rebooking.hold_id)
    is_over = hold.expires_at <= now
    if hold.status == HoldStatus.OPEN:
        hold_close(hold=hold, status=HoldStatus.EXPIRED if is_over else HoldStatus.RELEASED)
    rebooking.status = RebookingStatus.EXPIRED if is_over else RebookingStatus.GIVEN_UP
    rebooking.save(update_fields=["status"])


def _own_booking(customer: "User", reference: str) -> tuple[int, int]:
    rows = Booking.objects.filter(customer=customer, reference=reference.upper())
    found = rows.values_list("pk", "launch_id").first()
    if found is None:
        raise errors.BookingNotFound
    return found


def _target_check(from_launch_id: int, launch_id: int) -> None:
    """Only another launch of the same supplier and destination will do; none of this changes once it is published."""
    old = launch_selectors.launch_get(launch_id=from_launch_id)
    new = launch_selectors.launches_published().filter(pk=launch_id).first()
    if new is None:
        raise LaunchNotFound
    if (old.supplier_id, old.destination_id) != (new.supplier_id, new.destination_id) or old.pk == new.pk:
        raise errors.RebookingTargetRefused(
            fields={
                "launch_id": f"Choose another launch of {old.supplier.trade_name} to {old.destination.name}: a booking "
                "moves to those only."
            }
        )


def _launches_lock(*launch_ids: int) -> dict[int, "LaunchBrief"]:
    return {launch_id: launch_services.launch_share_lock(launch_id=launch_id) for launch_id in sorted(launch_ids)}


def _movable_check(booking: Booking, launch: "LaunchBrief", now: datetime, *, is_slip: bool) -> None:
    why = selectors.rebooking_refusal(
        status=booking.status,
        is_off=launch.is_off,
        departure_at=launch.departure_at,
        zone=launch.time_zone,
        is_slip=is_slip,
        now=now,
    )
    if why:
        raise errors.RebookingRefused(reference=booking.reference, why=why)


def _ages_check(passengers: list[Passenger], launch: "LaunchBrief") -> None:
    problems = selectors.age_problems(passengers=passengers, departure_at=launch.departure_at, zone=launch.time_zone)
    if problems:
        raise errors.PassengersInvalid(fields={"passengers": " ".join(problems)})


def _live_passengers(booking: Booking) -> list[Passenger]:
    """Return who is not cancelled, in the cabin order of their seats."""
    rows = booking.passengers.filter(cancelled_at=None)
    return list(rows.order_by("claim__launch_seat__row", "claim__launch_seat__column", "pk"))


def _price(passengers: list[Passenger]) -> Decimal:
    return sum((one.price_amount for one in passengers), Decimal(0))
