"""No seat is ever sold twice: real processes against each other, and the control that shows the test can see it."""

from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from bookings import services as booking_services
from bookings import statements
from bookings.models import SeatClaim
from launches import services as launch_services
from launches.models import LaunchSeat
from tests.concurrency.processes import contend
from tests.factories import LaunchFactory, UserFactory, make_booking
from tests.forks import fork

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def sold_per_seat(launch):
    rows = SeatClaim.objects.filter(launch=launch, status__in=["held", "sold"])
    return Counter(rows.values_list("launch_seat__label", flat=True))


def test_of_many_who_want_the_same_seat_exactly_one_gets_it():
    launch, customers = LaunchFactory(), [UserFactory() for _ in range(10)]
    seat = launch.seats.get(label="A1")

    answers = contend(
        count=10,
        job=lambda n: hold(customers[n], launch, seat),
    )

    assert Counter(answers) == {True: 1, "SeatsTaken": 9}
    assert sold_per_seat(launch) == {"A1": 1}


def test_many_complete_bookings_fill_a_launch_exactly():
    launch, customers = LaunchFactory(), [UserFactory() for _ in range(12)]

    answers = contend(
        count=12, job=lambda n: make_booking(launch=launch, customer=customers[n], now=timezone.now()).status
    )

    assert Counter(answers)["confirmed"] == 6
    assert set(answers) == {"confirmed", "NotEnoughSeats"}
    assert sold_per_seat(launch) == dict.fromkeys(("A1", "A2", "A3", "B1", "B2", "B3"), 1)


def test_the_seat_limit_holds_when_one_customer_books_from_many_places_at_once():
    launch, customer = LaunchFactory(seats=20), UserFactory()

    answers = contend(
        count=6, job=lambda n: make_booking(launch=launch, customer=customer, seats=2, now=timezone.now()).status
    )

    live = SeatClaim.objects.filter(launch=launch, status__in=["held", "sold"], customer=customer).count()
    assert live <= 4
    assert answers.count("confirmed") * 2 <= 4


def hold(customer, launch, seat):
    return bool(
        booking_services.seats_hold(customer=customer, launch_id=launch.pk, seat_ids=[seat.pk], now=timezone.now())
    )


def seats_without_lock(*, launch_id, seat_ids, skip_locked=False):
    return list(LaunchSeat.objects.filter(launch_id=launch_id, pk__in=seat_ids))


def test_control_without_lock_and_constraint_the_seat_is_sold_twice(monkeypatch):
    """The same race with both belts off: if this sold the seat once, the tests above would prove nothing."""
    launch, customers = LaunchFactory(), [UserFactory() for _ in range(4)]
    seat = launch.seats.get(label="A1")
    in_the_gap = fork.Barrier(4)

    def look_then_insert(hold, *, seat_ids):
        """What one would write without an index to rely on: look whether it is free, then take it."""
        hold.save(force_insert=True)
        free = [i for i in seat_ids if not SeatClaim.objects.filter(launch_seat_id=i, status__in=["held", "sold"])]
        in_the_gap.wait(30)
        made = [
            SeatClaim.objects.create(
                launch_id=hold.launch_id,
                launch_seat_id=seat_id,
                customer_id=hold.customer_id,
                hold=hold,
                held_until=hold.expires_at,
                created_at=hold.created_at,
            )
            for seat_id in free
        ]
        return {claim.launch_seat_id: claim.pk for claim in made}

    monkeypatch.setattr(launch_services, "launch_seats_lock", seats_without_lock)
    monkeypatch.setattr(statements, "hold_insert", look_then_insert)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'bookings_one_live_claim_per_seat'")
        (definition,) = cursor.fetchone()
        cursor.execute("DROP INDEX bookings_one_live_claim_per_seat")
    try:
        answers = contend(count=4, job=lambda n: hold(customers[n], launch, seat))
        sold = sold_per_seat(launch)
    finally:
        SeatClaim.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(definition)

    assert answers == [True] * 4
    assert sold == {"A1": 4}


def test_control_without_the_lock_the_constraint_alone_still_refuses(monkeypatch):
    launch, customers = LaunchFactory(), [UserFactory() for _ in range(4)]
    seat = launch.seats.get(label="A1")
    in_the_gap = fork.Barrier(4)
    insert = statements.hold_insert

    def insert_together(hold, *, seat_ids):
        in_the_gap.wait(30)
        return insert(hold, seat_ids=seat_ids)

    monkeypatch.setattr(launch_services, "launch_seats_lock", seats_without_lock)
    monkeypatch.setattr(statements, "hold_insert", insert_together)

    answers = contend(count=4, job=lambda n: hold(customers[n], launch, seat))

    assert Counter(answers) == {True: 1, "SeatsTaken": 3}
    assert sold_per_seat(launch) == {"A1": 1}
