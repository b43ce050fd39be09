"""From a hold to a booking: passengers, confirmation, completion."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from bookings import errors, events, policies, selectors
from bookings.enums import BookingStatus, ClaimStatus, HoldStatus
from bookings.locks import booking_lock, customer_on_launch_lock, hold_lock
from bookings.models import Booking, BookingHistory, Hold, Passenger, SeatClaim
from common import context, outbox
from common.dates import local_date
from common.errors import DomainError
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User
    from launches.selectors import LaunchBrief


@dataclass(frozen=True, kw_only=True)
class PassengerInput:
    """Who shall fly, as typed: one a seat, in seat order."""

    full_name: str
    email: str
    phone: str
    birth_date: date


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
        if hold.status not in (HoldStatus.OPEN, HoldStatus.USED) or hold.expires_at <= now:
            raise errors.HoldExpired
        launch = launch_services.launch_share_lock(launch_id=hold.launch_id)
        if not launch.is_on_sale:
            raise errors.LaunchNotOpen
        claims = selectors.claims_of_hold(hold_id=hold.pk)
        clean = _passengers_clean(passengers, len(claims), launch)
        if booking is None:
            booking = _booking_open(customer, hold, launch, len(claims), now, draw)
        else:
            booking.passengers.all().delete()
            booking.version += 1
            booking.save(update_fields=["version"])
        Passenger.objects.bulk_create(
            Passenger(
                booking=booking,
                claim=claim,
                seat_label=claim.launch_seat.label,
                price_amount=hold.price_amount,
                full_name=one.full_name,
                email=one.email,
                phone=one.phone,
                birth_date=one.birth_date,
            )
            for claim, one in zip(claims, clean, strict=True)
        )
        return booking


def _booking_open(
    customer: "User", hold: Hold, launch: "LaunchBrief", seats: int, now: datetime, draw: Callable[[str], str]
) -> Booking:
    hold.status = HoldStatus.USED
    hold.save(update_fields=["status"])
    booking = Booking(
        customer=customer,
        launch_id=hold.launch_id,
        hold=hold,
        price_amount=hold.price_amount * seats,
        price_currency=hold.price_currency,
        policy_tiers=launch.policy_tiers,
        created_at=now,
    )
    while True:
        booking.reference = "".join(draw(policies.REFERENCE_ALPHABET) for _ in range(6))
        try:
            with transaction.atomic():
                booking.save(force_insert=True)
            break
        except IntegrityError as error:
            if "reference" not in str(error):
                raise
    history_write(booking=booking, old="", actor=customer, now=now)
    outbox.publish(events.BookingCreated(**event_values(booking, launch.supplier_id)), actor_id=customer.pk)
    return booking


def _passengers_clean(passengers: Sequence[PassengerInput], seats: int, launch: "LaunchBrief") -> list[PassengerInput]:
    if len(passengers) != seats:
        raise errors.PassengersInvalid(fields={"passengers": f"Name one passenger for each of the {seats} held seats."})
    departure_day = local_date(launch.departure_at, launch.time_zone)
    clean: list[PassengerInput] = []
    problems: dict[str, str] = {}
    for index, one in enumerate(passengers):
        name = " ".join(one.full_name.split(" ")).strip()
        email, phone = one.email.strip(), ""
        if sentence := policies.name_problem(name):
            problems[f"{index}.full_name"] = sentence
        try:
            validate_email(email)
        except ValidationError:
            problems[f"{index}.email"] = "Enter an e-mail address like name@example.com."
        try:
            phone = phone_clean(one.phone)
        except DomainError as error:
            problems[f"{index}.phone"] = error.message
        if sentence := policies.age_problem(
            birth_date=one.birth_date,
            departure_day=departure_day,
            youngest=settings.PASSENGER_AGE_MIN,
            oldest=settings.PASSENGER_AGE_MAX,
        ):
            problems[f"{index}.birth_date"] = sentence
        clean.append(PassengerInput(full_name=name, email=email, phone=phone, birth_date=one.birth_date))
    if problems:
        raise errors.PassengersInvalid(fields=problems)
    return clean


def phone_clean(typed: str) -> str:
    """Return a phone number as E.164 ("+14155550123"). Raises: PassengersInvalid."""
    sentence = "Enter the phone number with its country code, like +1 415 555 0123."
    try:
        number = phonenumbers.parse(typed.strip(), None)
    except phonenumbers.NumberParseException as error:
        raise errors.PassengersInvalid(sentence) from error
    if not phonenumbers.is_possible_number(number):
        raise errors.PassengersInvalid(sentence)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def booking_confirm(*, booking_id: int, now: datetime) -> Booking:
    """
    Sell the seats of a booking whose money came in; part of finance's transaction, under its locks.

    A booking whose hold lapsed gets its seats if they are still free and within the customer's limit.

    Raises: SeatsGone (the caller refunds), BookingNotFound, Busy.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("booking_confirm belongs to the transaction that records the payment.")
    glance = selectors.booking_glance(booking_id=booking_id)
    is_lapsed = glance.held_until <= now
    if is_lapsed:
        customer_on_launch_lock(customer_id=glance.customer.pk, launch_id=glance.launch_id)
    launch = launch_services.launch_share_lock(launch_id=glance.launch_id)
    launch_services.launch_seats_lock(launch_id=glance.launch_id, seat_ids=glance.seat_ids)
    booking = booking_lock(booking_id=booking_id)
    if not policies.is_move_allowed(booking.status, BookingStatus.CONFIRMED) or not launch.sells_at(now):
        raise errors.SeatsGone
    taken = selectors.seat_ids_taken(
        launch_id=booking.launch_id, now=now, seat_ids=glance.seat_ids, except_hold_id=booking.hold_id
    )
    if taken or (is_lapsed and _is_over_limit(glance, booking.hold_id, now)):
        raise errors.SeatsGone
    _claims_sell(booking, now)
    old = booking.status
    booking.status = BookingStatus.CONFIRMED
    booking.confirmed_at = now
    booking.version += 1
    booking.save(update_fields=["status", "confirmed_at", "version"])
    history_write(booking=booking, old=old, actor=None, now=now)
    outbox.publish(
        events.BookingConfirmed(
            **event_values(booking, launch.supplier_id),
            price_amount=booking.price_amount,
            price_currency=booking.price_currency,
        )
    )
    return booking


def _is_over_limit(glance: selectors.BookingGlance, hold_id: UUID, now: datetime) -> bool:
    """Count like a new hold would; what the lapsed hold had does not count any more."""
    has = selectors.seats_of_customer(
        customer_id=glance.customer.pk, launch_id=glance.launch_id, now=now, except_hold_id=hold_id
    )
    return has + len(glance.seat_ids) > selectors.seat_limit(customer=glance.customer, now=now)


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
