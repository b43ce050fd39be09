import re
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking
from finance import services as finance_services
from finance.models import Payment
from launches import services as launch_services
from tests.factories import card, make_booking, make_hold, make_pending
from tests.portals.customer.conftest import GOOD_CARD, HTMX, title, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(vera, make_launch, now):
    return make_pending(launch=make_launch(), customer=vera.user, seats=2, now=now)


def pay(client, booking, **changes):
    return client.post(f"/book/{booking.reference}/pay/", {**GOOD_CARD, **changes})


def test_the_card_form_says_what_browsers_may_fill_in(vera, booking):
    html = vera.get(f"/book/{booking.reference}/pay/").content.decode()

    for said in ('autocomplete="cc-number"', 'autocomplete="cc-exp"', 'autocomplete="cc-csc"', "4242 4242 4242 4242"):
        assert said in html


def test_a_good_card_books(vera, booking):
    answer = pay(vera, booking)
    done = vera.get(answer["Location"])

    booking.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (303, f"/book/{booking.reference}/done/")
    assert booking.status == "confirmed"
    assert "You are booked" in words(done)
    assert booking.reference in words(done)
    assert "Paid with the card ending 4242 $900,000" in words(done)
    assert f'href="/trips/{booking.reference}/booking.pdf"' in done.content.decode()


def test_paying_twice_charges_once(vera, booking):
    pay(vera, booking)
    again = pay(vera, booking)

    assert again["Location"] == f"/book/{booking.reference}/done/"
    assert Payment.objects.count() == 1


def test_a_declined_card_comes_back_with_the_reason_and_another_one_works(vera, booking):
    answer = pay(vera, booking, number="4000 0000 0000 9995")
    page = vera.get(answer["Location"])

    assert answer["Location"] == f"/book/{booking.reference}/pay/"
    assert "insufficient funds. Nothing was charged, and your seats are still held." in words(page)
    assert title(page).startswith("Error: ")
    assert pay(vera, booking)["Location"] == f"/book/{booking.reference}/done/"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"number": ""}, "Enter the card number as it stands on the card"),
        ({"number": "4242 4242 4242 4241"}, "Enter the card number as it stands on the card"),
        ({"number": "4" * 31}, "Enter the card number as it stands on the card"),
        ({"expiry": "13/30"}, "Enter the expiry date as month and year"),
        ({"expiry": "01/20"}, "This card has expired. Use another card."),
        ({"code": "12"}, "Enter the 3 or 4 digit security code."),
    ],
)
def test_bad_card_details_are_told_charge_nothing_and_are_not_shown_again(vera, booking, wrong, sentence):
    answer = pay(vera, booking, **wrong)

    html = answer.content.decode()
    form = html[html.index('class="panel panel--large card-form"') : html.index("</form>", html.index("card-form"))]
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert title(answer).startswith("Error: ")
    assert "4242" not in form
    assert "12/35" not in form
    assert Payment.objects.count() == 0


def test_a_card_that_asks_for_a_code(vera, booking):
    answer = pay(vera, booking, number="4000 0025 0000 3155")
    code_page = f"/book/{booking.reference}/pay/code/"
    assert answer["Location"] == code_page

    wrong = vera.post(code_page, {"code": "999999"})
    empty = vera.post(code_page, {"code": ""})
    right = vera.post(code_page, {"code": "123456"})

    assert (wrong.status_code, empty.status_code) == (422, 422)
    assert "That code is not right." in words(wrong)
    assert 'value="999999"' not in wrong.content.decode()
    assert "Enter the code that your bank sent you." in words(empty)
    assert right["Location"] == f"/book/{booking.reference}/done/"


def test_who_takes_another_card_is_told_that_nothing_was_charged(vera, booking):
    pay(vera, booking, number="4000 0025 0000 3155")

    answer = vera.post(f"/book/{booking.reference}/pay/give-up/", follow=True)
    again = vera.post(f"/book/{booking.reference}/pay/give-up/", follow=True)

    said = "That payment is given up, and nothing was charged. Enter another card."
    assert answer.redirect_chain[-1][0] == f"/book/{booking.reference}/pay/"
    assert said in words(answer)
    assert said not in words(again)


@pytest.mark.parametrize("expiry", ["1235", "12-35", "12 / 2035", "122035"])
def test_an_expiry_date_may_be_typed_in_several_ways(vera, booking, expiry):
    assert pay(vera, booking, expiry=expiry)["Location"] == f"/book/{booking.reference}/done/"


def test_an_unknown_outcome_waits_and_then_leads_on(vera, booking):
    type(vera.user).objects.update(time_zone="Europe/Madrid")
    waiting = pay(vera, booking, number="4000 0000 0000 0259")["Location"]
    page, fragment = vera.get(waiting), vera.get(waiting, headers=HTMX)
    finance_services.payments_settle(now=timezone.now() + timedelta(minutes=1))
    settled, settled_htmx = vera.get(waiting), vera.get(waiting, headers=HTMX)

    assert waiting == f"/book/{booking.reference}/pay/wait/"
    assert "We are checking your payment" in words(page)
    assert re.search(r"Last looked at \d\d:\d\d:\d\d CES?T", words(page))
    assert '<noscript><meta http-equiv="refresh"' in page.content.decode(), (
        "it goes on by itself without JavaScript too"
    )
    assert fragment.content.decode().lstrip().startswith('<div id="state"')
    assert settled["Location"] == f"/book/{booking.reference}/done/"
    assert settled_htmx["HX-Redirect"] == f"/book/{booking.reference}/done/"


def test_while_the_outcome_is_unknown_nobody_can_pay_again(vera, booking):
    pay(vera, booking, number="4000 0000 0000 0259")

    answer = pay(vera, booking)

    assert answer["Location"] == f"/book/{booking.reference}/pay/wait/"
    assert Payment.objects.count() == 1


def test_a_payment_too_late_for_its_seats_is_told_and_refunded(vera, make_launch, now):
    launch = make_launch(seats=1)
    booking = make_pending(launch=launch, customer=vera.user, now=now - timedelta(minutes=14))
    pay(vera, booking, number="4000 0025 0000 3155")
    make_hold(launch=launch, now=now + timedelta(minutes=2))

    answer = vera.post(f"/book/{booking.reference}/pay/code/", {"code": "123456"}, follow=True)

    page = words(answer)
    assert answer.redirect_chain[-1][0] == f"/book/{booking.reference}/done/"
    assert "The seats were gone: you get your money back" in page
    assert "$450,000 goes back to your card ending 3155" in page
    assert Booking.objects.get(pk=booking.pk).status != "confirmed"


def test_a_payment_for_a_launch_that_was_called_off_meanwhile_is_told_as_that(vera, make_launch, now):
    launch = make_launch()
    booking = make_pending(launch=launch, customer=vera.user, now=now)
    pay(vera, booking, number="4000 0025 0000 3155")
    launch_services.launch_abort(actor=None, launch_id=launch.pk, reason="A leak.", now=now)

    page = words(vera.post(f"/book/{booking.reference}/pay/code/", {"code": "123456"}, follow=True))

    assert f"{launch.title} stopped selling seats while you paid." in page
    assert "hold ran out" not in page
    assert "$450,000 goes back to your card ending 3155" in page


@pytest.mark.parametrize("page", ["check", "pay", "pay/code", "pay/wait", "done"])
def test_an_expired_booking_leads_to_its_expiry_from_every_page(vera, make_launch, now, page):
    booking = make_pending(launch=make_launch(), customer=vera.user, now=now - timedelta(minutes=16))

    answer = vera.get(f"/book/{booking.reference}/{page}/")

    assert answer["Location"] == f"/book/{booking.hold_id}/expired/"


def test_an_expired_booking_is_not_charged(vera, make_launch, now):
    booking = make_pending(launch=make_launch(), customer=vera.user, now=now - timedelta(minutes=16))

    answer = pay(vera, booking)

    assert answer["Location"] == f"/book/{booking.hold_id}/expired/"
    assert Payment.objects.count() == 0


@pytest.mark.parametrize("page", ["check", "pay", "pay/code", "pay/wait"])
def test_a_confirmed_booking_leads_to_its_end_from_every_page(vera, make_launch, now, page):
    booking = make_booking(launch=make_launch(), customer=vera.user, now=now)

    assert vera.get(f"/book/{booking.reference}/{page}/")["Location"] == f"/book/{booking.reference}/done/"


@pytest.mark.parametrize("page", ["check", "pay", "pay/code", "pay/wait", "done"])
def test_somebody_elses_booking_is_404(otto, booking, page):
    assert otto.get(f"/book/{booking.reference}/{page}/").status_code == 404
    assert otto.post(f"/book/{booking.reference}/pay/", GOOD_CARD).status_code == 404
    assert Payment.objects.count() == 0


def test_the_end_works_when_bookmarked_and_in_any_case(vera, make_launch, now):
    booking = make_booking(launch=make_launch(), customer=vera.user, now=now)

    assert vera.get(f"/book/{booking.reference.lower()}/done/").status_code == 200


def test_the_card_is_in_no_row(vera, booking):
    pay(vera, booking, number=card().number)

    payment = Payment.objects.get()
    assert all("4242424242424242" not in str(value).replace(" ", "") for value in vars(payment).values())
