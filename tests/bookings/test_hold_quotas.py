"""Nobody empties launches by holding: how many unpaid holds a customer, and a network address, may have at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import errors, services
from bookings.models import Hold
from common import context
from tests.api import client_of
from tests.bookings.moving import open_move, sister
from tests.bookings.waiting import full_launch, give_back, join
from tests.factories import NOW, LaunchFactory, UserFactory, make_booking, make_hold, make_pending

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"


def hold_from(address, **arguments):
    """Hold a seat as somebody at that network address."""
    with context.scope(address=address):
        return make_hold(**{"launch": LaunchFactory(seats=1), **arguments})


def unpaid_holds(customer, *, count, now=NOW):
    """As many unpaid holds of a customer, each on a launch of its own; every other one has a booking being paid."""
    for number in range(count):
        (make_pending if number % 2 else make_hold)(launch=LaunchFactory(), customer=customer, now=now)


def test_who_holds_on_five_launches_is_refused_a_sixth_until_one_is_given_back():
    customer = UserFactory()
    unpaid_holds(customer, count=5)

    with pytest.raises(errors.TooManyHolds):
        make_hold(launch=LaunchFactory(), customer=customer)

    assert Hold.objects.count() == 5
    services.hold_release(customer=customer, hold_id=Hold.objects.filter(status="open").first().pk)
    assert make_hold(launch=LaunchFactory(), customer=customer).status == "open"


@pytest.mark.parametrize("allowed", [1, 3])
def test_the_setting_says_how_many(settings, allowed):
    settings.HOLDS_PER_CUSTOMER = allowed
    customer = UserFactory()
    unpaid_holds(customer, count=allowed)

    with pytest.raises(errors.TooManyHolds):
        make_hold(launch=LaunchFactory(), customer=customer)


def test_others_are_not_refused_for_what_somebody_holds():
    unpaid_holds(UserFactory(), count=5)

    assert make_hold(launch=LaunchFactory(), customer=UserFactory()).status == "open"


def test_changing_ones_choice_on_a_launch_is_not_one_hold_more():
    customer, launch = UserFactory(), LaunchFactory()
    unpaid_holds(customer, count=4)
    make_hold(launch=launch, customer=customer)

    assert make_hold(launch=launch, customer=customer, seats=2).claims.count() == 2


def test_lapsed_holds_do_not_count_from_their_instant_on():
    customer = UserFactory()
    unpaid_holds(customer, count=5)
    ends = NOW + timedelta(minutes=15)

    with pytest.raises(errors.TooManyHolds):
        make_hold(launch=LaunchFactory(), customer=customer, now=ends - timedelta(microseconds=1))

    assert make_hold(launch=LaunchFactory(), customer=customer, now=ends).status == "open"


def test_paid_bookings_do_not_count():
    customer = UserFactory()
    for _ in range(5):
        make_booking(launch=LaunchFactory(), customer=customer)

    assert make_hold(launch=LaunchFactory(), customer=customer).status == "open"


def test_the_seats_of_a_move_count_and_are_refused_alike():
    customer = UserFactory()
    moved, kept = (make_booking(launch=LaunchFactory(), customer=customer) for _ in range(2))
    unpaid_holds(customer, count=4)
    open_move(moved, sister(moved.launch))

    with pytest.raises(errors.TooManyHolds):
        make_hold(launch=LaunchFactory(), customer=customer)
    with pytest.raises(errors.TooManyHolds):
        open_move(kept, sister(kept.launch))


def test_an_offer_of_a_waiting_list_neither_counts_nor_is_refused(settings):
    settings.HOLDS_PER_ADDRESS = 5
    customer = UserFactory()
    offered, whole = full_launch(seats=1), full_launch(seats=1)
    for launch, _ in (offered, whole):
        join(launch, customer=customer)
    give_back(offered[1][0])
    with context.scope(address=HERE):
        services.waiting_offers_make(launch_id=offered[0].pk, now=NOW)
        unpaid_holds(customer, count=5)
        give_back(whole[1][0])

        made = services.waiting_offers_make(launch_id=whole[0].pk, now=NOW)

    assert made == 1
    assert Hold.objects.filter(customer=customer, purpose="offer", status="open").count() == 2
    assert Hold.objects.filter(customer=customer, purpose="sale").count() == 5


def test_twenty_holds_from_one_network_address_refuse_whoever_comes_next_from_there():
    launch = LaunchFactory(seats=22)
    for _ in range(20):
        hold_from(HERE, launch=launch)

    with pytest.raises(errors.TooManyHolds):
        hold_from(HERE, launch=launch)

    assert hold_from(ELSEWHERE, launch=launch).status == "open"
    assert Hold.objects.count() == 21
    assert HERE not in "".join(Hold.objects.values_list("address_key", flat=True))


def test_lapsed_and_paid_ones_of_an_address_do_not_count(settings):
    settings.HOLDS_PER_ADDRESS = 2
    hold_from(HERE, now=NOW - timedelta(minutes=15))
    with context.scope(address=HERE):
        make_booking(launch=LaunchFactory())
    for _ in range(2):
        hold_from(HERE)

    with pytest.raises(errors.TooManyHolds):
        hold_from(HERE)


def test_who_comes_from_no_address_is_not_counted_together(settings):
    """Commands and jobs have none; they are many."""
    settings.HOLDS_PER_ADDRESS = 2

    for _ in range(3):
        assert hold_from("").status == "open"


def test_the_api_answers_409_with_what_to_do():
    customer, now = UserFactory(), timezone.now()
    unpaid_holds(customer, count=5, now=now)

    answer = client_of(customer).post("/api/v1/customer/holds/", {"launch_id": LaunchFactory().pk, "party": 1})

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_holds")
    assert "Pay or give back what you hold, or wait until it lapses" in answer.json()["detail"]
    assert Hold.objects.filter(customer=customer).count() == 5


def test_the_api_counts_by_the_network_address_of_its_callers(settings):
    settings.HOLDS_PER_ADDRESS = 2
    launch = LaunchFactory()

    def status(address):
        body = {"launch_id": launch.pk, "party": 1}
        return client_of(UserFactory()).post("/api/v1/customer/holds/", body, REMOTE_ADDR=address).status_code

    assert [status(address) for address in (HERE, HERE, HERE, ELSEWHERE)] == [201, 201, 409, 201]
