"""Two customers who take different seats of a launch do not wait for each other; who wants the same seat does."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from bookings import services
from common.errors import Busy
from finance import services as finance_services
from tests.factories import LaunchFactory, UserFactory, card, passenger_inputs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
WITHIN_S = 30


def hold(launch, *labels, party=0):
    """Hold these seats, or the best for a party, for a new customer; returns their labels."""
    seats = [launch.seats.get(label=label).pk for label in labels]
    made = services.seats_hold(
        customer=UserFactory(), launch_id=launch.pk, seat_ids=seats, party=party, now=timezone.now()
    )
    return sorted(claim.launch_seat.label for claim in made.claims.select_related("launch_seat"))


@contextmanager
def somebody_in_the_middle_of(work):
    """Do it in a transaction of another connection that stays open until the block ends."""
    is_done, may_end, failures = threading.Event(), threading.Event(), []

    def run():
        try:
            with transaction.atomic():
                work()
                is_done.set()
                may_end.wait(WITHIN_S)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)
        finally:
            is_done.set()
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert is_done.wait(WITHIN_S)
        assert not failures
        yield
    finally:
        may_end.set()
        thread.join(WITHIN_S)
    assert not failures


@pytest.fixture(autouse=True)
def _little_patience():
    """Whoever waits for a lock here is told so soon."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


@pytest.fixture
def launch():
    return LaunchFactory(seats=8)


@pytest.mark.parametrize("first", [{"labels": ["A1"]}, {"party": 1}], ids=["chosen", "best"])
def test_who_takes_other_seats_waits_for_nobody(launch, first):
    labels, party = first.get("labels", []), first.get("party", 0)

    with somebody_in_the_middle_of(lambda: hold(launch, *labels, party=party)):
        assert hold(launch, "B1") == ["B1"]
        assert hold(launch, party=1) == ["A2"]
        assert hold(launch, party=2) == ["A3", "B3"]
        booked = finance_services.checkout(
            customer=UserFactory(), launch_id=launch.pk, passengers=passenger_inputs(1), card=card(),
            now=timezone.now(),
        ).booking  # fmt: skip

    assert booked.status == "confirmed"
    assert booked.passengers.get().seat_label == "B2"


def test_control_who_wants_the_same_seat_waits(launch):
    with somebody_in_the_middle_of(lambda: hold(launch, "A1")), pytest.raises(Busy):
        hold(launch, "A1")


def test_control_who_needs_a_seat_that_is_being_taken_waits_for_it(launch):
    with somebody_in_the_middle_of(lambda: hold(launch, "A1")), pytest.raises(Busy):
        hold(launch, "A1", "B1")
