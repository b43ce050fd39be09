"""Moving a trip to another launch, signed in."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bookings import selectors, services
from bookings.models import Booking, Rebooking, SlipDecision
from finance.models import Payment
from tests.bookings.moving import live_seats, priced, seat_ids, sister, state
from tests.bookings.test_slips import delay
from tests.factories import make_booking, make_hold
from tests.portals.customer.conftest import GOOD_CARD, csp_breaks, title, words

pytestmark = pytest.mark.django_db


def test_a_trip_is_moved_from_its_page(vera, booking, target):
    priced(target, 300000)
    trip = vera.get(f"/trips/{booking.reference}/").content.decode()
    launches = vera.get(f"/trips/{booking.reference}/move/")
    seats = vera.get(f"/trips/{booking.reference}/move/target/")
    before = state()
    held = vera.post(f"/trips/{booking.reference}/move/target/", {"seats": seat_ids(target, "A2", "B2")}, follow=True)
    path = held.redirect_chain[-1][0]
    reminded = words(vera.get(f"/trips/{booking.reference}/"))
    done = vera.post(path, follow=True)

    assert f'href="/trips/{booking.reference}/move/"' in trip
    assert "$270,000 comes back to you." in words(launches)
    assert "90 % of the difference comes back" in words(launches)
    assert "Choose your new seats" in words(seats)
    assert before[0][0][0] == booking.launch_id
    assert "$270,000 will go back to the card" in words(held)
    assert "you get $567,000 of $630,000 back (90 %)" in words(held)
    assert "A1, B1" in words(held)
    assert "A2, B2" in words(held)
    assert "Finish the move" in reminded
    assert "Your booking has moved" in words(done)
    assert live_seats(target) == [("A2", "sold"), ("B2", "sold")]
    assert title(done) == f"{booking.reference} has moved · Astro Bookings"
    for answer in (launches, seats, held, done):
        assert csp_breaks(answer) == []
        assert answer.content.decode().count("<h1") == 1


def test_a_move_to_a_launch_that_leaves_soon_says_first_that_nothing_comes_back_then(vera, booking, now):
    soon = sister(booking.launch, departure_at=now + timedelta(days=60), slug="soon")

    held = vera.post(f"/trips/{booking.reference}/move/soon/", {"party": "2"}, follow=True)

    assert "you get $" in words(vera.get(f"/trips/{booking.reference}/"))
    assert "Nothing comes back: once you have moved, the seats count as sold." in words(held)
    done = vera.post(held.redirect_chain[-1][0], follow=True)
    assert "Nothing comes back" not in words(done)
    assert "you get $" not in words(vera.get(f"/trips/{booking.reference}/"))
    assert Booking.objects.get(pk=booking.pk).launch_id == soon.pk


def test_the_difference_is_paid_with_a_card(vera, booking, target):
    priced(target, 500000)
    page = vera.post(f"/trips/{booking.reference}/move/target/", {"party": "2"}, follow=True)
    path = page.redirect_chain[-1][0]

    bad = vera.post(path, {**GOOD_CARD, "number": "1"})
    declined = vera.post(path, {**GOOD_CARD, "number": "4000 0000 0000 0002"}, follow=True)
    done = vera.post(path, GOOD_CARD, follow=True)

    booking.refresh_from_db()
    assert title(page).startswith("Pay $100,000 and move")
    assert (bad.status_code, title(bad)[:7]) == (422, "Error: ")
    assert "Your card was declined" in words(declined)
    assert "You paid $100,000 more." in words(done)
    assert (booking.launch_id, booking.price_amount) == (target.pk, 1000000)
    assert "Paid for the move with the card ending 4242" in words(vera.get(f"/trips/{booking.reference}/"))
    assert sorted(Payment.objects.filter(status="succeeded").values_list("amount", flat=True)) == [100000, 900000]


def test_a_bank_that_asks_for_a_code(vera, booking, target):
    priced(target, 500000)
    path = vera.post(f"/trips/{booking.reference}/move/target/", {"party": "2"}, follow=True).redirect_chain[-1][0]

    asked = vera.post(path, {**GOOD_CARD, "number": "4000 0025 0000 3155"}, follow=True)
    wrong = vera.post(path, {"code": "000000"})
    done = vera.post(path, {"code": asked.context["code"]}, follow=True)

    assert "Enter the code from your bank" in words(asked)
    assert wrong.status_code == 422
    assert "Your booking has moved" in words(done)


def test_who_takes_another_card_for_a_move_is_told_that_nothing_was_charged(vera, booking, target):
    priced(target, 500000)
    path = vera.post(f"/trips/{booking.reference}/move/target/", {"party": "2"}, follow=True).redirect_chain[-1][0]
    vera.post(path, {**GOOD_CARD, "number": "4000 0025 0000 3155"})

    given_up = vera.post(f"{path}pay/give-up/", follow=True)

    assert "That payment is given up, and nothing was charged." in words(given_up)
    assert title(given_up).startswith("Pay ")


def test_a_payment_whose_answer_is_lost_says_so(vera, booking, target):
    priced(target, 500000)
    path = vera.post(f"/trips/{booking.reference}/move/target/", {"party": "2"}, follow=True).redirect_chain[-1][0]
    page = vera.post(path, {**GOOD_CARD, "number": "4000 0000 0000 0259"}, follow=True)
    assert "We are checking your payment" in words(page)
    assert Booking.objects.get(pk=booking.pk).launch_id == booking.launch_id


def test_a_choice_that_cannot_be_held_is_kept_and_says_why(vera, booking, target):
    path = f"/trips/{booking.reference}/move/target/"
    nothing = vera.post(path, {})
    few = vera.post(path, {"seats": seat_ids(target, "A1")})
    taken = make_hold(launch=target)
    late = vera.post(path, {"seats": [*seat_ids(target, "A2"), taken.claims.get().launch_seat_id]})

    assert [answer.status_code for answer in (nothing, few, late)] == [422] * 3
    assert "Tick 2 seats" in words(nothing)
    assert "Choose 2 seats, one for each passenger." in words(few)
    assert "Choose seats of this launch." not in words(few)
    assert "Taken by somebody else" in words(late)
    assert [seat.label for seat in late.context["seats"] if seat.is_mine] == ["A2"]
    assert not Rebooking.objects.exists()


def test_giving_up_frees_the_seats(vera, booking, target):
    path = vera.post(f"/trips/{booking.reference}/move/target/", {"party": "2"}, follow=True).redirect_chain[-1][0]
    page = vera.post(f"{path}give-up/", follow=True)
    assert "your booking stays on its launch" in words(page)
    assert live_seats(target) == []
    assert "The time to move is over" in words(vera.get(path))
    assert "The time to move is over" in words(vera.post(path, follow=True))


def test_a_move_that_was_made_in_another_window_is_not_said_to_be_given_up(vera, booking, target):
    move = services.rebooking_open(
        customer=vera.user, reference=booking.reference, launch_id=target.pk, now=timezone.now()
    )
    check = f"/trips/{booking.reference}/moving/{move.pk}/"
    vera.post(check)

    page = words(vera.post(check + "give-up/", follow=True))
    answer = vera.delete(f"/api/v1/customer/rebookings/{move.pk}/")

    assert f"Booking {booking.reference} has moved already." in page
    assert "Your booking has moved" in page
    assert "Nothing was changed" not in page
    assert (answer.status_code, answer.json()["code"]) == (409, "rebooking_done")


def test_where_nothing_can_be_chosen_the_page_says_so(vera, booking, make_launch, now):
    assert "No other launch to move to" in words(vera.get(f"/trips/{booking.reference}/move/"))
    soon = make_booking(launch=make_launch(days=20), customer=vera.user, now=now)
    assert "This booking cannot be moved: that was possible until" in words(vera.get(f"/trips/{soon.reference}/move/"))
    other = make_launch(slug="another")
    back = vera.get(f"/trips/{booking.reference}/move/{other.slug}/", follow=True)
    assert "cannot move to that launch now" in words(back)
    assert vera.get(f"/trips/{booking.reference}/move/nonsense/").status_code == 404


def test_a_passenger_too_old_for_it_is_named(vera, booking, target, now):
    booking.passengers.filter(seat_label="B1").update(birth_date=(now + timedelta(days=430)).date().replace(year=1957))
    target.departure_at = now + timedelta(days=900)
    target.save()
    page = words(vera.get(f"/trips/{booking.reference}/move/"))
    assert "Not possible: Traveller B (seat B1) is not 18 to 70 years old" in page


def test_moves_are_ones_own(vera, otto, client, booking, target):
    path = vera.post(f"/trips/{booking.reference}/move/target/", {"party": "2"}, follow=True).redirect_chain[-1][0]
    own = [f"/trips/{booking.reference}/move/", f"/trips/{booking.reference}/move/target/", path]
    assert [otto.get(one).status_code for one in own] == [404] * 3
    assert [otto.post(one).status_code for one in (own[1], path, f"{path}give-up/")] == [404] * 3
    for one in own:
        assert client.get(one)["Location"].startswith("/accounts/sign-in/?next=/")
    assert vera.get(f"{path}give-up/").status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_with_one_launch_and_with_three(vera, booking, now, count, django_assert_max_num_queries):
    for number in range(count):
        sister(booking.launch, departure_at=now + timedelta(days=450 + number))
    delay(booking.launch, now=now)
    link = f"/slips/{selectors.slip_token(SlipDecision.objects.get().pk)}/"
    for path, most in ((f"/trips/{booking.reference}/move/", 7), (link, 6)):
        with django_assert_max_num_queries(most):
            page = vera.get(path) if "trips" in path else Client().get(path)
        assert page.content.decode().count("Choose seats") == count
