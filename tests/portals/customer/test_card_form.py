"""Stripe's own form for the card: only where it belongs, with a policy of its own; and payments given up."""

from datetime import timedelta

import pytest

from bookings import services as booking_services
from finance.models import Payment, SandboxCharge
from tests.bookings.moving import sister
from tests.factories import make_booking, make_hold, make_pending
from tests.finance.conftest import stripe_double  # noqa: F401 - a fixture
from tests.portals.customer.conftest import GOOD_CARD, csp_breaks, words

pytestmark = pytest.mark.django_db
CHALLENGE_CARD = "4000 0025 0000 3155"


@pytest.fixture
def booking(vera, make_launch, now):
    return make_pending(launch=make_launch(), customer=vera.user, now=now)


@pytest.fixture
def stripe(stripe_double):  # noqa: F811
    return stripe_double


def page_of(client, booking, name="pay"):
    return client.get(f"/book/{booking.reference}/{name}/")


def go_on(client, booking):
    return client.post(f"/book/{booking.reference}/pay/")


def test_with_stripe_no_page_of_ours_asks_for_a_number(vera, booking, stripe):
    asked = page_of(vera, booking)
    answer = go_on(vera, booking)

    assert "cc-number" not in asked.content.decode()
    assert "This is a sandbox" not in words(asked)
    assert "Its number never reaches us." in words(asked)
    assert answer["Location"] == f"/book/{booking.reference}/pay/code/"
    assert Payment.objects.get().status == "challenge"


def test_the_form_gets_what_it_needs_and_only_its_page_may_load_it(vera, booking, stripe):
    plain = page_of(vera, booking)
    go_on(vera, booking)
    form = page_of(vera, booking, "pay/code")

    html, policy = form.content.decode(), form["Content-Security-Policy"]
    for said in (
        'data-key="pk_test_of_the_tests"',
        'data-secret="pi_1_secret_x"',
        f'data-return="http://testserver/book/{booking.reference}/pay/code/"',
        'src="https://js.stripe.com/v3/"',
    ):
        assert said in html
    assert "sk_test" not in html
    assert "It needs JavaScript" in words(form)
    assert csp_breaks(form) == []
    assert "script-src 'self' https://js.stripe.com;" in policy
    assert "frame-src https://js.stripe.com https://hooks.stripe.com" in policy
    assert "connect-src 'self' https://api.stripe.com" in policy
    assert "stripe" not in plain["Content-Security-Policy"]


def test_who_comes_back_paid_is_booked(vera, booking, stripe):
    go_on(vera, booking)
    stripe.intents["pi_1"]["status"] = "succeeded"

    answer = vera.get(f"/book/{booking.reference}/pay/code/?payment_intent=pi_1&redirect_status=succeeded")

    booking.refresh_from_db()
    onward = vera.get(answer["Location"])
    assert (onward["Location"], booking.status) == (f"/book/{booking.reference}/done/", "confirmed")


def test_who_comes_back_unpaid_finds_the_form_again(vera, booking, stripe):
    go_on(vera, booking)

    answers = [
        vera.get(f"/book/{booking.reference}/pay/code/?payment_intent=pi_1&redirect_status=succeeded"),
        vera.post(f"/book/{booking.reference}/pay/code/"),
    ]

    booking.refresh_from_db()
    assert ([answer.status_code for answer in answers], booking.status) == ([200, 200], "pending")


def test_while_stripe_is_down_the_page_says_so(vera, booking, stripe):
    go_on(vera, booking)
    stripe.break_down.add("pi_1")

    answer = vera.post(f"/book/{booking.reference}/pay/code/")

    assert answer.status_code == 200
    assert "Our payment provider does not answer just now." in words(answer)


def test_starting_over_cancels_at_stripe(vera, booking, stripe):
    go_on(vera, booking)

    answer = vera.post(f"/book/{booking.reference}/pay/give-up/")

    assert answer["Location"] == f"/book/{booking.reference}/pay/"
    assert stripe.intents["pi_1"]["status"] == "canceled"
    assert go_on(vera, booking)["Location"] == f"/book/{booking.reference}/pay/code/"


# --- the difference of a move
@pytest.fixture
def move(vera, make_launch, now):
    """An open move to a launch that costs $50,000 more."""
    booking = make_booking(launch=make_launch(), customer=vera.user, now=now)
    target = sister(booking.launch, departure_at=now + timedelta(days=450), slug="target")
    target.price_amount = 500_000
    target.save()
    return booking_services.rebooking_open(
        customer=vera.user, reference=booking.reference, launch_id=target.pk, seat_ids=[], now=now
    )


def path_of(move):
    return f"/trips/{move.booking.reference}/moving/{move.pk}/"


def test_a_difference_is_paid_in_stripes_form_too(vera, move, stripe):
    asked = vera.get(path_of(move))
    vera.post(path_of(move))
    form = vera.get(path_of(move))
    stripe.intents["pi_1"]["status"] = "succeeded"
    back = vera.get(path_of(move) + "?payment_intent=pi_1", follow=True)

    move.booking.refresh_from_db()
    assert "cc-number" not in asked.content.decode()
    assert "Pay $50,000 and move" in words(form)
    assert f'data-return="http://testserver{path_of(move)}"' in form.content.decode()
    assert "https://js.stripe.com" in form["Content-Security-Policy"]
    assert csp_breaks(form) == []
    assert "Your booking has moved" in words(back)
    assert move.booking.launch_id == move.to_launch_id


@pytest.mark.parametrize("gateway", ["sandbox", "stripe"])
def test_a_differences_payment_can_be_given_up_for_another_card(vera, otto, move, gateway, request):
    if gateway == "stripe":
        request.getfixturevalue("stripe")
        card = {}
    else:
        card = {**GOOD_CARD, "number": CHALLENGE_CARD}
    vera.post(path_of(move), card)
    asked = words(vera.get(path_of(move)))
    stranger = otto.post(path_of(move) + "pay/give-up/")
    waiting = Payment.objects.get(rebooking=move).status

    answer = vera.post(path_of(move) + "pay/give-up/")

    assert ("Use another card" in asked) or ("Start over with another card" in asked)
    assert (stranger.status_code, waiting) == (404, "challenge")
    assert answer["Location"] == path_of(move)
    assert Payment.objects.get(rebooking=move).status == "abandoned"
    assert "Pay $50,000 and move" in words(vera.get(path_of(move)))


# --- the same in the sandbox
def test_a_code_that_never_comes_can_be_given_up_for_another_card(vera, booking):
    vera.post(f"/book/{booking.reference}/pay/", {**GOOD_CARD, "number": CHALLENGE_CARD})
    asked = page_of(vera, booking, "pay/code")
    answer = vera.post(f"/book/{booking.reference}/pay/give-up/")
    page = vera.get(answer["Location"])
    done = vera.post(f"/book/{booking.reference}/pay/", GOOD_CARD)

    assert "Use another card" in words(asked)
    assert answer["Location"] == f"/book/{booking.reference}/pay/"
    assert "Your card was declined" not in words(page)
    assert done["Location"] == f"/book/{booking.reference}/done/"
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["abandoned", "succeeded"]


def test_money_that_came_in_before_a_payment_was_given_up_counts_and_is_not_denied(vera, booking, move):
    vera.post(f"/book/{booking.reference}/pay/", {**GOOD_CARD, "number": CHALLENGE_CARD})
    vera.post(path_of(move), {**GOOD_CARD, "number": CHALLENGE_CARD})
    SandboxCharge.objects.filter(outcome="challenge").update(outcome="succeeded")  # in the bank's app

    page = words(vera.post(f"/book/{booking.reference}/pay/give-up/", follow=True))
    moved = words(vera.post(path_of(move) + "pay/give-up/", follow=True))

    assert "You are booked" in page
    assert "Your booking has moved" in moved
    for told in (page, moved):
        assert "nothing was charged" not in told


def test_a_payment_in_check_cannot_be_given_up(vera, booking):
    vera.post(f"/book/{booking.reference}/pay/", {**GOOD_CARD, "number": "4000 0000 0000 0259"})

    answer = vera.post(f"/book/{booking.reference}/pay/give-up/")

    assert answer["Location"] == f"/book/{booking.reference}/pay/wait/"
    assert Payment.objects.get().status == "processing"


def test_nobody_gives_up_somebody_elses_payment(vera, otto, booking):
    vera.post(f"/book/{booking.reference}/pay/", {**GOOD_CARD, "number": CHALLENGE_CARD})

    assert otto.post(f"/book/{booking.reference}/pay/give-up/").status_code == 404
    assert Payment.objects.get().status == "challenge"


def test_given_up_after_the_hold_ran_out_leads_to_its_end(vera, make_launch, now):
    launch = make_launch(seats=1)
    booking = make_pending(launch=launch, customer=vera.user, now=now - timedelta(minutes=14))
    vera.post(f"/book/{booking.reference}/pay/", {**GOOD_CARD, "number": CHALLENGE_CARD})
    make_hold(launch=launch, now=now + timedelta(minutes=2))
    type(booking.hold).objects.filter(pk=booking.hold_id).update(expires_at=now - timedelta(seconds=1))

    answer = vera.post(f"/book/{booking.reference}/pay/give-up/")

    assert answer["Location"] == f"/book/{booking.hold_id}/expired/"
