"""From a hold to a booking: passengers, confirmation, completion."""

import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from bookings import errors, events, policies, selectors, statements
from bookings.enums import UNPAID_HOLDS, BookingStatus, ClaimStatus, HoldStatus
from bookings.locks import booking_lock, hold_lock
from bookings.models import Booking, BookingHistory, Hold
from bookings.services.holds import seats_take
from bookings.services.passenger_input import PassengerInput, ages_check, passengers_clean
from common import context, outbox
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User
    from launches.selectors import LaunchBrief


def booking_create(
    *,
    customer: "User",
    hold_id: UUID | str,
    passengers: Sequence[PassengerInput],
    now: datetime,
    draw: Callable[[str], str] = secrets.choice,
) -> Booking:
    """
    Name the passengers of held seats; the booking then waits for payment until the hold ends.

    Called again for the same hold it corrects the passengers, as long as nothing is paid.

    Args:
        passengers: one for each held seat, in cabin order.
        draw: picks a character of the reference.
    Raises: HoldNotFound, HoldExpired, PassengersInvalid (`fields` "0.email" ...), LaunchNotOpen, BookingNotPending.
    """
    with transaction.atomic():
        hold = hold_lock(hold_id=hold_id, customer_id=customer.pk)
        booking = Booking.objects.select_for_update().filter(hold=hold).first()
        if booking is not None and booking.status != BookingStatus.PENDING:
            raise errors.BookingNotPending(reference=booking.reference, status=booking.get_status_display().lower())
        if hold.status not in UNPAID_HOLDS or hold.expires_at <= now:
            raise errors.HoldExpired
        launch = launch_services.launch_share_lock(launch_id=hold.launch_id)
        if not launch.is_on_sale:
            raise errors.LaunchNotOpen
        claims = selectors.claims_of_hold(hold_id=hold.pk)
        if any(claim.status != ClaimStatus.HELD for claim in claims):
            raise errors.HoldExpired  # it lapsed while this request was on its way, and another customer has the seat
        clean = _passengers_check(passengers, len(claims), launch)
        seats = [(claim.pk, claim.launch_seat.label) for claim in claims]
        if booking is None:
            hold.status = HoldStatus.USED
            hold.save(update_fields=["status"])
            return _booking_write(hold, launch, seats, clean, now, draw)
        booking.passengers.all().delete()
        booking.version += 1
        booking.save(update_fields=["version"])
        statements.passengers_insert(
            booking_id=booking.pk, seats=seats, passengers=clean, price_amount=hold.price_amount
        )
        return booking


def booking_open(
    *,
    customer: "User",
    launch_id: int,
    passengers: Sequence[PassengerInput],
    now: datetime,
    seat_ids: Collection[int] = (),
    hold_id: UUID | None = None,
    draw: Callable[[str], str] = secrets.choice,
) -> Booking:
    """
    Hold seats and name their passengers in one move, as a part of the caller's transaction.

    Args:
        seat_ids: one for each passenger, the passengers in cabin order; none: the best free ones.
        hold_id: as `seats_take`.
    Raises: as `seats_hold` and `booking_create`.
    """
    seats = len(set(seat_ids)) or len(passengers)
    if not seats:
        raise errors.PassengersInvalid(fields={"passengers": "Name at least one passenger."})
    clean = passengers_clean(passengers, seats=seats)
    taken = seats_take(
        customer=customer,
        launch_id=launch_id,
        now=now,
        seat_ids=seat_ids,
        party=0 if seat_ids else seats,
        status=HoldStatus.USED,
        hold_id=hold_id,
    )
    ages_check(clean, taken.launch)
    claimed = [(taken.claim_ids[seat.id], seat.label) for seat in taken.seats]
    return _booking_write(taken.hold, taken.launch, claimed, clean, now, draw)


def _passengers_check(passengers: Sequence[PassengerInput], seats: int, launch: "LaunchBrief") -> list[PassengerInput]:
    """Tell everything that is wrong at once: what is typed, and the ages."""
    problems: dict[str, str] = {}
    clean: list[PassengerInput] = []
    try:
        clean = passengers_clean(passengers, seats=seats)
    except errors.PassengersInvalid as error:
        problems = error.fields
    if "passengers" not in problems:
        try:
            ages_check(passengers, launch)
        except errors.PassengersInvalid as error:
            problems = {**problems, **error.fields}
    if problems:
        raise errors.PassengersInvalid(fields=problems)
    return clean


def _booking_write(
    hold: Hold,
    launch: "LaunchBrief",
    seats: Sequence[tuple[int, str]],
    passengers: Sequence[PassengerInput],
    now: datetime,
    draw: Callable[[str], str],
) -> Booking:
    booking = Booking(
        customer_id=hold.customer_id,
        launch_id=hold.launch_id,
        hold=hold,
        price_amount=hold.price_amount * len(seats),
        price_currency=hold.price_currency,
        policy_tiers=launch.policy_tiers,
        created_at=now,
    )
    made: int | None = None
    while made is None:
        booking.reference = "".join(draw(policies.REFERENCE_ALPHABET) for _ in range(6))
        made = statements.booking_insert(
            booking, seats=seats, passengers=passengers, seat_price=hold.price_amount, origin=context.current().origin
        )
    booking.pk = made
    booking._state.adding = False
    outbox.publish(events.BookingCreated(**event_values(booking, launch.supplier_id)), actor_id=hold.customer_id)
    return booking


def booking_complete(*, booking_id: int, now: datetime) -> Booking:
    """Record that a confirmed booking has flown; others are returned as they are."""
    with transaction.atomic():
        booking = booking_lock(booking_id=booking_id)
        if booking.status != BookingStatus.CONFIRMED:
            return booking
        old, booking.status = booking.status, BookingStatus.COMPLETED
        booking.version += 1
        booking.save(update_fields=["status", "version"])
        history_write(booking=booking, old=old, actor=None, now=now)
        supplier_id = launch_services.launch_share_lock(launch_id=booking.launch_id).supplier_id
        outbox.publish(events.BookingCompleted(**event_values(booking, supplier_id)))
        return booking


def event_values(booking: Booking, supplier_id: int) -> dict[str, Any]:
    """Return what every booking event says."""
    return {
        "booking_id": booking.pk,
        "reference": booking.reference,
        "launch_id": booking.launch_id,
        "supplier_id": supplier_id,
        "customer_id": booking.customer_id,
    }


def history_write(*, booking: Booking, old: str, actor: "User | None", now: datetime, reason: str = "") -> None:
    """Record a move of a booking with who and where from."""
    BookingHistory.objects.create(
        booking=booking,
        changed_at=now,
        actor=actor,
        origin=context.current().origin,
        old_status=old,
        new_status=booking.status,
        reason=reason,
    )
