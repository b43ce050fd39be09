from datetime import date, timedelta

import pytest

from accounts import services as account_services
from bookings.models import Booking, Hold, Passenger
from tests.factories import make_booking, make_hold, make_pending
from tests.portals.customer.conftest import passengers, title, words

pytestmark = pytest.mark.django_db


def address(hold) -> str:
    return f"/book/{hold.pk}/passengers/"


@pytest.fixture
def hold(vera, make_launch, now):
    return make_hold(launch=make_launch(), customer=vera.user, seats=2, now=now)


def test_asks_for_a_passenger_a_seat_and_fills_in_the_first(vera, hold, now):
    account_services.profile_change(
        customer=vera.user, full_name="Vera Customer", phone="+14155550123", birth_date=date(1990, 5, 17), now=now
    )

    answer = vera.get(address(hold))

    html = answer.content.decode()
    assert [form.seat_label for form in answer.context["forms"]] == ["A1", "B1"]
    assert 'value="Vera Customer"' in html
    assert 'value="+14155550123"' in html
    assert 'value="1990-05-17"' in html
    assert "These are your own details." in words(answer)
    assert "$900,000" in words(answer)


def test_somebody_else_may_be_the_first(vera, hold):
    assert 'value="Vera Customer"' not in vera.get(address(hold) + "?me=no").content.decode()


def test_is_only_not_filled_in_while_profiles_are_away(vera, hold, mongo_servers):
    mongo_servers.customer.kill()

    answer = vera.get(address(hold))

    assert answer.status_code == 200
    assert 'value="Vera Customer"' not in answer.content.decode()


def test_named_passengers_make_a_booking(vera, hold):
    answer = vera.post(address(hold), passengers(count=2))

    booking = Booking.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"/book/{booking.reference}/check/"
    assert [(one.seat_label, one.full_name) for one in booking.passengers.order_by("seat_label")] == [
        ("A1", "Traveller A"),
        ("B1", "Traveller B"),
    ]


def test_sending_twice_makes_one_booking(vera, hold):
    vera.post(address(hold), passengers(count=2))
    vera.post(address(hold), passengers(count=2))

    assert Booking.objects.count() == 1
    assert Passenger.objects.count() == 2


def test_coming_back_shows_what_was_entered_and_corrects_it(vera, hold):
    vera.post(address(hold), passengers(count=2))

    page = vera.get(address(hold)).content.decode()
    vera.post(address(hold), passengers(count=2, **{"1-full_name": "Somebody Else"}))

    assert 'value="Traveller B"' in page
    assert Passenger.objects.get(seat_label="B1").full_name == "Somebody Else"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"1-full_name": ""}, "Passenger 2, full name: Enter the full name as in the passport."),
        ({"1-full_name": "x" * 121}, "Passenger 2, full name: Shorten the name to 120 characters."),
        ({"0-email": "nobody"}, "Passenger 1, e-mail: Enter an e-mail address like name@example.com."),
        ({"0-phone": "555 0123"}, "Passenger 1, phone: Enter the phone number with its country code"),
        ({"1-birth_date": ""}, "Passenger 2, date of birth: Enter the date of birth."),
        ({"1-birth_date": "31/31/1990"}, "Passenger 2, date of birth: Enter the date of birth as year, month, day"),
        ({"1-birth_date": "2020-01-01"}, "Passenger 2, date of birth: Passengers must be 18 to 70 years old"),
        ({"1-birth_date": "1920-01-01"}, "Passenger 2, date of birth: Passengers must be 18 to 70 years old"),
    ],
)
def test_a_wrong_detail_is_told_at_its_field_and_nothing_is_written(vera, hold, wrong, sentence):
    answer = vera.post(address(hold), passengers(count=2, **wrong))

    html = answer.content.decode()
    field = next(iter(wrong))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert f'href="#id_{field}"' in html
    assert f'id="id_{field}-error"' in html
    assert title(answer).startswith("Error: ")
    assert 'value="Traveller A"' in html  # what was right stays
    assert Booking.objects.count() == 0


def test_a_lapsed_hold_leads_to_its_page_which_offers_the_same_seats(vera, make_launch, now):
    launch = make_launch()
    hold = make_hold(launch=launch, customer=vera.user, seats=2, now=now - timedelta(minutes=16))

    answer = vera.post(address(hold), passengers(count=2), follow=True)

    assert answer.redirect_chain[-1][0] == f"/book/{hold.pk}/expired/"
    assert "The time to hold your seats ran out" in words(answer)
    assert "Hold A1, B1 again" in words(answer)
    assert Booking.objects.count() == 0


def test_a_lapsed_hold_says_when_seats_are_taken(vera, make_launch, now):
    launch = make_launch(seats=2)
    hold = make_hold(launch=launch, customer=vera.user, seats=2, now=now - timedelta(minutes=16))
    make_hold(launch=launch, now=now)

    page = words(vera.get(f"/book/{hold.pk}/expired/"))

    assert "Of your seats only B1 is still free." in page


def test_the_expiry_page_of_a_running_hold_leads_back(vera, hold):
    page = vera.get(f"/book/{hold.pk}/expired/")

    assert "Your seats are still held" in words(page)
    assert address(hold) in page.content.decode()


def test_giving_seats_back(vera, hold):
    answer = vera.post(f"/book/{hold.pk}/release/", follow=True)

    assert "Your seats are free again. Nothing was charged." in words(answer)
    assert Hold.objects.get().status == "released"


def test_a_paid_hold_leads_to_its_booking(vera, make_launch, now):
    booking = make_booking(launch=make_launch(), customer=vera.user, now=now)

    answer = vera.get(f"/book/{booking.hold_id}/passengers/", follow=True)

    assert answer.redirect_chain[-1][0] == f"/book/{booking.reference}/done/"


@pytest.mark.parametrize("page", ["passengers", "expired"])
def test_somebody_elses_hold_is_404(otto, hold, page):
    assert otto.get(f"/book/{hold.pk}/{page}/").status_code == 404
    assert otto.post(f"/book/{hold.pk}/passengers/", passengers(count=2)).status_code == 404
    assert otto.post(f"/book/{hold.pk}/release/").status_code == 404
    assert Hold.objects.get().status == "open"


def test_check_shows_every_answer_with_a_way_to_change_it(vera, make_launch, now):
    booking = make_pending(launch=make_launch(), customer=vera.user, seats=2, now=now)

    answer = vera.get(f"/book/{booking.reference}/check/")

    page = words(answer)
    for said in ("Traveller A", "Traveller B", "traveller0@example.com", "+14155550123", "15 June 1985", "$900,000"):
        assert said in page
    assert answer.content.decode().count(f'href="/book/{booking.hold_id}/passengers/"') == 2
    assert "you get $810,000 of $900,000 back (90 %)" in page
