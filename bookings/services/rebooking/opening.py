"""Holding the seats of a move, and saying what it costs or gives back."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import OperationalError, transaction

from bookings import errors, policies, selectors
from bookings.enums import HoldPurpose, RebookingStatus
from bookings.locks import booking_lock, customer_on_launch_lock
from bookings.models import Booking, Passenger, Rebooking
from bookings.services.holds import seats_hold
from bookings.services.rebooking.ending import rebooking_end
from bookings.services.rebooking.reckoning import launches_lock, passengers_live, price_of
from common.errors import Busy
from launches import selectors as launch_selectors
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
            launches = launches_lock(from_launch_id, launch_id)
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
            passengers = passengers_live(booking)
            _ages_check(passengers, new)
            if seat_ids and len(set(seat_ids)) != len(passengers):
                many = f"{len(passengers)} seats, one for each passenger" if len(passengers) > 1 else "one seat"
                raise errors.SeatsUnknown(f"Choose {many}.", fields={"seat_ids": f"Choose {many}."})
            for earlier in Rebooking.objects.select_for_update().filter(booking=booking, status=RebookingStatus.OPEN):
                rebooking_end(rebooking=earlier, now=now)
            hold = seats_hold(
                customer=customer,
                launch_id=launch_id,
                seat_ids=seat_ids,
                party=0 if seat_ids else len(passengers),
                now=now,
                purpose=HoldPurpose.REBOOKING,
                moving_booking_id=booking.pk,
            )
            price = price_of(passengers)
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


def _own_booking(customer: "User", reference: str) -> tuple[int, int]:
    rows = Booking.objects.filter(customer=customer, reference=reference.upper())
    found = rows.values_list("pk", "launch_id").first()
    if found is None:
        raise errors.BookingNotFound
    return found


def _target_check(from_launch_id: int, launch_id: int) -> None:
    """Only another launch of the same supplier and destination will do; none of this changes once seats are sold."""
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
