"""The API for what changes after a choice: holds, passengers, seats, what is on sale."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from bookings.models import Booking, PassengerChange
from tests.api import client_of
from tests.factories import (
    EmployeeFactory,
    LaunchFactory,
    MemberFactory,
    UserFactory,
    make_booking,
    make_hold,
    make_pending,
)

pytestmark = pytest.mark.django_db
ANOTHER = {
    "full_name": "Nora Newcomer",
    "email": "nora@example.com",
    "phone": "+47 22 12 34 56",
    "birth_date": "1999-12-31",
}


@pytest.fixture
def launch():
    return LaunchFactory(departure_at=timezone.now() + timedelta(days=500))


@pytest.fixture
def booking(launch):
    return make_booking(launch=launch, seats=2, now=timezone.now())


def call(person, method, path, body=None, **headers):
    return getattr(client_of(person), method)(f"/api/v1/{path}", body or {}, format="json", headers=headers)


def test_a_hold_is_extended_once_and_a_repeat_gets_the_same_answer(launch):
    hold = make_hold(launch=launch, now=timezone.now())
    path = f"customer/holds/{hold.pk}/extension/"

    before = call(hold.customer, "get", f"customer/holds/{hold.pk}/").json()
    first = call(hold.customer, "post", path, **{"Idempotency-Key": "k1"})
    repeat = call(hold.customer, "post", path, **{"Idempotency-Key": "k1"})
    second = call(hold.customer, "post", path)

    assert (before["is_extendable"], first.json()["is_extendable"]) == (True, False)
    assert (first.status_code, repeat.status_code, repeat.json()) == (201, 201, first.json())
    assert (second.status_code, second.json()["code"]) == (409, "hold_not_extendable")


def test_passengers_are_corrected_and_replaced(booking):
    one = booking.passengers.order_by("pk").first()
    path = f"customer/bookings/{booking.reference}/passengers/{one.pk}/"

    corrected = call(booking.customer, "patch", path, {"email": "new@example.com"})
    replaced = call(booking.customer, "post", f"{path}replacement/", ANOTHER)
    same = call(booking.customer, "patch", path, {"email": "nora@example.com"})

    assert (corrected.status_code, corrected.json()["passengers"][0]["email"]) == (200, "new@example.com")
    assert (replaced.status_code, replaced.json()["passengers"][0]["full_name"]) == (201, "Nora Newcomer")
    assert (same.status_code, same.json()["code"]) == (409, "nothing_to_change")
    assert set(PassengerChange.objects.values_list("origin", flat=True)) == {"api"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"email": "nobody"}, "email"),
        ({"birth_date": "2020-02-30"}, "birth_date"),
        ({"full_name": "x" * 121}, "full_name"),
    ],
)
def test_a_wrong_correction_is_named(booking, body, field):
    one = booking.passengers.first()

    answer = call(booking.customer, "patch", f"customer/bookings/{booking.reference}/passengers/{one.pk}/", body)

    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert not PassengerChange.objects.exists()


def test_a_patch_is_for_the_own_customer_and_for_support(booking):
    one = booking.passengers.first()
    of_customers = f"customer/bookings/{booking.reference}/passengers/{one.pk}/"
    of_employees = f"employee/bookings/{booking.reference}/passengers/{one.pk}/"
    body = {"email": "new@example.com"}

    found = {
        "anonymous": APIClient().patch(f"/api/v1/{of_customers}", body, format="json").status_code,
        "stranger": call(UserFactory(), "patch", of_customers, body).status_code,
        "supplier": call(MemberFactory().user, "patch", of_customers, body).status_code,
        "finance": call(EmployeeFactory(employee_role="finance"), "patch", of_employees, body).status_code,
        "customer at the employees' door": call(booking.customer, "patch", of_employees, body).status_code,
        "support": call(EmployeeFactory(employee_role="support"), "patch", of_employees, body).status_code,
    }

    assert found == {
        "anonymous": 401, "stranger": 404, "supplier": 403, "finance": 403,
        "customer at the employees' door": 403, "support": 200,
    }  # fmt: skip


def test_a_seat_is_changed(booking):
    one = booking.passengers.order_by("pk").first()
    path = f"customer/bookings/{booking.reference}/passengers/{one.pk}/seat/"
    free, taken = booking.launch.seats.get(label="A3"), make_hold(launch=booking.launch, now=timezone.now())

    moved = call(booking.customer, "post", path, {"seat_id": free.pk})
    refused = call(booking.customer, "post", path, {"seat_id": taken.claims.get().launch_seat_id})

    assert (moved.status_code, moved.json()["passengers"][0]["seat"]) == (201, "A3")
    assert (refused.status_code, list(refused.json()["fields"])) == (409, ["seat"])


def test_an_unpaid_booking_is_given_up(launch):
    booking = make_pending(launch=launch, now=timezone.now())
    path = f"customer/bookings/{booking.reference}/release/"

    first = call(booking.customer, "post", path)
    again = call(booking.customer, "post", path)

    assert (first.status_code, first.json()) == (201, {"reference": booking.reference, "status": "expired"})
    assert again.json() == first.json()
    assert Booking.objects.get().status == "expired"


def test_seats_are_withdrawn_returned_and_counted(launch, booking):
    owner = MemberFactory(supplier=launch.supplier).user
    path = f"supplier/launches/{launch.pk}/seats/"
    ids = {seat["label"]: seat["id"] for seat in call(owner, "get", path).json()["seats"]}

    withdrawn = call(owner, "post", f"{path}withdrawals/", {"seat_ids": [ids["A3"], ids["B3"]]}).json()
    refused = call(owner, "post", f"{path}withdrawals/", {"seat_ids": [ids["A1"]]})
    returned = call(owner, "post", f"{path}returns/", {"seat_ids": [ids["A3"]]}).json()
    fewer = call(owner, "post", f"{path}on-sale/", {"count": 2}).json()
    too_few = call(owner, "post", f"{path}on-sale/", {"count": 1})

    assert [(body["on_sale"], body["withdrawn"]) for body in (withdrawn, returned, fewer)] == [(4, 2), (5, 1), (2, 4)]
    assert (refused.status_code, refused.json()["labels"]) == (409, "A1")
    assert (too_few.status_code, list(too_few.json()["fields"])) == (409, ["count"])
    states = {seat["label"]: seat["state"] for seat in fewer["seats"]}
    assert (states["A1"], states["B1"], states["A2"]) == ("sold", "sold", "blocked")
