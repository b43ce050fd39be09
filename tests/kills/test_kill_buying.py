"""A web process killed at each step of booking and paying: nothing is half done, and the customer gets the seats."""

from itertools import count, cycle

import pytest
from django.utils import timezone

from bookings.models import Booking, Hold
from tests.factories import UserFactory, make_hold, make_pending
from tests.kills.soundness import assert_sound, jobs_run, money_wrong, seats_wrong
from tests.kills.walks import (
    GOOD,
    LOST,
    MEANWHILE,
    assert_has_one_booking,
    card_body,
    checkout_request,
    finish,
    killed,
    launch_ahead,
    passengers_body,
    standing,
)
from tests.kills.webs import Request, ask, ask_again, ask_and_kill

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
# Where a purchase can be cut: the booking, its payment, whether the gateway has charged the card.
CUT = {
    GOOD: {("pending", "created", False), ("pending", "created", True), ("confirmed", "succeeded", True)},
    LOST: {("pending", "created", False), ("pending", "created", True), ("pending", "processing", True)},
}


def hold_request(customer, launch):
    return Request(customer=customer, path="customer/holds/", body={"launch_id": launch.pk, "party": 2})


def booking_request(hold):
    body = {"hold_id": str(hold.pk), "passengers": passengers_body()}
    return Request(customer=hold.customer, path="customer/bookings/", body=body)


def payment_request(booking, card=GOOD):
    path = f"customer/bookings/{booking.reference}/payment/"
    return Request(customer=booking.customer, path=path, body=card_body(card))


def hold_now(launch, customer=None):
    return make_hold(launch=launch, customer=customer, seats=2, now=timezone.now())


def test_hold_seats():
    launch, meanwhile = launch_ahead(), cycle(MEANWHILE.values())

    for request in killed(lambda: hold_request(UserFactory(), launch)):
        next(meanwhile)()
        assert ask_again(request).status == 201
        assert Hold.objects.filter(customer=request.customer, status="open").count() <= 1

        another = ask(hold_request(request.customer, launch))
        (hold,) = Hold.objects.filter(customer=request.customer, status="open")
        assert (another.body["id"], hold.claims.filter(status="held").count()) == (str(hold.pk), 2)

    assert_sound()


def test_name_the_passengers():
    launch, meanwhile = launch_ahead(), cycle(MEANWHILE.values())

    for request in killed(lambda: booking_request(hold_now(launch))):
        next(meanwhile)()
        finish(
            request,
            refusals=("hold_expired", "booking_not_pending"),
            fresh=lambda one=request: booking_request(hold_now(launch, one.customer)),
        )
        live = Booking.objects.filter(customer=request.customer, status="pending")
        for booking in live:
            ask(payment_request(booking))
        if not live:  # the answer was kept, and its booking has expired since
            ask(checkout_request(request.customer, launch))
        assert_has_one_booking(request.customer, launch)

    assert_sound()


@pytest.mark.parametrize("card", [GOOD, LOST], ids=["good card", "answer lost"])
def test_pay(card):
    launch, meanwhile, cut = launch_ahead(), cycle(MEANWHILE.values()), set()

    for request in killed(lambda: payment_request(make_pending(launch=launch, seats=2, now=timezone.now()), card)):
        cut.add(standing(request.customer))
        next(meanwhile)()
        finish(request, refusals=("hold_expired",), fresh=lambda one=request: checkout_request(one.customer, launch))
        jobs_run()
        assert_has_one_booking(request.customer, launch)

    assert cut == CUT[card] | {("pending", "", False)}
    assert_sound()


@pytest.mark.parametrize("card", [GOOD, LOST], ids=["good card", "answer lost"])
def test_book_and_pay_in_one_call(card):
    launch, meanwhile, cut = launch_ahead(), cycle(MEANWHILE.values()), set()

    for request in killed(lambda: checkout_request(UserFactory(), launch, card)):
        cut.add(standing(request.customer))
        next(meanwhile)()
        finish(request, refusals=("hold_expired",), fresh=lambda one=request: checkout_request(one.customer, launch))
        jobs_run()
        assert_has_one_booking(request.customer, launch)

    assert cut == CUT[card] | {("", "", False)}
    assert_sound()


# --- the controls ---------------------------------------------------------------------------------
def test_control_without_transactions_the_kill_leaves_halves():
    """The same kills with each statement committed on its own: if nothing were wrong then, we could not see it."""
    launch, wrong = launch_ahead(), []

    for number in count(1):
        if ask_and_kill(booking_request(hold_now(launch)), kill_at=number, is_torn=True) is not None:
            break
        wrong += seats_wrong()

    assert any("a used hold without a booking" in sentence for sentence in wrong)


def test_control_without_the_jobs_money_has_no_seats():
    launch, wrong = launch_ahead(), []

    for _ in killed(lambda: payment_request(make_pending(launch=launch, now=timezone.now()))):
        wrong = money_wrong()

    assert [sentence.partition(":")[0] for sentence in wrong] == [
        "a payment that is still open though the gateway has its money",
        "money of nobody at the gateway",
        "money at the gateway that is not the booking's price less what was promised back",
        "a ledger that disagrees with the gateway",
    ]
    jobs_run()
    assert_sound()
