"""Pages for more time, giving back, passengers and seats."""

import pytest

from bookings.models import Booking, Hold, PassengerChange
from finance import services as finance_services
from tests.factories import card, make_booking, make_hold, make_pending
from tests.portals.customer.conftest import HTMX, passengers, title, words

pytestmark = pytest.mark.django_db
ANOTHER = {
    "full_name": "Nora Newcomer",
    "email": "nora@example.com",
    "phone": "+47 22 12 34 56",
    "birth_date": "1990-01-01",
}


@pytest.fixture
def booking(vera, make_launch, now):
    return make_booking(launch=make_launch(), customer=vera.user, seats=2, now=now)


def passenger_path(booking, page="", index=0):
    return f"/trips/{booking.reference}/passengers/{booking.passengers.order_by('pk')[index].pk}/{page}"


# --- time -------------------------------------------------------------------------------------------------------------
def test_the_timer_offers_more_time_once_and_says_the_new_end(vera, make_launch, now):
    hold = make_hold(launch=make_launch(), customer=vera.user, now=now)
    path = f"/book/{hold.pk}/passengers/"

    before = vera.get(path).content.decode()
    fragment = vera.post(f"/book/{hold.pk}/extension/", headers=HTMX)
    after = vera.get(path).content.decode()

    hold.refresh_from_db()
    assert "Keep them 10 minutes longer" in before
    assert hold.extended_at is not None
    html = fragment.content.decode()
    assert (fragment.status_code, "<html" in html) == (200, False)
    assert f'data-hold-until="{hold.expires_at.isoformat()}"' in html
    assert "10 minutes more are yours" in html
    assert "minutes longer" not in after


def test_without_javascript_what_was_typed_stays(vera, make_launch, now):
    hold = make_hold(launch=make_launch(), customer=vera.user, seats=2, now=now)
    typed = passengers(count=2, **{"1-full_name": "Half Typ", "1-birth_date": "", "1-phone": ""})

    answer = vera.post(f"/book/{hold.pk}/extension/", typed)

    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="Half Typ"' in html
    assert 'value="traveller@example.com"' in html
    assert "There is a problem" not in html
    assert "Your seats are held 10 minutes longer." in words(answer)
    assert Hold.objects.get().extended_at is not None


@pytest.mark.parametrize("step", ["check", "pay"])
def test_checking_and_paying_can_take_longer_too(vera, make_launch, now, step):
    booking = make_pending(launch=make_launch(), customer=vera.user, now=now)
    path = f"/book/{booking.reference}/{step}/"

    page = vera.get(path).content.decode()
    answer = vera.post(f"/book/{booking.hold_id}/extension/", {"next": path})
    outside = vera.post(f"/book/{booking.hold_id}/extension/", {"next": "https://elsewhere.example/"})

    assert f'name="next" value="{path}"' in page
    assert (answer.status_code, answer["Location"]) == (303, path)
    assert "elsewhere" not in outside["Location"]


def test_a_second_extension_and_a_strangers_are_refused(vera, otto, make_launch, now):
    hold = make_hold(launch=make_launch(), customer=vera.user, now=now)
    vera.post(f"/book/{hold.pk}/extension/")

    again = vera.post(f"/book/{hold.pk}/extension/", headers=HTMX)

    assert (again.status_code, "possible once" in words(again)) == (409, True)
    assert otto.post(f"/book/{hold.pk}/extension/").status_code == 404


# --- giving back ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["check", "pay"])
def test_seats_of_an_unpaid_booking_are_given_back_from_its_pages(vera, make_launch, now, step):
    booking = make_pending(launch=make_launch(), customer=vera.user, now=now)

    page = vera.get(f"/book/{booking.reference}/{step}/").content.decode()
    answer = vera.post(f"/book/{booking.reference}/release/", follow=True)

    assert f'action="/book/{booking.reference}/release/"' in page
    assert "Your seats are free again. Nothing was charged." in words(answer)
    assert Booking.objects.get().status == "expired"
    assert f"/book/{booking.reference}/release/" not in vera.get("/trips/").content.decode()


@pytest.mark.parametrize("make", [make_pending, make_booking])
def test_seats_that_were_booked_in_another_window_are_not_said_to_be_given_back(vera, make_launch, now, make):
    booking = make(launch=make_launch(), customer=vera.user, now=now)

    page = words(vera.post(f"/book/{booking.hold_id}/release/", follow=True))
    answer = vera.delete(f"/api/v1/customer/holds/{booking.hold_id}/")

    said = f"These seats belong to booking {booking.reference} by now and were not given back."
    assert said in page
    assert "Your seats are free again" not in page
    assert (answer.status_code, answer.json()["code"]) == (409, "hold_booked")
    assert booking.hold.claims.get().status == ("held" if make is make_pending else "sold")


def test_seats_stay_while_a_payment_is_under_way(vera, otto, make_launch, now):
    booking = make_pending(launch=make_launch(), customer=vera.user, now=now)
    finance_services.booking_pay(
        customer=vera.user, reference=booking.reference, card=card("4000 0000 0000 0259"), now=now
    )

    answer = vera.post(f"/book/{booking.reference}/release/", follow=True)

    assert "A payment for booking" in words(answer)
    assert otto.post(f"/book/{booking.reference}/release/").status_code == 404
    assert Booking.objects.get().status == "pending"


# --- passengers -------------------------------------------------------------------------------------------------------
def test_the_trip_leads_to_its_passengers_and_says_until_when_they_change(vera, booking):
    trip = vera.get(f"/trips/{booking.reference}/").content.decode()
    answer = vera.get(f"/trips/{booking.reference}/passengers/")

    html = answer.content.decode()
    assert f'href="/trips/{booking.reference}/passengers/"' in trip
    assert "can be changed until" in words(answer)
    for page in ("", "seat/", "replace/"):
        assert f'href="{passenger_path(booking, page)}"' in html


def test_details_are_corrected(vera, booking):
    path = passenger_path(booking)
    page = vera.get(path).content.decode()
    answer = vera.post(path, {**ANOTHER, "full_name": "Traveller Anna"}, follow=True)

    one = booking.passengers.order_by("pk").first()
    assert 'value="Traveller A"' in page
    assert 'value="1985-06-15"' in page
    assert (one.full_name, one.phone) == ("Traveller Anna", "+4722123456")
    assert "Saved. We confirm it by e-mail." in words(answer)
    assert not PassengerChange.objects.filter(is_replacement=True).exists()


def test_somebody_else_flies(vera, booking):
    path = passenger_path(booking, "replace/")
    page = vera.get(path)
    vera.post(path, ANOTHER)

    assert "Who flies instead of Traveller A?" in words(page)
    assert 'value="Traveller A"' not in page.content.decode()
    assert booking.passengers.order_by("pk").first().full_name == "Nora Newcomer"
    assert PassengerChange.objects.filter(is_replacement=True).count() == 4


@pytest.mark.parametrize("page", ["", "replace/"])
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"full_name": ""}, "Enter the full name as in the passport."),
        ({"phone": "555"}, "Enter the phone number with its country code"),
        ({"birth_date": "2020-01-01"}, "Passengers must be 18 to 70 years old"),
        ({"birth_date": "soon"}, "Enter the date of birth as year, month, day"),
    ],
)
def test_a_wrong_detail_is_told_at_its_field_and_the_rest_stays(vera, booking, page, wrong, sentence):
    answer = vera.post(passenger_path(booking, page), ANOTHER | wrong)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert f'id="id_{next(iter(wrong))}-error"' in html
    assert 'value="nora@example.com"' in html
    assert title(answer).startswith("Error: ")
    assert not PassengerChange.objects.exists()


def test_what_changes_nothing_says_so(vera, booking):
    one = booking.passengers.order_by("pk").first()
    same = {"full_name": one.full_name, "email": one.email, "phone": one.phone, "birth_date": "1985-06-15"}

    answer = vera.post(passenger_path(booking), same)

    assert (answer.status_code, "Nothing was changed" in words(answer)) == (409, True)


def test_too_late_is_said_before_anything_is_typed(vera, make_launch, now):
    booking = make_booking(launch=make_launch(days=29), customer=vera.user, now=now)

    party = vera.get(f"/trips/{booking.reference}/passengers/")
    page = vera.get(passenger_path(booking))
    answer = vera.post(passenger_path(booking), ANOTHER)

    assert "Nothing can be changed here any more" in words(party)
    assert "30 days before departure" in words(page)
    assert "<form" not in page.content.decode().split("<main")[1]
    assert answer.status_code == 409
    assert not PassengerChange.objects.exists()


def test_strangers_and_strange_passengers_are_404(vera, otto, booking, make_launch, now):
    other = make_booking(launch=make_launch(), customer=vera.user, now=now)
    strange = f"/trips/{booking.reference}/passengers/{other.passengers.get().pk}/"

    assert vera.get(strange).status_code == 404
    for page in ("", "replace/", "seat/"):
        assert otto.get(passenger_path(booking, page)).status_code == 404
        assert otto.post(passenger_path(booking, page), ANOTHER).status_code == 404


# --- seats ------------------------------------------------------------------------------------------------------------
def test_a_free_seat_is_chosen_in_the_cabin(vera, booking):
    path = passenger_path(booking, "seat/")
    free = booking.launch.seats.get(label="A3")
    page = vera.get(path)
    answer = vera.post(path, {"seat": free.pk}, follow=True)

    html = page.content.decode()
    assert f'type="radio" name="seat" value="{free.pk}"' in html
    assert "yours, Traveller A sits here now" in words(page)
    assert "yours, Traveller B" in words(page)
    assert [seat.label for seat in page.context["seats"] if seat.is_selectable] == ["A2", "B2", "A3", "B3"]
    assert "With Traveller B, seat B1" in words(page)
    assert "Traveller A has seat A3 now." in words(answer)


def test_two_exchange_their_seats(vera, booking):
    vera.post(passenger_path(booking, "seat/"), {"seat": booking.launch.seats.get(label="B1").pk})

    assert [one.seat_label for one in booking.passengers.order_by("pk")] == ["B1", "A1"]


@pytest.mark.parametrize(
    ("seat", "status", "sentence"),
    [
        ("", 422, "Choose one seat in the cabin plan."),
        ("x", 422, "Choose one seat in the cabin plan."),
        ("9" * 30, 422, "Choose one seat in the cabin plan."),
        ("A2", 409, "Seat A2 is taken. Traveller A keeps seat A1"),
        ("A1", 409, "Traveller A has seat A1 already."),
    ],
)
def test_a_seat_that_cannot_be_had_is_said(vera, booking, now, seat, status, sentence):
    make_hold(launch=booking.launch, now=now)  # A2
    labels = {one.label: one.pk for one in booking.launch.seats.all()}

    answer = vera.post(passenger_path(booking, "seat/"), {"seat": labels.get(seat, seat)})

    assert (answer.status_code, sentence in words(answer)) == (status, True)
    assert title(answer).startswith("Error: ")
    assert not PassengerChange.objects.exists()
