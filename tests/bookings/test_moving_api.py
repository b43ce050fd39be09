"""The JSON doors of moves and slips."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking, Rebooking, SlipDecision
from tests.api import client_of
from tests.bookings.moving import live_seats, sister
from tests.bookings.test_slips import delay
from tests.factories import LaunchFactory, MemberFactory, UserFactory, make_booking

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def booking(now):
    launch = LaunchFactory(departure_at=now + timedelta(days=400))
    return make_booking(launch=launch, seats=2, now=now)


def elsewhere(booking, now, **changes):
    return sister(booking.launch, departure_at=now + timedelta(days=450), **changes)


def test_a_booking_is_moved_step_by_step(booking, now):
    target = elsewhere(booking, now, price_amount=300000)
    client, path = client_of(booking.customer), f"/api/v1/customer/bookings/{booking.reference}/rebookings/"

    options = client.get(path).json()
    opened = client.post(path, {"launch_id": target.pk}, format="json")
    read = client.get(f"/api/v1/customer/rebookings/{opened.json()['id']}/").json()
    done = client.post(f"/api/v1/customer/rebookings/{read['id']}/confirmation/")

    (option,) = options["results"]
    assert (options["refusal"], options["is_slip"], options["refund_percent"]) == ("", False, 90)
    assert (option["launch"]["id"], option["refund_amount"], option["to_pay_amount"]) == (
        target.pk,
        "270000.00",
        "0.00",
    )
    assert opened.status_code == 201
    assert (read["status"], read["seats"], read["refund_amount"]) == ("open", ["A1", "B1"], "270000.00")
    assert (done.status_code, done.json()["status"]) == (201, "done")
    assert Booking.objects.get(pk=booking.pk).launch_id == target.pk


def test_the_same_key_opens_one_move_and_giving_up_frees_the_seats(booking, now):
    target = elsewhere(booking, now)
    client, path = client_of(booking.customer), f"/api/v1/customer/bookings/{booking.reference}/rebookings/"
    answers = [
        client.post(path, {"launch_id": target.pk}, format="json", headers={"Idempotency-Key": "one"}) for _ in "ab"
    ]
    assert answers[0].json() == answers[1].json()
    assert Rebooking.objects.count() == 1
    assert client.delete(f"/api/v1/customer/rebookings/{answers[0].json()['id']}/").status_code == 204
    assert live_seats(target) == []


def test_a_dearer_launch_asks_to_be_paid(booking, now):
    client = client_of(booking.customer)
    opened = client.post(
        f"/api/v1/customer/bookings/{booking.reference}/rebookings/",
        {"launch_id": elsewhere(booking, now, price_amount=500000).pk},
        format="json",
    ).json()
    refused = client.post(f"/api/v1/customer/rebookings/{opened['id']}/confirmation/")
    assert opened["to_pay_amount"] == "100000.00"
    assert (refused.status_code, refused.json()["code"]) == (409, "rebooking_not_paid")


def test_refusals_have_their_codes(booking, now):
    client, path = client_of(booking.customer), f"/api/v1/customer/bookings/{booking.reference}/rebookings/"
    wrong = client.post(path, {"launch_id": LaunchFactory().pk}, format="json")
    missing = client.post(path, {"launch_id": 999999}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "rebooking_target_refused")
    assert "launch_id" in wrong.json()["fields"]
    assert missing.status_code == 404


def test_slips_are_listed_and_answered(booking, now):
    delay(booking.launch, now=now)
    client = client_of(booking.customer)
    (found,) = client.get("/api/v1/customer/slips/").json()["results"]
    path = f"/api/v1/customer/slips/{found['id']}/answer/"

    bad = client.post(path, {"answer": "fly"}, format="json")
    strange = client_of(UserFactory()).post(path, {"answer": "refund"}, format="json")
    kept = client.post(path, {"answer": "keep"}, format="json")
    again = client.post(path, {"answer": "refund"}, format="json")

    assert (found["status"], found["refund_amount"]) == ("open", "900000.00")
    assert (bad.status_code, strange.status_code, kept.status_code, again.status_code) == (422, 404, 201, 410)
    assert kept.json()["status"] == "kept"
    assert client.get("/api/v1/customer/slips/").json()["results"] == []
    assert SlipDecision.objects.get().status == "kept"


@pytest.mark.parametrize(("role", "sees_money"), [("owner", True), ("operator", False)])
def test_a_supplier_looks_ahead(booking, now, role, sees_money):
    member = MemberFactory(supplier=booking.launch.supplier, role=role)
    elsewhere(booking, now)
    later = (booking.launch.departure_at + timedelta(days=31)).isoformat()
    client, path = client_of(member.user), f"/api/v1/supplier/launches/{booking.launch_id}/delay/preview/"

    found = client.post(path, {"departure_at": later}, format="json").json()

    assert (found["asks"], found["bookings"], found["passengers"], found["seats_elsewhere"]) == (True, 1, 2, 6)
    assert found.get("refundable") == ([{"amount": "900000.00", "currency": "USD"}] if sees_money else None)
    assert client.post(path, {}, format="json").json()["fields"]["departure_at"]


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_with_one_and_with_three(count, now, django_assert_num_queries):
    customer, launch = UserFactory(), LaunchFactory(departure_at=now + timedelta(days=400))
    booking = make_booking(launch=launch, customer=customer, now=now)
    for _ in range(count):
        elsewhere(booking, now)
        other = LaunchFactory(departure_at=now + timedelta(days=400))
        make_booking(launch=other, customer=customer, now=now)
        delay(other, now=now)
    client = client_of(customer)
    # Two for the session and its user; then the questions, or booking, passengers, question and launches.
    with django_assert_num_queries(3):
        assert len(client.get("/api/v1/customer/slips/").json()["results"]) == count
    with django_assert_num_queries(6):
        path = f"/api/v1/customer/bookings/{booking.reference}/rebookings/"
        assert len(client.get(path).json()["results"]) == count
