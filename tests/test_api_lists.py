"""Lists of the API, page by page, and what it says of itself."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from tests.api import client_of
from tests.copies import copies_gone, copies_written
from tests.factories import EmployeeFactory, LaunchFactory, UserFactory, make_booking

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_queries_with_one_and_with_three(count, django_assert_num_queries):
    launches = [LaunchFactory(departure_at=timezone.now() + timedelta(days=500 + n)) for n in range(count)]
    customer = UserFactory()
    for launch in launches:
        make_booking(launch=launch, customer=customer, seats=count, now=timezone.now())
    employee = EmployeeFactory()

    copies_written()
    with django_assert_num_queries(1):
        assert len(APIClient().get("/api/v1/customer/launches/").json()["results"]) == count
    copies_gone()
    with django_assert_num_queries(3):  # what the documents lack: launches, and their claims
        assert len(APIClient().get("/api/v1/customer/launches/").json()["results"]) == count
    # Two for the session and its user, then the list: bookings with their launches, and passengers.
    for person, path in ((customer, "customer/bookings/"), (employee, "employee/bookings/")):
        client = client_of(person)
        with django_assert_num_queries(4):
            assert len(client.get(f"/api/v1/{path}").json()["results"]) == count
    client = client_of(customer)
    with django_assert_num_queries(5):  # what the documents lack: bookings with their launches, and passengers
        assert len(client.get("/api/v1/customer/trips/").json()["results"]) == count
    copies_written()
    with django_assert_num_queries(3):
        assert len(client.get("/api/v1/customer/trips/").json()["results"]) == count


def test_pages_follow_each_other_without_gap_or_repeat():
    for number in range(5):
        LaunchFactory(departure_at=timezone.now() + timedelta(days=500 + number // 2), price_amount=100 + number % 2)
    for sort in ("departure", "-departure", "price", "-price"):
        seen, cursor = [], ""
        while True:
            page = APIClient().get("/api/v1/customer/launches/", {"limit": 2, "sort": sort, "cursor": cursor}).json()
            seen += [one["id"] for one in page["results"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert len(seen) == len(set(seen)) == 5


def test_the_schema_is_the_committed_one(tmp_path, settings):
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", "--file", str(fresh), "--validate", "--fail-on-warn")

    committed = (settings.BASE_DIR / "docs" / "openapi.yaml").read_text()
    assert fresh.read_text() == committed, "Run `make schema` and commit docs/openapi.yaml."


def test_docs_and_schema_are_served():
    client = APIClient()
    assert client.get("/api/schema/").status_code == 200
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert b"<script>" not in page.content
