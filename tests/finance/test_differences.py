"""Paying the fare difference of a move: the booking has its new seats, or stays and everything goes back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bookings import errors as booking_errors
from bookings import services as booking_services
from finance import errors, services
from finance.models import Payment, Refund
from finance.services.refunds import refund_for_cancellation
from launches.models import LaunchSeat
from tests.api import client_of
from tests.factories import NOW, LaunchFactory, UserFactory, card, make_booking, make_hold

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=5)
LATE = NOW + timedelta(minutes=40)
CHALLENGE = "4000 0025 0000 3155"


@pytest.fixture
def move():
    """A paid booking of $450,000, and an open move to a launch of $500,000 with one seat."""
    launch = LaunchFactory()
    booking = make_booking(launch=launch)
    target = LaunchFactory(rocket=launch.rocket, destination=launch.destination, price_amount=Decimal(500000), seats=1)
    LaunchSeat.objects.filter(launch=target).exclude(label="A1").delete()
    return booking_services.rebooking_open(
        customer=booking.customer, reference=booking.reference, launch_id=target.pk, seat_ids=[], now=NOW
    )


def pay(move, number="4242 4242 4242 4242", now=SOON):
    return services.rebooking_pay(customer=move.booking.customer, rebooking_id=move.pk, card=card(number), now=now)


def state(move):
    move.refresh_from_db()
    move.booking.refresh_from_db()
    return move.status, move.booking.launch_id == move.to_launch_id


def test_the_difference_is_paid_and_the_booking_moves(move):
    payment = pay(move)

    assert (payment.status, payment.amount, payment.rebooking_id) == ("succeeded", 50000, move.pk)
    assert state(move) == ("done", True)
    assert move.booking.price_amount == 500000


def test_paying_twice_charges_once(move):
    first, again = pay(move), pay(move)

    assert first.pk == again.pk
    assert Payment.objects.filter(rebooking=move).count() == 1


def test_a_declined_card_leaves_all_as_it_was_and_another_one_moves(move):
    with pytest.raises(errors.PaymentDeclined):
        pay(move, "4000 0000 0000 0002")
    before = state(move)

    pay(move)

    assert before == ("open", False)
    assert state(move) == ("done", True)


def test_the_code_is_answered_or_the_payment_given_up(move):
    customer = move.booking.customer
    pay(move, CHALLENGE)
    given_up = services.rebooking_payment_abandon(customer=customer, rebooking_id=move.pk, now=SOON)
    pay(move, CHALLENGE)

    answered = services.rebooking_challenge_answer(customer=customer, rebooking_id=move.pk, code="123456", now=SOON)

    assert (given_up.status, answered.status) == ("abandoned", "succeeded")
    assert state(move) == ("done", True)


def test_too_late_for_its_seat_the_difference_goes_back_and_the_booking_stays(move):
    pay(move, CHALLENGE)
    make_hold(launch=move.to_launch, now=LATE)

    with pytest.raises(booking_errors.SeatsGone):
        services.rebooking_challenge_answer(
            customer=move.booking.customer, rebooking_id=move.pk, code="123456", now=LATE
        )

    refund = Refund.objects.get()
    assert (refund.amount, refund.cause) == (50000, "platform")
    assert state(move)[1] is False
    assert (move.booking.status, move.booking.price_amount) == ("confirmed", 450000)


def test_a_late_payment_moves_the_booking_when_the_seat_is_still_free(move):
    pay(move, CHALLENGE)

    services.rebooking_challenge_answer(customer=move.booking.customer, rebooking_id=move.pk, code="123456", now=LATE)

    assert state(move) == ("done", True)


def test_an_unknown_outcome_is_found_out_by_the_job(move):
    payment = pay(move, "4000 0000 0000 0259")
    services.payments_settle(now=SOON + timedelta(minutes=1))

    payment.refresh_from_db()
    assert payment.status == "succeeded"
    assert state(move) == ("done", True)


def test_a_move_that_is_over_takes_no_money(move):
    with pytest.raises(booking_errors.RebookingOver):
        pay(move, now=LATE)

    assert not Payment.objects.filter(rebooking=move).exists()


def test_a_cancellation_after_it_takes_from_both_payments(move):
    pay(move)

    refunds = refund_for_cancellation(
        booking_id=move.booking_id, amount=Decimal(450000), cause="customer", event_id=1, now=SOON
    )

    assert [one.amount for one in refunds] == [50000, 400000]


def test_by_the_api(move):
    url = f"/api/v1/customer/rebookings/{move.pk}/payment/"
    good = {"number": "4242 4242 4242 4242", "expiry": "12/35", "code": "123"}
    stranger = client_of(UserFactory()).post(url, good, format="json")
    # The doors' clock is the real one, where the hold of a move made in NOW has not begun to run out.
    answer = client_of(move.booking.customer).post(url, good, format="json", headers={"Idempotency-Key": "k"})
    again = client_of(move.booking.customer).post(url, good, format="json", headers={"Idempotency-Key": "k"})

    assert (stranger.status_code, answer.status_code) == (404, 201)
    assert (answer.json()["status"], answer.json()["amount"]) == ("succeeded", "50000.00")
    assert again.json() == answer.json()
    assert Payment.objects.filter(rebooking=move).count() == 1
