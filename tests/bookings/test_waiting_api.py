"""The waiting list through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import services
from bookings.models import Hold, WaitingEntry
from tests.api import client_of
from tests.factories import EmployeeFactory, LaunchFactory, MemberFactory, RocketFactory, UserFactory, make_booking

pytestmark = pytest.mark.django_db
LIST = "/api/v1/customer/waiting/"


@pytest.fixture
def launch():
    """A sold-out launch of two seats; `.booking` has both."""
    launch = LaunchFactory(seats=2, departure_at=timezone.now() + timedelta(days=500))
    launch.booking = make_booking(launch=launch, seats=2, now=timezone.now())
    return launch


def give_back(booking):
    now = timezone.now()
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=now)
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=now)


def test_from_joining_to_the_offered_hold(launch):
    customer = UserFactory()
    client = client_of(customer)
    joined = client.post(LIST, {"launch_id": launch.pk, "party": 2}).json()
    give_back(launch.booking)
    services.waiting_offers_make(launch_id=launch.pk, now=timezone.now())

    read = client.get(f"{LIST}{joined['id']}/").json()
    accepted = client.post(f"{LIST}{joined['id']}/accept/").json()

    hold = Hold.objects.get(customer=customer)
    assert (joined["status"], joined["position"], joined["offer"]) == ("waiting", 0, None)
    assert joined["launch_slug"] == launch.slug
    assert (read["status"], read["position"]) == ("offered", None)
    assert read["offer"] == {
        "hold_id": str(hold.pk),
        "seats": ["A1", "B1"],
        "price_amount": "450000.00",
        "price_currency": "USD",
        "expires_at": hold.expires_at.isoformat().replace("+00:00", "Z"),
    }
    assert (accepted["status"], accepted["offer"]["hold_id"]) == ("accepted", str(hold.pk))


def test_a_repeat_with_the_same_key_joins_once(launch):
    client = client_of(UserFactory())
    body = {"launch_id": launch.pk, "party": 1}

    first, again = (client.post(LIST, body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    other = client.post(LIST, {**body, "party": 2}, headers={"Idempotency-Key": "k1"})

    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert WaitingEntry.objects.count() == 1


def test_declining_and_leaving(launch):
    one, two = client_of(UserFactory()), client_of(UserFactory())
    first, second = (client.post(LIST, {"launch_id": launch.pk, "party": 2}).json()["id"] for client in (one, two))
    give_back(launch.booking)
    services.waiting_offers_make(launch_id=launch.pk, now=timezone.now())

    declined = one.post(f"{LIST}{first}/decline/").json()
    services.waiting_offers_make(launch_id=launch.pk, now=timezone.now())
    left = two.delete(f"{LIST}{second}/")

    assert (declined["status"], declined["offer"]) == ("declined", None)
    assert left.status_code == 204
    assert list(WaitingEntry.objects.order_by("pk").values_list("status", flat=True)) == ["declined", "declined"]
    assert one.get(LIST).json() == {"results": []}


@pytest.mark.parametrize(
    ("party", "seats", "status", "code"),
    [(1, 3, 409, "waiting_not_needed"), (5, 2, 422, "party_too_large")],
)
def test_refusals_say_why_and_change_nothing(party, seats, status, code):
    launch = LaunchFactory(seats=seats, departure_at=timezone.now() + timedelta(days=500))

    answer = client_of(UserFactory()).post(LIST, {"launch_id": launch.pk, "party": party})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not WaitingEntry.objects.exists()


def test_an_unknown_launch_is_404():
    answer = client_of(UserFactory()).post(LIST, {"launch_id": 999_999, "party": 1})

    assert (answer.status_code, answer.json()["code"]) == (404, "launch_not_found")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_with_one_and_with_three(count, django_assert_num_queries):
    customer = UserFactory()
    for _ in range(count):
        launch = LaunchFactory(seats=1, departure_at=timezone.now() + timedelta(days=500))
        booking = make_booking(launch=launch, now=timezone.now())
        services.waiting_join(customer=customer, launch_id=launch.pk, party=1, now=timezone.now())
        give_back(booking)
        services.waiting_offers_make(launch_id=launch.pk, now=timezone.now())
        other = LaunchFactory(seats=1, departure_at=timezone.now() + timedelta(days=500))
        make_booking(launch=other, now=timezone.now())
        services.waiting_join(customer=customer, launch_id=other.pk, party=1, now=timezone.now())
    client = client_of(customer)

    # Two for the session and its user; entries, their seats, and the places in line.
    with django_assert_num_queries(5):
        assert len(client.get(LIST).json()["results"]) == 2 * count


def test_the_desks_learn_how_long_the_list_is_and_no_names(launch):
    member, stranger, employee = MemberFactory(), MemberFactory(), EmployeeFactory(employee_role="support")
    own = LaunchFactory(
        rocket=RocketFactory(supplier=member.supplier, cabin=2),
        seats=2,
        departure_at=timezone.now() + timedelta(days=500),
    )
    booking = make_booking(launch=own, now=timezone.now())
    make_booking(launch=own, now=timezone.now())
    for party in (1, 2, 2):
        services.waiting_join(customer=UserFactory(), launch_id=own.pk, party=party, now=timezone.now())
    give_back(booking)
    services.waiting_offers_make(launch_id=own.pk, now=timezone.now())

    path = f"launches/{own.pk}/waiting/"
    told = {"parties": 2, "seats": 4, "offered": 1}
    assert client_of(member.user).get(f"/api/v1/supplier/{path}").json() == told
    assert client_of(employee).get(f"/api/v1/employee/{path}").json() == told
    assert client_of(stranger.user).get(f"/api/v1/supplier/{path}").status_code == 404
