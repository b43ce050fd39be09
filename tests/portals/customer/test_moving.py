"""Moving a trip to another launch, signed in and by the link of a slip's mail; and answering that."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bookings import selectors, services
from bookings.models import Booking, Rebooking, SeatClaim, SlipDecision
from common.models import OutboxEvent
from finance.models import Payment
from launches import services as launch_services
from tests.bookings.moving import live_seats, sister
from tests.bookings.test_slips import delay, handle
from tests.factories import make_booking, make_hold
from tests.portals.customer.conftest import GOOD_CARD, csp_breaks, title, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(vera, make_launch, now):
    return make_booking(launch=make_launch(), customer=vera.user, seats=2, now=now)


@pytest.fixture
def target(booking, now):
    return sister(booking.launch, departure_at=now + timedelta(days=450), slug="target")


def priced(target, amount):
    target.price_amount = amount
    target.save()


def seat_ids(target, *labels):
    return list(target.seats.filter(label__in=labels).values_list("pk", flat=True))


def state():
    return (
        list(Booking.objects.order_by("pk").values_list("launch_id", "status", "version")),
        list(SeatClaim.objects.order_by("pk").values_list("status", flat=True)),
        list(SlipDecision.objects.values_list("status", flat=True)),
        OutboxEvent.objects.count(),
    )


# --- signed in --------------------------------------------------------------------------------------
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


# --- the question about a slip, by its link ------------------------------------------------------------
@pytest.fixture
def link(booking, target, now):
    delay(booking.launch, now=now)
    return f"/slips/{selectors.slip_token(SlipDecision.objects.get().pk)}/"


def test_the_link_shows_the_choices_and_nothing_of_the_passengers(link, client, booking):
    before = state()
    answer = client.get(link)
    page = words(answer)

    for said in (booking.reference, "A1, B1", "A valve.", "If you do nothing, you keep your seats", "$900,000 back"):
        assert said in page
    for one in booking.passengers.all():
        for private in (one.full_name, one.email, one.phone, str(one.birth_date)):
            assert private not in answer.content.decode()
    assert booking.customer.email not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"] or "no-cache" in answer["Cache-Control"]
    assert csp_breaks(answer) == []
    assert state() == before


def test_the_old_date_is_said_only_as_exactly_as_it_was_known(vera, client, make_launch, now):
    launch = make_launch(departure_precision="month")
    booking = make_booking(launch=launch, customer=vera.user, now=now)
    before = launch.departure_text
    launch_services.launch_delay(
        actor=None, launch_id=launch.pk, departure_at=launch.departure_at + timedelta(days=60),
        departure_precision="minute", reason="A valve.", now=now,
    )  # fmt: skip
    handle(OutboxEvent.objects.get(name="launches.launch.delayed"))

    page = words(client.get(f"/slips/{selectors.slip_token(booking.slip_decisions.get().pk)}/"))

    assert before.startswith("no earlier than ")
    assert f"Before {before} Now" in page


def test_no_get_and_no_head_ever_answers(link, client, target):
    before = state()
    for path in (link, f"{link}?answer=keep", f"{link}?answer=refund&sure=on", f"{link}move/target/?party=2"):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert state() == before


def test_keeping_by_the_link_then_the_link_is_dead(link, client, booking):
    page = client.post(link, {"answer": "keep"}, follow=True)
    again = client.post(link, {"answer": "refund", "sure": "on"})

    assert (page.status_code, again.status_code) == (410, 410)
    assert "You chose to keep the booking." in words(page)
    assert booking.reference not in words(client.get(link))
    assert Booking.objects.get(pk=booking.pk).status == "confirmed"


def test_leaving_by_the_link_wants_a_clear_yes(link, client, booking):
    unsure = client.post(link, {"answer": "refund"})
    page = client.post(link, {"answer": "refund", "sure": "on"}, follow=True)

    booking.refresh_from_db()
    assert (unsure.status_code, title(unsure)[:7]) == (422, "Error: ")
    assert "You chose to leave, and everything comes back." in words(page)
    assert (booking.status, booking.refund_amount) == ("cancelled", 900000)


def test_a_free_move_by_the_link(link, client, booking, target):
    priced(target, 300000)
    held = client.post(f"{link}move/target/", {"party": "2"}, follow=True)
    path = held.redirect_chain[-1][0]
    done = client.post(path, follow=True)

    assert path.startswith(link)
    assert "$300,000 will go back to the card" in words(held)
    assert "Your booking has moved" in words(done)
    assert Booking.objects.get(pk=booking.pk).launch_id == target.pk
    assert client.get(link).status_code == 410
    assert "Traveller" not in held.content.decode() + done.content.decode()


def test_a_dearer_move_asks_to_sign_in_first(link, client, vera, booking, target):
    priced(target, 500000)
    page = client.post(f"{link}move/target/", {"party": "2"}, follow=True)
    path = page.redirect_chain[-1][0]
    move = Rebooking.objects.get()

    assert "To pay the difference, please sign in" in words(page)
    assert f"/trips/{booking.reference}/moving/{move.pk}/" in page.content.decode()
    assert "Card number" not in words(page)
    client.post(path, GOOD_CARD)
    assert not Payment.objects.filter(rebooking=move).exists()
    assert "Your booking has moved" in words(
        vera.post(f"/trips/{booking.reference}/moving/{move.pk}/", GOOD_CARD, follow=True)
    )


def test_giving_a_move_up_by_the_link_leads_back_to_the_choices(link, client, target):
    path = client.post(f"{link}move/target/", {"party": "2"}, follow=True).redirect_chain[-1][0]
    page = client.post(f"{path}give-up/", follow=True)
    assert "what do you want?" in words(page)
    assert live_seats(target) == []


def test_forged_and_foreign_links_are_pages_that_do_not_exist(link, client, vera, otto, make_launch, now):
    other = make_launch()
    make_booking(launch=other, customer=otto.user, now=now)
    delay(other, now=now)
    theirs = SlipDecision.objects.get(booking__customer=otto.user)
    token = link.split("/")[2]
    for bad in (f"{token}x", token.split(":")[0], f"{theirs.pk.hex}:{token.split(':')[1]}", str(theirs.pk)):
        for suffix in ("", "move/target/"):
            assert client.get(f"/slips/{bad}/{suffix}").status_code == 404
            assert client.post(f"/slips/{bad}/{suffix}", {"answer": "keep"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.status == "open"


def test_a_move_of_another_booking_cannot_be_reached_by_the_link(link, client, vera, make_launch, now):
    first = make_booking(launch=make_launch(), customer=vera.user, now=now)
    elsewhere = sister(first.launch, departure_at=now + timedelta(days=450))
    move = services.rebooking_open(customer=vera.user, reference=first.reference, launch_id=elsewhere.pk, now=now)
    assert client.get(f"{link}moving/{move.pk}/").status_code == 404
    assert client.post(f"{link}moving/{move.pk}/").status_code == 404


def test_forms_of_the_link_are_guarded_against_other_sites(link):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link, {"answer": "refund", "sure": "on"}).status_code == 403
    assert SlipDecision.objects.get().status == "open"


def test_an_aborted_launch_ends_the_question(link, client, booking, now):
    launch_services.launch_abort(actor=None, launch_id=booking.launch_id, reason="x", now=now)
    assert client.get(link).status_code == 410


def test_trips_show_an_open_question_first(link, vera, booking):
    for path in ("/trips/", f"/trips/{booking.reference}/"):
        page = vera.get(path)
        assert "ecide by" in words(page), path
    assert link in vera.get(f"/trips/{booking.reference}/").content.decode()


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
