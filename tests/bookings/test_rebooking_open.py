"""An open move: given up, replaced, out of time, paid late, overtaken by what happens meanwhile."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bookings import errors, selectors, services
from bookings.models import Booking
from launches import services as launch_services
from tests.bookings.moving import confirm, live_seats, open_move, sister
from tests.factories import NOW, LaunchFactory, make_booking, make_hold, passenger_inputs

pytestmark = pytest.mark.django_db


def test_a_newer_move_replaces_the_open_one_even_for_the_same_seats():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch), sister(launch)
    seat = target.seats.get(label="A1")
    first = open_move(booking, target, seat_ids=[seat.pk])
    second = open_move(booking, target, seat_ids=[seat.pk])

    first.refresh_from_db()
    assert (first.status, second.status) == ("given_up", "open")
    assert live_seats(target) == [("A1", "held")]
    with pytest.raises(errors.RebookingOver):
        confirm(first)


def test_a_refused_move_leaves_the_open_one_as_it_is():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch), sister(launch)
    first = open_move(booking, target)
    taken = make_hold(launch=target).claims.get().launch_seat_id
    with pytest.raises(errors.SeatsTaken):
        open_move(booking, target, seat_ids=[taken])
    first.refresh_from_db()
    assert first.status == "open"


def test_giving_up_frees_the_seats_and_ends_it():
    launch = LaunchFactory()
    move = open_move(make_booking(launch=launch), target := sister(launch))
    services.rebooking_give_up(customer=move.booking.customer, rebooking_id=move.pk, now=NOW)

    assert live_seats(target) == []
    with pytest.raises(errors.SeatsGone):  # a payment that arrives now goes back
        services.rebooking_complete(rebooking_id=move.pk, now=NOW)


def test_its_time_ends_at_the_instant_and_the_job_tidies():
    launch = LaunchFactory()
    move = open_move(make_booking(launch=launch), target := sister(launch))
    end = move.hold.expires_at

    assert selectors.rebooking_open_of(customer=move.booking.customer, reference=move.booking.reference, now=NOW)
    assert not selectors.rebooking_open_of(customer=move.booking.customer, reference=move.booking.reference, now=end)
    with pytest.raises(errors.RebookingOver):
        confirm(move, now=end)
    assert services.rebookings_expire(now=end - timedelta(seconds=1)) == 0
    assert services.rebookings_expire(now=end) == 1
    assert services.rebookings_expire(now=end) == 0
    move.refresh_from_db()
    assert (move.status, live_seats(target)) == ("expired", [])


@pytest.mark.parametrize("is_tidied", [False, True])
def test_a_late_payment_still_moves_the_booking_when_the_seats_are_free(is_tidied):
    launch = LaunchFactory()
    move = open_move(make_booking(launch=launch), target := sister(launch))
    late = move.hold.expires_at + timedelta(minutes=1)
    if is_tidied:
        services.holds_expire(now=late)
        services.rebookings_expire(now=late)

    services.rebooking_complete(rebooking_id=move.pk, now=late)

    assert (live_seats(launch), live_seats(target)) == ([], [("A1", "sold")])


def test_a_late_payment_never_takes_seats_that_somebody_else_has_by_now():
    launch = LaunchFactory()
    move = open_move(make_booking(launch=launch), target := sister(launch))
    late = move.hold.expires_at + timedelta(minutes=1)
    make_hold(launch=target, seats=1, now=late)

    with pytest.raises(errors.SeatsGone):
        services.rebooking_complete(rebooking_id=move.pk, now=late)
    assert (live_seats(launch), live_seats(target)) == ([("A1", "sold")], [("A1", "held")])


def cancel_all(booking, launch, target):
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=NOW)
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=NOW)


def abort_old(booking, launch, target):
    launch_services.launch_abort(actor=None, launch_id=launch.pk, reason="x", now=NOW)


def abort_new(booking, launch, target):
    launch_services.launch_abort(actor=None, launch_id=target.pk, reason="x", now=NOW)


def age(booking, launch, target):
    booking.passengers.update(birth_date=date(1950, 1, 1))


def pay_goodwill(booking, launch, target):
    Booking.objects.filter(pk=booking.pk).update(refund_amount=Decimal(440000))


@pytest.mark.parametrize("change", [cancel_all, abort_old, abort_new, age, pay_goodwill])
def test_what_changed_meanwhile_ends_the_move_and_takes_no_seats(change):
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch), sister(launch, price_amount=Decimal(400000))
    move = open_move(booking, target)
    change(booking, launch, target)

    with pytest.raises(errors.SeatsGone):
        services.rebooking_complete(rebooking_id=move.pk, now=NOW)
    with pytest.raises(errors.RebookingOver):
        confirm(move)
    booking.refresh_from_db()
    assert (booking.launch_id, booking.leg) == (launch.pk, 1)
    assert [one for one in live_seats(target) if one[1] == "sold"] == []


def test_the_seats_of_a_move_are_not_to_be_bought_nor_given_back_by_other_doors():
    launch = LaunchFactory()
    move = open_move(make_booking(launch=launch), target := sister(launch))
    customer = move.booking.customer

    with pytest.raises(errors.HoldNotFound):
        services.booking_create(customer=customer, hold_id=move.hold_id, passengers=passenger_inputs(), now=NOW)
    with pytest.raises(errors.HoldNotFound):
        services.hold_release(customer=customer, hold_id=move.hold_id)
    assert selectors.unfinished_list(customer=customer, now=NOW) == []
    assert live_seats(target) == [("A1", "held")]
