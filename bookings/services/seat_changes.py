"""Another seat of the same launch for a passenger: a free one, or that of somebody in the same booking."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from bookings import errors, events, selectors
from bookings.enums import ClaimStatus
from bookings.locks import booking_lock, transaction_or_busy
from bookings.models import Passenger, SeatClaim
from bookings.services.passengers import booking_glance, changeable_passenger, changes_tell, seat_change_write
from common import outbox
from common.errors import Busy
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User
    from launches.models import LaunchSeat


def seat_change(*, actor: "User", reference: str, passenger_id: int, seat_id: int, now: datetime) -> Passenger:
    """
    Give a passenger another seat of the launch, until the day that details may change; the price stays.

    A free seat is taken and the old one freed in one transaction; where others wait for seats that is all the same to
    them. With somebody of the same booking the seats are exchanged.

    Raises: BookingNotFound, PassengerNotFound, PassengerFixed, NothingToChange, SeatsUnknown, SeatsTaken, Forbidden,
        Busy.
    """
    booking_id, launch_id = booking_glance(actor, reference)
    with transaction_or_busy():
        launch = launch_services.launch_share_lock(launch_id=launch_id)
        old_id = _seat_id(booking_id, passenger_id)
        locked = launch_services.launch_seats_lock(launch_id=launch_id, seat_ids={old_id, seat_id})
        seats = {seat.pk: seat for seat in locked}
        booking = booking_lock(booking_id=booking_id)
        passenger = changeable_passenger(booking, launch, passenger_id, now)
        if passenger.claim.launch_seat_id != old_id:
            raise Busy  # changed a moment ago in another window
        if seat_id == old_id:
            raise errors.NothingToChange(f"{passenger.full_name} has seat {passenger.seat_label} already.")
        if seat_id not in seats:
            raise errors.SeatsUnknown(fields={"seat": "Choose a seat of this launch."})
        neighbour = booking.passengers.filter(
            claim__launch_seat_id=seat_id, claim__status=ClaimStatus.SOLD, cancelled_at=None
        ).first()
        if neighbour is None:
            _free_check(seats[seat_id], passenger, now)
        freed = passenger.seat_label
        moves = [(passenger, seats[seat_id])] + ([(neighbour, seats[old_id])] if neighbour else [])
        changes = {
            f"seat_of_passenger_{one.pk}": {"before": one.seat_label, "after": seat.label} for one, seat in moves
        }
        _seats_assign(moves, actor, now)
        changes_tell(
            booking=booking,
            supplier_id=launch.supplier_id,
            passengers=[one for one, _ in moves],
            fields=("seat",),
            is_replacement=False,
            reason=f"seats {freed} and {passenger.seat_label} exchanged"
            if neighbour
            else f"seat {freed} changed to {passenger.seat_label}",
            actor=actor,
            now=now,
            changes=changes,
        )
        if neighbour is None:
            outbox.publish(events.SeatsFreed(launch_id=launch_id, seat_labels=(freed,)), actor_id=actor.pk)
        return passenger


def _seat_id(booking_id: int, passenger_id: int) -> int:
    rows = Passenger.objects.filter(pk=passenger_id, booking_id=booking_id)
    found = rows.values_list("claim__launch_seat_id", flat=True).first()
    if found is None:
        raise errors.PassengerNotFound
    return found


def _free_check(seat: "LaunchSeat", passenger: Passenger, now: datetime) -> None:
    taken = selectors.seat_ids_taken(launch_id=seat.launch_id, now=now, seat_ids=[seat.pk])
    if seat.is_blocked or taken:
        raise _taken(seat.label, passenger)


def _taken(label: str, passenger: Passenger) -> errors.SeatsTaken:
    sentence = f"Seat {label} is taken. {passenger.full_name} keeps seat {passenger.seat_label}; choose another one."
    return errors.SeatsTaken(sentence, fields={"seat": sentence}, labels=label)


def _seats_assign(moves: "list[tuple[Passenger, LaunchSeat]]", actor: "User", now: datetime) -> None:
    """Release the old claims and any lapsed one in the way, then make the new ones: a claim only moves forward."""
    own = Q(pk__in=[one.claim_id for one, _ in moves])
    lapsed = Q(launch_seat__in=[seat for _, seat in moves], status=ClaimStatus.HELD, held_until__lte=now)
    claims = {claim.pk: claim for claim in SeatClaim.objects.select_for_update().filter(own | lapsed).order_by("pk")}
    SeatClaim.objects.filter(pk__in=claims).update(status=ClaimStatus.RELEASED)
    for passenger, seat in moves:
        old = claims[passenger.claim_id]
        try:
            with transaction.atomic():
                passenger.claim = SeatClaim.objects.create(
                    launch_id=old.launch_id,
                    launch_seat=seat,
                    customer_id=old.customer_id,
                    hold_id=old.hold_id,
                    status=ClaimStatus.SOLD,
                    held_until=old.held_until,
                    created_at=now,
                )
        except IntegrityError as error:
            raise _taken(seat.label, passenger) from error  # the second belt: nobody who takes the locks gets here
        before, passenger.seat_label = passenger.seat_label, seat.label
        passenger.save(update_fields=["claim", "seat_label"])
        seat_change_write(passenger, before, seat.label, actor, now)
