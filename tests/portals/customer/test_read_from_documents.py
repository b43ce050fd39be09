"""
Pages and API read offers and trips from Customer MongoDB, and from PostgreSQL what is missing, behind, or away.

A document that says something else than its row, at the same version, shows where a page has read. Servers are really
stopped.
"""

import dataclasses

import pytest
from rest_framework.test import APIClient

from bookings import selectors
from bookings.selectors import offers
from documents import mongo
from documents.repositories import Offers, Trips
from launches.models import Launch
from tests.copies import copies_gone, copies_written
from tests.factories import make_booking
from tests.portals.customer.conftest import words

pytestmark = pytest.mark.django_db
MARK = "As the document says"


@pytest.fixture
def launch(make_launch):
    return make_launch(mission_name="As the row says")


@pytest.fixture
def booking(launch, vera, now):
    return make_booking(launch=launch, customer=vera.user, seats=2, now=now)


@pytest.fixture
def api(vera):
    client = APIClient()
    client.force_login(vera.user, backend="accounts.backends.EmailBackend")
    return client


@pytest.fixture
def marked(launch, booking) -> None:
    """Documents as fresh as their rows, which say something of their own."""
    copies_written()
    offer, trip = Offers.get(launch.pk), Trips.get(booking.pk)
    Offers.put_again([dataclasses.replace(offer, title=MARK, mission_name=MARK)])
    Trips.put_again([dataclasses.replace(trip, launch_title=MARK)])


@pytest.fixture
def short_timeouts(settings):
    mongo.close()
    settings.MONGODB_TIMEOUT_S = 0.3
    yield
    mongo.close()


def addresses(launch, booking) -> dict[str, str]:
    return {
        "home": "/",
        "catalogue": "/launches/",
        "search": "/launches/?q=row+says",
        "suppliers": "/suppliers/",
        "launch": f"/launches/{launch.slug}/",
        "trips": "/trips/",
        "trip": f"/trips/{booking.reference}/",
        "api launches": "/api/v1/customer/launches/",
        "api launch": f"/api/v1/customer/launches/{launch.pk}/",
        "api trips": "/api/v1/customer/trips/",
        "api trip": f"/api/v1/customer/trips/{booking.reference}/",
    }


def read(vera, api, launch, booking) -> dict[str, str]:
    """What each of them says."""
    said = {}
    for name, path in addresses(launch, booking).items():
        answer = (api if name.startswith("api") else vera).get(path)
        assert answer.status_code == 200, name
        said[name] = answer.content.decode() if name.startswith("api") else words(answer)
    return said


def test_every_page_and_api_call_reads_the_documents(vera, api, launch, booking, marked):
    said = read(vera, api, launch, booking)

    assert [name for name, text in said.items() if MARK not in text] == []


def test_documents_that_are_behind_or_missing_are_read_from_rows(vera, api, launch, booking, marked):
    Launch.objects.filter(pk=launch.pk).update(version=launch.version + 1)
    behind = read(vera, api, launch, booking)
    copies_gone()
    missing = read(vera, api, launch, booking)

    assert [name for name, text in behind.items() if MARK in text] == []
    assert missing == behind
    assert Trips.get(booking.pk) is None, "reading writes nothing"


def test_a_document_that_cannot_be_read_is_taken_from_its_row(vera, api, launch, booking, marked, caplog):
    Offers._documents().update({"_id": launch.pk}, {"price_amount": "1" + "0" * 40 + ".5"})
    with_a_wrong_day = {"seats": [{"label": "A1", "price_amount": "1", "status": "booked", "passenger": {
        "full_name": "X", "email": "x@example.com", "phone": "", "birth_date": "no day"}}]}  # fmt: skip
    Trips._documents().update({"_id": booking.pk}, with_a_wrong_day)

    page = words(vera.get(f"/trips/{booking.reference}/"))

    assert "A1" in page
    assert MARK not in page
    assert "A document of trips cannot be read" in caplog.text


def test_customers_do_not_notice_that_the_store_is_away(vera, api, launch, booking, mongo_servers, short_timeouts):
    copies_written()
    before = read(vera, api, launch, booking)
    offers.forget()

    mongo_servers.customer.stop()
    away = read(vera, api, launch, booking)
    mongo_servers.ensure_running()
    mongo.forget_failures()
    offers.forget()
    back = read(vera, api, launch, booking)

    assert away == before
    assert back == before


def test_no_page_after_the_first_waits_for_a_store_that_is_away(
    vera, api, launch, booking, mongo_servers, short_timeouts, monkeypatch, settings
):
    settings.MONGODB_PAUSE_S = 600
    mongo.forget_failures()
    copies_written()
    mongo_servers.customer.stop()
    asked = []
    raw = mongo.Store.raw
    monkeypatch.setattr(mongo.Store, "raw", lambda *given, **options: asked.append(given[1]) or raw(*given, **options))

    for _ in range(3):
        offers.forget()
        read(vera, api, launch, booking)

    assert [name for name in asked if name in ("offers", "trips", "profiles")] == ["offers"]


def test_what_was_read_once_is_remembered_and_asked_for_again_when_it_changed(vera, launch, booking, marked):
    assert MARK in words(vera.get("/launches/"))
    Offers.clear()

    assert MARK in words(vera.get("/launches/")), "no question to the store"
    Launch.objects.filter(pk=launch.pk).update(version=launch.version + 1, mission_name="Another mission")
    assert MARK not in words(vera.get("/launches/"))
    assert "Another mission" in words(vera.get(f"/launches/{launch.slug}/"))


def test_seats_are_those_of_this_instant_whatever_the_document_says(vera, api, launch, booking, marked):
    offer = Offers.get(launch.pk)
    Offers.put_again([dataclasses.replace(offer, seats_left=0)])

    one = api.get(f"/api/v1/customer/launches/{launch.pk}/").json()

    assert (one["title"], one["seats_total"], one["seats_left"]) == (MARK, 6, 4)
    assert vera.get(f"/launches/{launch.slug}/").context["sight"].seats_left == 4


def test_past_trips_go_on_on_another_page_and_cut_off_addresses_begin_anew(vera, make_launch, now, monkeypatch):
    from bookings.models import Booking
    from portals.customer.views import trips as views

    monkeypatch.setattr(views, "PAST_ON_PAGE", 2)
    made = [make_booking(launch=make_launch(days=420 + day), customer=vera.user, now=now) for day in range(5)]
    Booking.objects.filter(pk__in=[one.pk for one in made[1:]]).update(status="completed")

    first = vera.get("/trips/")
    second = vera.get(f"/trips/?before={first.context['past_before']}")

    shown = [card.trip.reference for page in (first, second) for card in page.context["past"]]
    assert shown == [one.reference for one in reversed(made[1:])]
    assert [card.trip.reference for card in first.context["coming"]] == [made[0].reference]
    assert "See earlier trips" in words(first)
    assert "See earlier trips" not in words(second)
    assert vera.get("/trips/?before=nonsense")["Location"] == "/trips/"


def test_trips_of_the_api_page_by_key(api, vera, make_launch, now):
    made = [make_booking(launch=make_launch(), customer=vera.user, now=now).reference for _ in range(3)]

    first = api.get("/api/v1/customer/trips/", {"limit": 2}).json()
    second = api.get("/api/v1/customer/trips/", {"limit": 2, "cursor": first["next_cursor"]}).json()

    assert {one["reference"] for one in first["results"] + second["results"]} == set(made)
    assert (len(first["results"]), second["next_cursor"]) == (2, "")
    assert api.get("/api/v1/customer/trips/", {"cursor": "x"}).status_code == 422
    assert selectors.trip_get(customer=vera.user, reference=made[0].lower()).reference == made[0]
