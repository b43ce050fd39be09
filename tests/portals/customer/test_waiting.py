"""Joining a waiting list, one's place in it, and answering an offer, on the pages."""

from datetime import timedelta

import pytest

from bookings import services
from bookings.models import WaitingEntry
from tests.factories import UserFactory, make_booking, make_hold
from tests.portals.customer.conftest import csp_breaks, passengers, title, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(make_launch, now):
    """A launch of two seats, both sold to one customer."""
    launch = make_launch(seats=2)
    launch.booking = make_booking(launch=launch, seats=2, now=now)
    return launch


@pytest.fixture
def entry(full, vera, now):
    """Vera waits for two."""
    return services.waiting_join(customer=vera.user, launch_id=full.pk, party=2, now=now)


@pytest.fixture
def offer(full, entry, now):
    """Both seats are offered to her."""
    booking = full.booking
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=now)
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=now)
    services.waiting_offers_make(launch_id=full.pk, now=now)
    entry.refresh_from_db()
    return entry


def page_of(launch):
    return f"/launches/{launch.slug}/"


def test_a_sold_out_launch_offers_its_waiting_list(client, full):
    answer = client.get(page_of(full))

    assert "All seats are sold or held. A held seat comes free again" in words(answer)
    assert 'id="waiting"' in answer.content.decode()
    assert f'action="{page_of(full)}waiting/"' in answer.content.decode()
    assert "Waiting list : " in words(client.get("/launches/"))


def test_a_launch_with_fewer_seats_than_the_party_offers_it_too(vera, make_launch, now):
    launch = make_launch(seats=3)
    make_booking(launch=launch, now=now)

    answer = vera.get(page_of(launch))

    assert "More of you than seats?" in words(answer)
    html = answer.content.decode()
    waiting = html[html.index('id="id_waiting_party"') :].split("</select>")[0]
    assert waiting.count("<option") == 1
    assert '<option value="3"' in waiting


def test_a_launch_with_seats_for_everybody_has_no_list(vera, make_launch):
    assert 'id="waiting"' not in vera.get(page_of(make_launch(seats=8))).content.decode()


def test_strangers_sign_in_first_and_come_back(client, full):
    answer = client.post(f"{page_of(full)}waiting/", {"party": 2})

    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/sign-in/?next=/launches/{full.slug}/%23waiting"
    assert not WaitingEntry.objects.exists()


def test_joining_leads_to_ones_place(vera, otto, full, now):
    services.waiting_join(customer=otto.user, launch_id=full.pk, party=1, now=now)

    answer = vera.post(f"{page_of(full)}waiting/", {"party": "2"}, follow=True)

    entry = WaitingEntry.objects.get(customer=vera.user)
    assert answer.redirect_chain == [(f"/waiting/{entry.pk}/", 303)]
    assert "1 party waits before you. You wait for 2 seats together." in words(answer)
    assert "We cannot promise that any seats come free." in words(answer)
    assert csp_breaks(answer) == []
    assert "1 party waits before you." in words(vera.get("/trips/"))
    assert "1 party waits before you." in words(vera.get(page_of(full)))


@pytest.mark.parametrize(
    ("party", "sentence"),
    [("", "Say for how many seats you want to wait."), ("x", "Say for how many"), ("3", "from 1 to 2")],
)
def test_a_party_that_cannot_be_is_refused_in_a_sentence(vera, full, party, sentence):
    answer = vera.post(f"{page_of(full)}waiting/", {"party": party}, follow=True)

    assert answer.redirect_chain == [(page_of(full), 303)]
    assert sentence in words(answer)
    assert not WaitingEntry.objects.exists()


def test_leaving(vera, entry):
    answer = vera.post(f"/waiting/{entry.pk}/leave/", follow=True)

    assert "You have left the waiting list." in words(answer)
    assert WaitingEntry.objects.get().status == "left"
    assert "You left the waiting list" in words(vera.get(f"/waiting/{entry.pk}/"))


def test_the_offer_says_seats_price_and_end(vera, offer):
    answer = vera.get(f"/waiting/{offer.pk}/")

    assert title(answer).startswith("Answer the offer: ")
    assert "A1, B1 are held for you, $900,000 in all." in words(answer)
    assert "23 hours left" in words(answer)
    assert csp_breaks(answer) == []
    assert "Answer the offer" in words(vera.get("/trips/"))
    assert "Not paid yet" not in words(vera.get("/trips/"))


def test_accepting_leads_to_the_passengers_and_paying_ends_it(vera, offer):
    answer = vera.post(f"/waiting/{offer.pk}/accept/")

    assert answer["Location"] == f"/book/{offer.hold_id}/passengers/"
    form = vera.get(answer["Location"])
    assert "Choose other seats" not in words(form)
    assert "You accepted these seats" in words(vera.get(f"/waiting/{offer.pk}/"))
    named = vera.post(answer["Location"], passengers(count=2))
    assert named.status_code == 303
    assert named["Location"].endswith("/check/")


def test_declining_gives_the_seats_to_the_next(vera, offer):
    answer = vera.post(f"/waiting/{offer.pk}/decline/", follow=True)

    assert "The seats go to the next who waits. Nothing was charged." in words(answer)
    assert WaitingEntry.objects.get().status == "declined"


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_an_answer_too_late_is_told_on_the_offers_page(vera, offer, answer, now):
    hold = offer.hold
    hold.created_at, hold.expires_at = now - timedelta(days=2), now - timedelta(days=1)
    hold.save()

    told = vera.post(f"/waiting/{offer.pk}/{answer}/", follow=True)

    assert "The time to answer this offer ran out" in words(told)
    assert "The time to answer ran out" in words(told)
    assert WaitingEntry.objects.get().status == "offered"


def test_nobody_sees_or_touches_the_place_of_another(otto, client, visitor, offer):
    for path in ("", "leave/", "accept/", "decline/"):
        call = otto.get if not path else otto.post
        assert call(f"/waiting/{offer.pk}/{path}").status_code == 404
        stranger = client.get(f"/waiting/{offer.pk}/") if not path else client.post(f"/waiting/{offer.pk}/{path}")
        assert stranger.status_code == 302
        assert stranger["Location"].startswith("/accounts/sign-in/")
    assert visitor("owner").get(f"/waiting/{offer.pk}/").status_code == 403
    assert WaitingEntry.objects.get().status == "offered"


def test_offered_seats_are_shown_as_ones_own_and_not_for_choosing_again(vera, make_launch, now):
    launch = make_launch(seats=3)
    booking = make_booking(launch=launch, seats=2, now=now)
    make_hold(launch=launch, customer=UserFactory(), now=now)
    services.waiting_join(customer=vera.user, launch_id=launch.pk, party=2, now=now)
    services.waiting_join(customer=UserFactory(), launch_id=launch.pk, party=3, now=now)
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=now)
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=now)
    services.waiting_offers_make(launch_id=launch.pk, now=now)

    answer = vera.get(page_of(launch))

    assert "Seats are held for you." in words(answer)
    assert "seats-hold" not in answer.content.decode()
    assert f'action="{page_of(launch)}seats/"' not in answer.content.decode()


def test_seats_promised_to_others_are_not_offered_for_choosing(client, vera, full, entry, now):
    booking = full.booking
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=now)
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=now)

    stranger, own = client.get(page_of(full)), vera.get(page_of(full))

    assert "or about to be offered to those who wait" in words(stranger)
    assert f'action="{page_of(full)}seats/"' not in stranger.content.decode()
    assert f'action="{page_of(full)}seats/"' in own.content.decode()


@pytest.mark.parametrize("desk", ["owner", "support"])
def test_the_desks_see_how_long_the_list_is(visitor, desk, make_launch, now):
    client = visitor(desk)
    launch = make_launch(seats=1)
    make_booking(launch=launch, now=now)
    services.waiting_join(customer=UserFactory(), launch_id=launch.pk, party=1, now=now)
    address = f"/supplier/launches/{launch.pk}/" if desk == "owner" else f"/employee/launches/{launch.pk}/"

    answer = client.get(address)

    assert "Waiting list 1 party 1 seat wanted" in words(answer)
