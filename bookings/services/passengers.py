"""Who flies, after the sale: corrections, and another person instead."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings

from bookings import access, errors, events, policies
from bookings.enums import BookingStatus
from bookings.locks import booking_lock, transaction_or_busy
from bookings.models import Booking, Passenger, PassengerChange
from bookings.services.booking import event_values, history_write
from bookings.services.passenger_input import PassengerInput, ages_check, passengers_clean
from common import context, outbox
from common.errors import Busy
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User
    from launches.selectors import LaunchBrief

FIELDS = ("full_name", "email", "phone", "birth_date")
WORDS = {"full_name": "name", "email": "e-mail", "phone": "phone", "birth_date": "date of birth"}


def passenger_change(
    *,
    actor: "User",
    reference: str,
    passenger_id: int,
    values: Mapping[str, Any],
    now: datetime,
    is_replacement: bool = False,
) -> Passenger:
    """
    Correct details of a passenger, or put another person into the seat, until `settings.PASSENGER_CHANGE_DAYS` calendar
    days (at the spaceport, the last one included) before departure.

    The rules are those of a purchase; of details that stay as they are nothing is asked again.

    Args:
        actor: the customer, or an employee of support.
        values: of full_name, email, phone, birth_date those that change; all of them for another person.
    Raises: BookingNotFound, PassengerNotFound, PassengerFixed, PassengersInvalid (`fields` "email" ...),
        NothingToChange, Forbidden, Busy.
    """
    if is_replacement and (missing := [name for name in FIELDS if not values.get(name)]):
        raise errors.PassengersInvalid(
            fields={name: f"Give the {WORDS[name]} of the person who flies instead." for name in missing}
        )
    booking_id, launch_id = booking_glance(actor, reference)
    with transaction_or_busy():
        launch = launch_services.launch_share_lock(launch_id=launch_id)
        booking = booking_lock(booking_id=booking_id)
        passenger = changeable_passenger(booking, launch, passenger_id, now)
        clean = _clean(passenger, values, launch, is_replacement=is_replacement)
        changed = {name: getattr(clean, name) for name in FIELDS if getattr(clean, name) != getattr(passenger, name)}
        if not changed:
            raise errors.NothingToChange
        if is_replacement and not {"full_name", "birth_date"} & set(changed):
            raise errors.NothingToChange(
                "This is the same person: same name, same date of birth. Correct the details instead."
            )
        for name, value in changed.items():
            _change_write(passenger, name, getattr(passenger, name), value, actor, now, is_replacement=is_replacement)
            setattr(passenger, name, value)
        passenger.save(update_fields=list(changed))
        said = ", ".join(WORDS[name] for name in changed)
        changes_tell(
            booking=booking,
            supplier_id=launch.supplier_id,
            passengers=[passenger],
            fields=tuple(changed),
            is_replacement=is_replacement,
            reason=f"passenger in seat {passenger.seat_label} {'replaced' if is_replacement else f'corrected: {said}'}",
            actor=actor,
            now=now,
        )
        return passenger


def booking_glance(actor: "User", reference: str) -> tuple[int, int]:
    """Return id and launch of a booking whose passengers the actor may change. Raises: BookingNotFound, Forbidden."""
    rows = Booking.objects.filter(access.changeable_by(actor), reference=reference.upper())
    found = rows.values_list("pk", "launch_id").first()
    if found is None:
        raise errors.BookingNotFound
    return found


def changeable_passenger(booking: Booking, launch: "LaunchBrief", passenger_id: int, now: datetime) -> Passenger:
    """
    Return a passenger of a locked booking who, with the seat, may still change.

    Raises: PassengerNotFound, PassengerFixed, Busy (the booking moved to another launch just now).
    """
    if booking.launch_id != launch.id:
        raise Busy
    passenger = booking.passengers.select_related("claim").filter(pk=passenger_id).first()
    if passenger is None:
        raise errors.PassengerNotFound
    if why := policies.passenger_fixed_why(
        status=booking.status,
        status_words=booking.get_status_display().lower(),
        is_cancelled=passenger.cancelled_at is not None,
        is_off=launch.is_off,
        departure_at=launch.departure_at,
        zone=launch.time_zone,
        days=settings.PASSENGER_CHANGE_DAYS,
        now=now,
    ):
        raise errors.PassengerFixed(reference=booking.reference, why=why)
    return passenger


def _clean(
    passenger: Passenger, values: Mapping[str, Any], launch: "LaunchBrief", *, is_replacement: bool
) -> PassengerInput:
    wanted = PassengerInput(**{name: values.get(name, getattr(passenger, name)) for name in FIELDS})
    problems: dict[str, str] = {}
    clean = wanted
    try:
        (clean,) = passengers_clean([wanted], seats=1)
    except errors.PassengersInvalid as error:
        problems |= error.fields
    # Whom a delay has made too old is not asked to be younger when the phone number changes.
    if is_replacement or wanted.birth_date != passenger.birth_date:
        try:
            ages_check([wanted], launch)
        except errors.PassengersInvalid as error:
            problems |= error.fields
    if problems:
        raise errors.PassengersInvalid(fields={name.removeprefix("0."): said for name, said in problems.items()})
    return clean


def _change_write(
    passenger: Passenger, field: str, old: Any, new: Any, actor: "User", now: datetime, *, is_replacement: bool = False
) -> None:
    PassengerChange.objects.create(
        passenger=passenger,
        changed_at=now,
        actor=actor,
        origin=context.current().origin,
        field=field,
        old_value=old.isoformat() if isinstance(old, date) else old,
        new_value=new.isoformat() if isinstance(new, date) else new,
        is_replacement=is_replacement,
    )


def seat_change_write(passenger: Passenger, old: str, new: str, actor: "User", now: datetime) -> None:
    """Record that a passenger sits elsewhere."""
    _change_write(passenger, "seat", old, new, actor, now)


def changes_tell(
    *,
    booking: Booking,
    supplier_id: int,
    passengers: Collection[Passenger],
    fields: tuple[str, ...],
    is_replacement: bool,
    reason: str,
    actor: "User",
    now: datetime,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Make a locked booking one version newer, with a line of history and the event that documents follow."""
    booking.version += 1
    booking.save(update_fields=["version"])
    history_write(booking=booking, old=BookingStatus.CONFIRMED, actor=actor, now=now, reason=reason)
    outbox.publish(
        events.BookingChanged(
            **event_values(booking, supplier_id),
            passenger_ids=tuple(one.pk for one in passengers),
            seat_labels=tuple(one.seat_label for one in passengers),
            fields=fields,
            is_replacement=is_replacement,
            changes=changes or {},
        ),
        actor_id=actor.pk,
    )
