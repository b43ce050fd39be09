"""Bad input at the API: a sentence that names the field, nothing written."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from bookings.models import Booking, Hold
from common.models import OutboxEvent
from finance.models import Payment
from tests.api import client_of
from tests.factories import LaunchFactory, UserFactory, make_pending

pytestmark = pytest.mark.django_db
BAD = [
    ("customer/holds/", {}, "launch_id"),
    ("customer/holds/", {"launch_id": "x", "party": 1}, "launch_id"),
    ("customer/holds/", {"launch_id": 2**70, "party": 1}, "launch_id"),
    ("customer/holds/", {"launch_id": 1}, "seat_ids"),
    ("customer/holds/", {"launch_id": 1, "party": 1, "seat_ids": [1]}, "seat_ids"),
    ("customer/holds/", {"launch_id": 1, "party": 0}, "party"),
    ("customer/holds/", {"launch_id": 1, "seat_ids": [0]}, "seat_ids.0"),
    ("customer/holds/", {"launch_id": 1, "seat_ids": "A1"}, "seat_ids"),
    ("customer/holds/", [], "body"),
    ("customer/bookings/", {"hold_id": "nonsense", "passengers": [{}]}, "hold_id"),
    ("customer/bookings/", {"hold_id": str(uuid.uuid4()), "passengers": []}, "passengers"),
    ("customer/bookings/", {"hold_id": str(uuid.uuid4()), "passengers": [{}]}, "passengers.0.full_name"),
    (
        "customer/bookings/",
        {
            "hold_id": str(uuid.uuid4()),
            "passengers": [{"full_name": "A\u0000B", "email": "e", "phone": "1", "birth_date": "2000-13-45"}],
        },
        "passengers.0.birth_date",
    ),
    ("customer/bookings/{reference}/payment/", {"number": "1", "expiry": "01/20", "code": "1"}, "number"),
    ("customer/bookings/{reference}/payment/", {"number": ["4242"], "expiry": "12/35", "code": "123"}, "number"),
    ("customer/bookings/{reference}/payment/", {"payment_method": "4242424242424242"}, "payment_method"),
    ("customer/bookings/{reference}/payment/", {"payment_method": "pm_1"}, "number"),
    ("customer/bookings/{reference}/payment/", {"number": "4242424242424242"}, "expiry"),
    ("customer/bookings/{reference}/cancellation-quotes/", {"passenger_ids": ["x"]}, "passenger_ids.0"),
    ("customer/bookings/{reference}/cancellation/", {"quote_id": "x"}, "quote_id"),
    ("customer/waiting/", {"party": 1}, "launch_id"),
    ("customer/waiting/", {"launch_id": 1, "party": 0}, "party"),
    ("customer/waiting/", {"launch_id": 1, "party": "two"}, "party"),
    ("customer/bookings/{reference}/rebookings/", {"launch_id": "x"}, "launch_id"),
    ("customer/bookings/{reference}/rebookings/", {"launch_id": 1, "seat_ids": [0]}, "seat_ids.0"),
]


@pytest.mark.parametrize(("path", "body", "field"), BAD, ids=[f"{p} {f} {n}" for n, (p, _, f) in enumerate(BAD)])
def test_bad_input_is_named_and_changes_nothing(path, body, field):
    booking = make_pending(launch=LaunchFactory(departure_at=timezone.now() + timedelta(days=500)), now=timezone.now())
    events = OutboxEvent.objects.count()

    answer = client_of(booking.customer).post(
        f"/api/v1/{path.format(reference=booking.reference)}", body, format="json"
    )

    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert field in problem["fields"]
    assert problem["fields"][field][0].isupper()
    assert set(problem) >= {"type", "title", "status", "detail", "code", "request_id"}
    assert (Hold.objects.count(), Booking.objects.count(), Payment.objects.count()) == (1, 1, 0)
    assert OutboxEvent.objects.count() == events


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"price_max": "much"}, "price_max"),
        ({"price_max": "NaN"}, "price_max"),
        ({"date_from": "soon"}, "date_from"),
        ({"seats": "-1"}, "seats"),
        ({"sort": "beauty"}, "sort"),
        ({"limit": "1000"}, "limit"),
        ({"cursor": "!!"}, "cursor"),
        ({"cursor": "WzEsMl0"}, "cursor"),
        ({"cursor": "WyJub3QgYSBkYXRlIiwxXQ"}, "cursor"),
        ({"cursor": "WyIyMDI4LTAxLTAxVDAwOjAwOjAwWiIsMWU5OTldCg"}, "cursor"),
        ({"cursor": "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwxXQ"}, "cursor"),
        ({"cursor": "W1tb" * 1000}, "cursor"),
        ({"limit": "9" * 5000}, "limit"),
    ],
)
def test_bad_filters_are_named(query, field):
    answer = APIClient().get("/api/v1/customer/launches/", query)

    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])


@pytest.mark.parametrize("text", ["\x00", "%", "'; DROP TABLE", "ö" * 100])
def test_hostile_search_words_find_nothing_and_break_nothing(text):
    LaunchFactory(departure_at=timezone.now() + timedelta(days=500))

    answer = APIClient().get("/api/v1/customer/launches/", {"text": text})

    assert answer.status_code in (200, 422)
    assert answer.json().get("results", []) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "nothing/", 404),
        ("get", "customer/launches/99999999999999999999/", 404),
        ("get", "customer/launches/999999/", 404),
        ("put", "customer/launches/", 405),
    ],
)
def test_wrong_addresses_are_problems_too(method, path, status):
    answer = getattr(APIClient(), method)(f"/api/v1/{path}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


def test_broken_json_is_a_problem():
    client = client_of(UserFactory())
    answer = client.post("/api/v1/customer/holds/", "{", content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
