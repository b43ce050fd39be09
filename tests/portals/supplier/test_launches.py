"""The overview, the list and the page of a launch."""

from datetime import timedelta

import pytest
from django.urls import reverse

from bookings import services as booking_services
from launches.enums import LaunchStatus
from launches.models import LaunchHistory
from tests.factories import SupplierFactory
from tests.portals.desks import text


def test_the_overview_shows_seats_money_and_what_is_to_be_done(member, make_launch, book, now):
    sold = make_launch(mission_name="Quiet Dawn", days=420)
    make_launch(mission_name="Not Yet", status="draft")
    make_launch(mission_name="Gone By", status="confirmed", departure_at=now - timedelta(hours=2))
    book(sold, seats=2)

    page = text(member().get(reverse("supplier:home")))

    assert "2 of 6 seats sold" in page
    assert "$900,000" in page
    assert "Publish Not Yet" in page
    assert "Record the outcome of Gone By" in page
    assert page.index("Record the outcome of Gone By") < page.index("Publish Not Yet")


def test_a_delayed_launch_that_was_never_confirmed_is_to_be_decided_as_long_as_it_may_be_aborted(member, make_launch):
    make_launch(mission_name="Quiet Dawn", days=100, status="delayed", reason="A valve.")
    said = make_launch(mission_name="Early Word", days=100, status="delayed", reason="A valve.")
    LaunchHistory.objects.create(
        launch=said, changed_at=said.created_at, origin="portal", field="status", new_value="confirmed"
    )

    page = text(member().get(reverse("supplier:home")))

    assert "Decide on Quiet Dawn: confirm or abort" in page
    assert "Early Word: confirm or abort" not in page


def test_withdrawn_seats_need_not_be_sold(member, make_launch, book, now):
    launch = make_launch(seats=10, days=100)
    launch.seats.filter(row__gt=3).update(is_blocked=True)
    book(launch)

    home = text(member().get(reverse("supplier:home")))
    page = text(member().get(reverse("supplier:launch-detail", args=[launch.pk])))

    assert "1 of 6 seats sold, 2 make it viable" in home
    assert "2 make it viable" in page
    assert "20 % of 6 seats" in page


def test_the_exposure_is_what_would_really_go_back(member, make_launch, book, now):
    launch = make_launch(days=200)
    booking = book(launch, seats=2)
    one = booking.passengers.order_by("pk").first()
    quote = booking_services.cancellation_quote(
        customer=booking.customer, reference=booking.reference, passenger_ids=[one.pk], now=now
    )
    booking_services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=now)

    page = text(member().get(reverse("supplier:home")))

    exposure = page.split("Refund exposure")[1].split("if all of them were called off")[0]
    assert "$450,000<" in exposure  # and not what the policy kept of the other seat


def test_an_empty_overview_says_how_to_fill_it(member):
    page = text(member().get(reverse("supplier:home")))
    assert "Nothing is on sale" in page
    assert reverse("supplier:launch-new") in page


def test_gate_and_finance_see_no_button_and_only_their_figures(member, make_launch, book):
    launch = make_launch()
    book(launch, seats=2)
    address = reverse("supplier:launch-detail", args=[launch.pk])

    gate, finance = text(member("gate").get(address)), text(member("finance").get(address))

    for page in (gate, finance):
        assert reverse("supplier:launch-abort", args=[launch.pk]) not in page
        assert reverse("supplier:launch-edit", args=[launch.pk]) not in page
    assert "$900,000" in finance
    assert "$900,000" not in gate
    assert reverse("supplier:manifest", args=[launch.pk]) in gate
    assert reverse("supplier:manifest", args=[launch.pk]) not in finance


def test_the_list_filters_by_status_in_the_address(member, make_launch):
    make_launch(mission_name="On The List")
    make_launch(mission_name="Only A Draft", status="draft")
    client = member()

    drafts = text(client.get(reverse("supplier:launch-list"), {"status": "draft"}))
    everything = text(client.get(reverse("supplier:launch-list"), {"status": "no such status"}))

    assert "Only A Draft" in drafts
    assert "On The List" not in drafts
    assert "Only A Draft" in everything
    assert "On The List" in everything


def test_the_list_sorts_and_pages_by_key(member, make_launch, monkeypatch):
    monkeypatch.setattr("portals.supplier.views.launches.PAGE", 2)
    for number in (3, 1, 2):
        make_launch(mission_name=f"Price {number}", price_amount=number * 1000)
    client = member()

    first = client.get(reverse("supplier:launch-list"), {"sort": "price"})
    cursor = first.context["next_cursor"]
    second = client.get(reverse("supplier:launch-list"), {"sort": "price", "cursor": cursor})

    names = [row.launch.mission_name for answer in (first, second) for row in answer.context["rows"]]
    assert names == ["Price 1", "Price 2", "Price 3"]


def test_a_cursor_of_ones_own_making_is_refused_with_a_sentence(member, make_launch):
    make_launch()
    answer = member().get(reverse("supplier:launch-list"), {"cursor": "made-up"})
    assert answer.status_code == 422
    assert "Some answers need another look" in text(answer)


def test_a_launch_shows_bookings_passengers_money_and_history(member, make_launch, book):
    launch = make_launch(mission_name="Quiet Dawn")
    booking = book(launch, seats=2)

    page = text(member().get(reverse("supplier:launch-detail", args=[launch.pk])))

    assert booking.reference in page
    assert "Traveller A" in page
    assert "$900,000" in page
    assert "Seat A1, window, sold" in page


def test_a_launch_does_not_show_more_of_its_date_than_is_known(member, make_launch, now):
    launch = make_launch(departure_precision="year", departure_at=now + timedelta(days=800))
    page = text(member().get(reverse("supplier:launch-detail", args=[launch.pk])))
    assert f"no earlier than {launch.departure_at.year}" in page
    assert f"{launch.departure_at:%H:%M}" not in page


@pytest.mark.parametrize(
    "name", ["launch-detail", "launch-edit", "manifest", "manifest-csv", "launch-delay", "launch-abort"]
)
def test_another_suppliers_launch_is_not_there(member, make_launch, name):
    foreign = make_launch(of=SupplierFactory())
    answer = member().get(reverse(f"supplier:{name}", args=[foreign.pk]))
    assert answer.status_code == 404


def test_an_enormous_number_is_not_found(member):
    assert member().get(reverse("supplier:launch-detail", args=[10**30])).status_code == 404


@pytest.mark.parametrize("name", ["home", "launch-list"])
def test_the_number_of_queries_does_not_grow_with_the_launches(
    member, make_launch, book, name, django_assert_num_queries, django_assert_max_num_queries
):
    client = member()
    book(make_launch())
    address = reverse(f"supplier:{name}")
    with django_assert_max_num_queries(12) as few:
        client.get(address)
    for _ in range(2):
        book(make_launch())
    with django_assert_num_queries(len(few)):
        client.get(address)


def test_the_number_of_queries_does_not_grow_with_the_bookings(
    member, make_launch, book, django_assert_num_queries, django_assert_max_num_queries
):
    client = member()
    launch = make_launch(seats=8)
    book(launch)
    address = reverse("supplier:launch-detail", args=[launch.pk])
    with django_assert_max_num_queries(19) as few:
        client.get(address)
    for _ in range(2):
        book(launch, seats=2)
    with django_assert_num_queries(len(few)):
        client.get(address)


def test_a_cancelled_status_has_no_moves(member, make_launch):
    launch = make_launch(status=LaunchStatus.ABORTED, reason="Weather")
    page = text(member().get(reverse("supplier:launch-detail", args=[launch.pk])))
    assert "Weather" in page
    assert reverse("supplier:launch-delay", args=[launch.pk]) not in page


def test_a_launch_that_is_over_does_not_promise_bookings(member, make_launch):
    launch = make_launch(status="aborted", reason="The pad is flooded.")

    page = text(member().get(reverse("supplier:launch-detail", args=[launch.pk])))

    assert "Nobody booked a seat on this launch." in page
    assert "As soon as somebody pays" not in page
