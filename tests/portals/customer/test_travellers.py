"""How many travellers the search offers: what the reader can book together, and no more."""

import re

import pytest

from tests.factories import make_booking

pytestmark = pytest.mark.django_db


def offered(client):
    select = re.search(r'<select name="travellers".*?</select>', client.get("/launches/").content.decode(), flags=re.S)
    return [int(number) for number in re.findall(r'value="(\d+)"', select[0])]


def test_four_for_strangers_and_customers_and_six_for_frequent_flyers(client, vera, otto, make_launch, now):
    for _ in range(2):
        make_booking(launch=make_launch(), customer=otto.user, now=now)

    assert [offered(one) for one in (client, vera, otto)] == [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4, 5, 6]]


def test_a_party_nobody_can_book_is_refused_with_the_number_that_can(client, otto, make_launch, now):
    for _ in range(2):
        make_booking(launch=make_launch(), customer=otto.user, now=now)

    refused, fine = client.get("/launches/?travellers=5"), otto.get("/launches/?travellers=5")

    assert (refused.status_code, "Choose 1 to 4 travellers" in refused.content.decode()) == (422, True)
    assert fine.status_code == 200
