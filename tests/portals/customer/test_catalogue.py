from datetime import timedelta

import pytest

from tests.factories import DestinationFactory, SpaceportFactory, SupplierFactory
from tests.portals.customer.conftest import HTMX, title, words

pytestmark = pytest.mark.django_db


def titles(answer) -> list[str]:
    return [card.launch.mission_name for card in answer.context["cards"]]


def test_home_shows_what_leaves_next_and_has_seats(client, make_launch, book):
    full = make_launch(seats=1, days=100, mission_name="Full")
    book(full)
    make_launch(days=300, mission_name="Later")
    make_launch(days=200, mission_name="Sooner")
    make_launch(days=100, mission_name="Hidden", status="draft")

    answer = client.get("/")

    assert titles(answer) == ["Sooner", "Later"]
    assert "Your seat on the next rocket." in words(answer)


def test_home_without_launches_says_why(client):
    assert "No launches on sale yet" in words(client.get("/"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Near", "Far"]),
        ("q=near", ["Near"]),
        ("destination=moon", ["Far"]),
        ("spaceport=red-sand", ["Near"]),
        ("supplier=blue", ["Far"]),
        ("max_price=500000", ["Near"]),
        ("sort=-price", ["Far", "Near"]),
        ("sort=-departure", ["Far", "Near"]),
        ("travellers=3", ["Far"]),
        ("q=nothing-like-it", []),
    ],
)
def test_launch_list_narrows_and_sorts(client, make_launch, query, found):
    make_launch(seats=2, days=100, mission_name="Near", spaceport=SpaceportFactory(code="red-sand"))
    blue = SupplierFactory(slug="blue")
    moon = DestinationFactory(code="moon")
    make_launch(of=blue, days=400, mission_name="Far", destination=moon, price_amount=900000)

    assert titles(client.get(f"/launches/?{query}")) == found


def test_launch_list_narrows_by_date(client, make_launch, now):
    make_launch(days=100, mission_name="Near")
    make_launch(days=400, mission_name="Far")
    between = (now + timedelta(days=200)).date().isoformat()

    assert titles(client.get(f"/launches/?date_to={between}")) == ["Near"]
    assert titles(client.get(f"/launches/?date_from={between}")) == ["Far"]


def test_launch_list_shows_sold_out_ones_but_not_to_a_party(client, make_launch, book):
    book(make_launch(seats=1, mission_name="Full"))

    everything, for_one = client.get("/launches/"), client.get("/launches/?travellers=1")

    assert titles(everything) == ["Full"]
    assert "Sold out" in words(everything)
    assert titles(for_one) == []
    assert "No launch fits your search" in words(for_one)


def test_launch_list_says_the_price_of_the_whole_party(client, make_launch):
    make_launch()

    page = words(client.get("/launches/?travellers=2"))

    assert "$450,000 a seat" in page
    assert "$900,000 for 2, everything included" in page


def test_launch_list_never_says_a_time_that_is_not_known(client, make_launch, now):
    make_launch(departure_at=now.replace(year=now.year + 2, month=5, day=3, hour=14), departure_precision="quarter")

    page = client.get("/launches/")

    assert f"no earlier than Q2 {now.year + 2}" in words(page)
    assert "<time" not in page.content.decode()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("date_from=soon", "Enter a date like 2027-03-14"),
        ("date_from=2030-01-02&date_to=2030-01-01", "Choose a last date that is not before the first."),
        ("max_price=cheap", "Enter the highest price as a number"),
        ("max_price=-1", "Enter the highest price as a number"),
        ("max_price=NaN", "Enter the highest price as a number"),
        ("travellers=99", "Choose 1 to 4 travellers: so many you can book together."),
        ("destination=nowhere", "There is no launch on sale for that destination."),
        ("sort=colour", "Choose an order from the list."),
        ("q=" + "x" * 101, "Shorten the search to 100 characters."),
        ("q=%00", "Null characters are not allowed."),
    ],
)
def test_launch_list_tells_what_is_wrong_with_a_search(client, make_launch, query, sentence):
    make_launch()

    answer = client.get(f"/launches/?{query}")

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert title(answer).startswith("Error: ")


def test_launch_list_gives_htmx_only_the_results_and_the_short_address(client, make_launch):
    make_launch()

    page, fragment = client.get("/launches/?q=&travellers=2"), client.get("/launches/?q=&travellers=2", headers=HTMX)

    assert "<html" in page.content.decode()
    assert fragment.content.decode().lstrip().startswith('<section id="results"')
    assert fragment["HX-Push-Url"] == "/launches/?travellers=2"
    assert "HX-Request" in page["Vary"]
    assert "HX-Request" in fragment["Vary"]


def test_launch_list_goes_on_where_the_page_before_ended(client, make_launch, monkeypatch):
    monkeypatch.setattr("portals.customer.views.catalogue.A_PAGE", 2)
    for number in range(5):
        make_launch(days=100 + number, mission_name=f"M{number}")

    first = client.get("/launches/?sort=departure")
    second = client.get("/launches/" + first.context["more_query"])
    third = client.get("/launches/" + second.context["more_query"], headers=HTMX)

    assert [*titles(first), *titles(second), *titles(third)] == ["M0", "M1", "M2", "M3", "M4"]
    assert third.context["more_query"] == ""
    assert third.content.decode().lstrip().startswith("<li>")
    assert third.content.decode().count("autofocus") == 1


def test_launch_list_begins_at_the_beginning_when_the_cursor_is_broken(client, make_launch):
    make_launch()

    answer = client.get("/launches/?after=rubbish")

    assert (answer.status_code, len(answer.context["cards"])) == (200, 1)


def test_supplier_list_groups_launches_by_who_flies_them(client, make_launch):
    one, two = SupplierFactory(trade_name="Zenith"), SupplierFactory(trade_name="Apogee")
    for days in (100, 200, 300, 400):
        make_launch(of=one, days=days)
    make_launch(of=two)

    answer = client.get("/suppliers/")

    assert [(supplier.trade_name, len(cards), count) for supplier, cards, count in answer.context["groups"]] == [
        ("Apogee", 1, 1),
        ("Zenith", 3, 4),
    ]
    assert "All 4 launches" in words(answer)


def test_help_says_the_rules_in_numbers(client, make_launch, settings):
    make_launch()
    settings.VIP_TRIPS = 3

    page = words(client.get("/help/"))

    assert "held for you for 15 minutes" in page
    assert "12 months or more before departure: 90 % comes back." in page
    assert "With 3 trips booked on other launches you are a VIP: then it is 6" in page


@pytest.mark.parametrize("role", ["anonymous", "customer", "owner", "support"])
@pytest.mark.parametrize("path", ["/", "/launches/", "/suppliers/", "/help/"])
def test_the_catalogue_is_open_to_everybody(visitor, make_launch, role, path):
    make_launch()

    assert visitor(role).get(path).status_code == 200
