from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from bookings import services as booking_services
from bookings.models import Booking, CancellationQuote
from finance import services as finance_services
from launches import services as launch_services
from tests.factories import card, make_booking, make_hold, make_pending
from tests.finance.settling import handle_events
from tests.portals.customer.conftest import title, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(vera, make_launch, now):
    return make_booking(launch=make_launch(), customer=vera.user, seats=2, now=now)


def trips_are_written(*bookings):
    """Write the documents that a commit would have written."""
    from bookings import selectors
    from documents.repositories import Trips

    for trip in selectors.trips_of(booking_ids=[one.pk for one in bookings]):
        Trips.put(trip)


def test_no_trips_yet(vera):
    assert "No trips yet" in words(vera.get("/trips/"))


def test_lists_own_trips_and_nobody_elses(vera, otto, booking, make_launch, now):
    other = make_booking(launch=make_launch(), customer=otto.user, now=now)
    trips_are_written(booking, other)

    page = words(vera.get("/trips/"))

    assert booking.reference in page
    assert other.reference not in page
    assert "A1 Traveller A, B1 Traveller B" in page


def test_lists_trips_while_their_documents_are_away(vera, booking, mongo_servers):
    mongo_servers.customer.kill()

    assert booking.reference in words(vera.get("/trips/"))


def test_hints_at_what_is_not_paid_yet(vera, make_launch, now):
    hold = make_hold(launch=make_launch(), customer=vera.user, now=now)
    pending = make_pending(launch=make_launch(), customer=vera.user, now=now)
    checked = make_pending(launch=make_launch(), customer=vera.user, now=now)
    finance_services.booking_pay(
        customer=vera.user, reference=checked.reference, card=card("4000 0000 0000 0259"), now=timezone.now()
    )

    answer = vera.get("/trips/")

    html = answer.content.decode()
    assert "No trips yet" not in html, "there is something to go on with"
    assert f"/book/{hold.pk}/passengers/" in html
    assert f"/book/{pending.reference}/check/" in html
    assert f"/book/{checked.reference}/pay/wait/" in html
    assert f"/book/{checked.reference}/check/" not in html


def test_a_trip_shows_seats_passengers_money_and_policy(vera, booking):
    answer = vera.get(f"/trips/{booking.reference}/")

    page = words(answer)
    for said in ("Traveller A", "Traveller B", "Paid with the card ending 4242", "you get $810,000 of $900,000 back"):
        assert said in page
    mine = [seat.words for seat in answer.context["sight"].seats if seat.is_mine]
    assert [text.split(",")[0] for text in mine] == ["Seat A1", "Seat B1"]
    assert 'type="checkbox" name=' not in answer.content.decode()


def test_a_trip_shows_only_its_own_seats_as_yours(vera, booking):
    make_booking(launch=booking.launch, customer=vera.user, now=timezone.now())

    seats = vera.get(f"/trips/{booking.reference}/").context["sight"].seats

    assert [seat.state for seat in seats] == ["mine", "mine", "sold", "free", "free", "free"]


def test_a_trip_of_a_delayed_launch_says_so(vera, booking, now):
    launch_services.launch_delay(
        actor=None,
        launch_id=booking.launch_id,
        departure_at=booking.launch.departure_at + timedelta(days=90),
        departure_precision="month",
        reason="Weather",
        now=now,
    )

    assert "This launch was delayed" in words(vera.get(f"/trips/{booking.reference}/"))


@pytest.mark.parametrize("path", ["", "cancel/"])
def test_somebody_elses_trip_is_404(otto, booking, path):
    assert otto.get(f"/trips/{booking.reference}/{path}").status_code == 404


@pytest.mark.parametrize("reference", ["NOSUCH", "abc", "%00%00%00%00%00%00"])
def test_an_unknown_reference_is_404(vera, reference):
    assert vera.get(f"/trips/{reference}/").status_code == 404


def test_an_address_without_a_page_leads_on_to_what_the_reader_has(client, vera, member, employee):
    pages = [one.get("/nothing/") for one in (client, vera, member(), employee("support"))]

    assert [page.status_code for page in pages] == [404] * 4
    ways = [[way for way in ("See the launches", "My trips", "Back to the overview") if way in words(p)] for p in pages]
    assert ways == [
        ["See the launches"],
        ["See the launches", "My trips"],
        ["Back to the overview"],
        ["Back to the overview"],
    ]


def test_cancelling_one_passenger_pays_back_what_was_quoted(vera, booking):
    who = vera.get(f"/trips/{booking.reference}/cancel/")
    first = booking.passengers.get(seat_label="A1")
    chosen = vera.post(f"/trips/{booking.reference}/cancel/", {"passengers": [first.pk]})
    quote = vera.get(chosen["Location"])
    result = vera.post(chosen["Location"], {"sure": "on"})
    page = vera.get(result["Location"])

    booking.refresh_from_db()
    assert "Traveller A, seat A1, $450,000" in words(who)
    assert "$405,000 comes back" in words(quote)
    assert "the others stay booked" in words(quote)
    assert "$405,000 goes back to the card you paid with." in words(page)
    assert (booking.status, booking.refund_amount) == ("confirmed", Decimal(405000))


def test_a_quote_without_a_refund_promises_no_money(vera, make_launch, now):
    booking = make_booking(launch=make_launch(departure_at=now + timedelta(days=60)), customer=vera.user, now=now)
    chosen = vera.post(f"/trips/{booking.reference}/cancel/", {"passengers": [booking.passengers.get().pk]})

    quote = words(vera.get(chosen["Location"]))

    assert "Nothing comes back" in quote
    assert "The departure is too close for a refund: the seats count as sold." in quote
    assert "goes back to the card" not in quote


def test_cancelling_everybody_cancels_the_booking(vera, booking):
    everybody = [one.pk for one in booking.passengers.all()]
    chosen = vera.post(f"/trips/{booking.reference}/cancel/", {"passengers": everybody})
    quote = vera.get(chosen["Location"])
    vera.post(chosen["Location"], {"sure": "on"})
    trip = vera.get(f"/trips/{booking.reference}/")

    assert f"This cancels the whole booking {booking.reference}." in words(quote)
    assert Booking.objects.get(pk=booking.pk).status == "cancelled"
    assert "This trip is cancelled" in words(trip)
    assert "Who was to fly" in words(trip)


@pytest.mark.parametrize("first", ["customer", "launch"])
def test_a_trip_says_who_ended_it(vera, booking, now, first):
    if first == "customer":
        quote = booking_services.cancellation_quote(customer=vera.user, reference=booking.reference, now=now)
        booking_services.booking_cancel(customer=vera.user, reference=booking.reference, quote_id=quote.pk, now=now)
    launch_services.launch_abort(actor=None, launch_id=booking.launch_id, reason="A leak.", now=now)
    handle_events()

    page = words(vera.get(f"/trips/{booking.reference}/"))

    said = {"customer": ("This trip is cancelled", "$810,000"), "launch": ("The launch was called off", "$900,000")}
    heading, amount = said[first]
    assert f"{heading} {amount} of $900,000 goes back to your card." in page


def test_cancelling_twice_pays_back_once(vera, booking):
    first = booking.passengers.get(seat_label="A1")
    address = vera.post(f"/trips/{booking.reference}/cancel/", {"passengers": [first.pk]})["Location"]

    one, two = vera.post(address, {"sure": "on"}), vera.post(address, {"sure": "on"})

    booking.refresh_from_db()
    assert one["Location"] == two["Location"]
    assert booking.refund_amount == Decimal(405000)


def test_looking_at_a_quote_cancels_nothing_and_a_yes_is_needed(vera, booking):
    first = booking.passengers.get(seat_label="A1")
    address = vera.post(f"/trips/{booking.reference}/cancel/", {"passengers": [first.pk]})["Location"]

    vera.get(address)
    refused = vera.post(address, {})

    assert refused.status_code == 422
    assert "Tick the box to say that you want to cancel" in words(refused)
    assert title(refused).startswith("Error: ")
    assert booking.passengers.filter(cancelled_at=None).count() == 2


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Choose at least one passenger."),
        ({"passengers": ["999999"]}, "Choose passengers of this booking who are not cancelled yet."),
        ({"passengers": ["x"]}, "Choose passengers of this booking who are not cancelled yet."),
    ],
)
def test_a_wrong_choice_is_told_and_promises_nothing(vera, booking, said, sentence):
    answer = vera.post(f"/trips/{booking.reference}/cancel/", said)

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert CancellationQuote.objects.count() == 0


def test_a_quote_that_ran_out_offers_a_new_one_and_cancels_nothing(vera, booking, now):
    quote = booking_services.cancellation_quote(
        customer=vera.user, reference=booking.reference, now=now - timedelta(minutes=16)
    )
    address = f"/trips/{booking.reference}/cancel/{quote.pk}/"

    page = vera.get(address)
    answer = vera.post(address, {"sure": "on"}, follow=True)

    assert "Get a new offer" in words(page)
    assert "This quote is no longer valid. Nothing was cancelled" in words(answer)
    assert Booking.objects.get(pk=booking.pk).status == "confirmed"


def test_a_quote_of_another_booking_or_customer_is_404(vera, otto, booking, make_launch, now):
    quote = booking_services.cancellation_quote(customer=vera.user, reference=booking.reference, now=now)
    second = make_booking(launch=make_launch(), customer=vera.user, now=now)
    others = make_booking(launch=make_launch(), customer=otto.user, now=now)

    assert vera.post(f"/trips/{second.reference}/cancel/{quote.pk}/", {"sure": "on"}).status_code == 404
    assert otto.post(f"/trips/{others.reference}/cancel/{quote.pk}/", {"sure": "on"}).status_code == 404
    assert otto.post(f"/trips/{booking.reference}/cancel/{quote.pk}/", {"sure": "on"}).status_code == 404
    assert Booking.objects.get(pk=booking.pk).status == "confirmed"


def test_what_cannot_be_cancelled_says_so(vera, booking):
    quote = booking_services.cancellation_quote(customer=vera.user, reference=booking.reference, now=timezone.now())
    booking_services.booking_cancel(
        customer=vera.user, reference=booking.reference, quote_id=quote.pk, now=timezone.now()
    )

    assert "cannot be cancelled any more" in words(vera.get(f"/trips/{booking.reference}/cancel/"))
