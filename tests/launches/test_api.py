"""Launches over the suppliers' API: a table of door x person, bodies, problems."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from common.models import OutboxEvent
from launches.models import Launch
from tests.launches.conftest import NOW

pytestmark = pytest.mark.django_db

BASE = "/api/v1/supplier/launches/"
SOON = timezone.now() + timedelta(days=300)
LATER = (SOON + timedelta(days=30)).isoformat()


def client_for(person) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_authenticate(person)
    return client


@pytest.fixture
def soon(make_launch):
    return make_launch(departure_at=SOON)


DOORS = {
    "list": ("get", "", None, 200),
    "read": ("get", "{id}/", None, 200),
    "confirm": ("post", "{id}/confirmation/", {}, 201),
    "delay": ("post", "{id}/delays/", {"departure_at": LATER, "departure_precision": "day", "reason": "Weather."}, 201),
    "abort": ("post", "{id}/abort/", {"reason": "Engine."}, 201),
}
READERS = {"owner", "operator", "finance", "gate"}
MOVERS = {"owner", "operator"}
PEOPLE = ["anonymous", "owner", "operator", "finance", "gate", "rival owner", "customer", "employee admin"]
CELLS = [(door, person) for door in DOORS for person in PEOPLE]


def expected(door: str, person: str, success: int) -> int:
    if person == "anonymous":
        return 401
    if person in ("customer", "employee admin"):
        return 403
    if person == "rival owner":
        return 200 if door == "list" else 404
    if door in ("list", "read"):
        return success
    return success if person in MOVERS else 403


@pytest.mark.parametrize(("door", "person"), CELLS, ids=[f"{door}-{person}" for door, person in CELLS])
def test_table_of_doors_and_people(soon, people, door, person):
    method, path, body, success = DOORS[door]
    client = client_for(people.get(person))
    before = Launch.objects.values().get()

    answer = getattr(client, method)(BASE + path.format(id=soon.pk), body, format="json")

    assert answer.status_code == expected(door, person, success), answer.content
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
        assert Launch.objects.values().get() == before
    if person == "rival owner" and door == "list":
        assert answer.json() == {"results": [], "next_cursor": ""}


def test_a_launch_is_read_with_its_history(soon, people):
    body = client_for(people["gate"]).get(f"{BASE}{soon.pk}/").json()

    assert (body["title"], body["status"], body["version"]) == ("New Shepard to the edge of space", "scheduled", 2)
    assert (body["price_amount"], body["price_currency"], body["seats_on_sale"]) == ("450000.00", "USD", 4)
    assert [(row["field"], row["new_value"]) for row in body["history"]] == [
        ("status", "scheduled"),
        ("status", "draft"),
    ]


def test_moves_answer_with_the_launch_as_it_is_now(make_launch, people):
    draft = make_launch("draft", departure_at=SOON)
    client = client_for(people["operator"])

    published = client.post(f"{BASE}{draft.pk}/publication/")
    delayed = client.post(f"{BASE}{draft.pk}/delays/", DOORS["delay"][2], format="json")

    assert (published.status_code, published.json()["status"]) == (201, "scheduled")
    assert (delayed.json()["status"], delayed.json()["reason"], delayed.json()["version"]) == ("delayed", "Weather.", 3)
    event = OutboxEvent.objects.latest("id")
    assert (event.name, event.actor_id, event.origin) == (
        "launches.launch.delayed",
        people["operator"].pk,
        "api",
    )


def test_a_flight_is_recorded_after_its_departure(make_launch, people):
    flown = make_launch("confirmed")
    Launch.objects.filter(pk=flown.pk).update(departure_at=NOW - timedelta(days=900))
    client = client_for(people["owner"])

    without_reason = client.post(f"{BASE}{flown.pk}/flight/", {"outcome": "failed"}, format="json")
    launched = client.post(f"{BASE}{flown.pk}/flight/", {"outcome": "launched"}, format="json")
    again = client.post(f"{BASE}{flown.pk}/flight/", {"outcome": "launched"}, format="json")

    assert (without_reason.status_code, without_reason.json()["code"]) == (422, "reason_missing")
    assert (launched.status_code, launched.json()["status"]) == (201, "launched")
    assert (again.status_code, again.json()["code"]) == (409, "launch_move_refused")
    assert again.json()["detail"] == "From launched to launched is not possible: it has flown."


DELAY = DOORS["delay"][2]
BAD_INPUT = {
    "nothing": ({}, {"departure_at", "departure_precision", "reason"}),
    "a list": ([], {"body"}),
    "no date": (DELAY | {"departure_at": "soon"}, {"departure_at"}),
    "a naive date is UTC, and too early": (DELAY | {"departure_at": "2020-01-01T00:00:00"}, {"departure_at"}),
    "no precision": (DELAY | {"departure_precision": "fortnight"}, {"departure_precision"}),
    "no reason": (DELAY | {"reason": " "}, {"reason"}),
    "a long reason": (DELAY | {"reason": "x" * 301}, {"reason"}),
    "controls": (DELAY | {"reason": "a\x00b"}, {"reason"}),
}


@pytest.mark.parametrize(("body", "fields"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_named_and_changes_nothing(soon, people, body, fields):
    before = Launch.objects.values().get()

    answer = client_for(people["owner"]).post(f"{BASE}{soon.pk}/delays/", body, format="json")

    assert answer.status_code == 422, answer.content
    assert set(answer.json()["fields"]) == fields
    assert Launch.objects.values().get() == before


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=nonsense", "status=flying"])
def test_bad_queries_are_named(soon, people, query):
    answer = client_for(people["owner"]).get(f"{BASE}?{query}")

    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {query.partition("=")[0]}


@pytest.mark.parametrize("address", ["0/", "999999999999999999/", "9999999999999999999999/", "-1/", "x/"])
def test_unknown_addresses_are_not_found(soon, people, address):
    assert client_for(people["owner"]).get(BASE + address).status_code == 404


def test_pages_follow_each_other_without_gap_or_repeat(make_launch, people):
    made = [make_launch(departure_at=SOON).pk for _ in range(5)]
    client = client_for(people["owner"])

    seen, cursor = [], ""
    for _ in range(4):
        body = client.get(BASE, {"limit": 2, "cursor": cursor} if cursor else {"limit": 2}).json()
        seen += [row["id"] for row in body["results"]]
        cursor = body["next_cursor"]
        if not cursor:
            break

    assert seen == made


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(make_launch, people, django_assert_num_queries, count):
    for _ in range(count):
        make_launch(departure_at=SOON)
    client = client_for(people["owner"])

    with django_assert_num_queries(2):
        assert len(client.get(BASE).json()["results"]) == count
    with django_assert_num_queries(2):
        assert client.get(BASE, {"status": "draft"}).json()["results"] == []


@pytest.mark.parametrize("door", ["confirm", "delay", "abort"])
def test_a_move_under_a_key_is_made_once_and_answered_alike(soon, people, door):
    _, path, body, _ = DOORS[door]
    client = client_for(people["owner"])
    address = BASE + path.format(id=soon.pk)

    first, again = (client.post(address, body, format="json", headers={"Idempotency-Key": "k1"}) for _ in range(2))
    other = client.post(address, {"reason": "Another."}, format="json", headers={"Idempotency-Key": "k1"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    moved = {"confirm": "confirmed", "delay": "delayed", "abort": "aborted"}[door]
    assert OutboxEvent.objects.filter(name=f"launches.launch.{moved}").count() == 1
