"""The page where a supplier says which seats are on sale."""

import pytest
from django.urls import reverse

from tests.factories import make_hold
from tests.portals.desks import text

pytestmark = pytest.mark.django_db


def address(launch):
    return reverse("supplier:launch-seats", args=[launch.pk])


def ids(launch, *labels):
    return [launch.seats.get(label=label).pk for label in labels]


def blocked(launch):
    return sorted(launch.seats.filter(is_blocked=True).values_list("label", flat=True))


def test_the_launch_leads_to_its_seats(member, make_launch):
    launch = make_launch()

    page = text(member("operator").get(reverse("supplier:launch-detail", args=[launch.pk])))

    assert f'href="{address(launch)}"' in page


def test_seats_are_withdrawn_and_put_back(member, make_launch, book):
    launch, client = make_launch(), member("operator")
    book(launch)

    page = text(client.get(address(launch)))
    withdrawn = text(client.post(address(launch), {"do": "withdraw", "seat_ids": ids(launch, "A3", "B3")}, follow=True))
    after = blocked(launch)
    returned = text(client.post(address(launch), {"do": "return", "seat_ids": ids(launch, "B3")}, follow=True))

    assert "6 of at most 6 seats are on sale. Sold, or held by customers just now: 1." in page
    assert "A3 and B3 are off sale." in withdrawn
    assert 'id="back-' in withdrawn
    assert after == ["A3", "B3"]
    assert "B3 is on sale again." in returned
    assert blocked(launch) == ["A3"]
    detail = text(client.get(reverse("supplier:launch-detail", args=[launch.pk])))
    assert "Seats withdrawn: A3, B3" in detail
    assert "1 of 5" in detail


def test_seats_that_customers_have_stay_and_the_choice_is_kept(member, make_launch, now):
    launch, client = make_launch(), member()
    free = ids(launch, "A3")[0]
    make_hold(launch=launch, now=now)  # A1

    answer = client.post(address(launch), {"do": "withdraw", "seat_ids": [*ids(launch, "A1"), free]})

    page = text(answer)
    assert answer.status_code == 409
    assert "Sold, or held by customers just now: A1" in page
    assert f'value="{free}" checked' in page
    assert "Error: Seats on sale" in page
    assert blocked(launch) == []


@pytest.mark.parametrize(
    ("values", "status", "sentence"),
    [
        ({"do": "withdraw"}, 422, "Tick at least one seat."),
        ({"do": "return", "seat_ids": ["x"]}, 422, "Tick at least one seat."),
        ({"do": "withdraw", "seat_ids": ["9" * 30]}, 422, "Tick at least one seat."),
        ({"do": "withdraw", "seat_ids": ["1"]}, 422, "Choose seats of this launch."),
        ({"do": "count", "count": ""}, 422, "Say how many seats shall be on sale."),
        ({"do": "count", "count": "many"}, 422, "Give a whole number, like 6."),
        ({"do": "count", "count": "7"}, 409, "Choose a number from 1 to 6, the seats of the cabin."),
        ({"do": "count", "count": "6"}, 409, "6 seats are on sale already."),
    ],
)
def test_a_wrong_answer_gets_its_sentence_and_nothing_is_written(member, make_launch, values, status, sentence):
    launch = make_launch()

    answer = member().post(address(launch), values)

    assert (answer.status_code, sentence in text(answer)) == (status, True)
    launch.refresh_from_db()
    assert (blocked(launch), launch.version) == ([], 1)


def test_the_number_on_sale_is_set(member, make_launch, book):
    launch, client = make_launch(), member()
    book(launch, seats=2)

    page = text(client.post(address(launch), {"do": "count", "count": "3"}, follow=True))

    assert "3 seats are on sale." in page
    assert blocked(launch) == ["A3", "B2", "B3"]
