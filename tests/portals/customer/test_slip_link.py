"""The question about a slip is answered by the link of its mail, without signing in."""

from datetime import timedelta

import pytest
from django.test import Client

from bookings import selectors, services
from bookings.models import Booking, Rebooking, SlipDecision
from common.models import OutboxEvent
from finance.models import Payment
from launches import services as launch_services
from tests.bookings.moving import live_seats, priced, sister, state
from tests.bookings.test_slips import delay, handle
from tests.factories import make_booking
from tests.portals.customer.conftest import GOOD_CARD, csp_breaks, title, words

pytestmark = pytest.mark.django_db


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
