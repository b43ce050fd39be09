"""Moves of bookings against buyers and against each other, in real processes; with the control that shows the guard."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from bookings import services as booking_services
from bookings.models import Booking, Rebooking, SeatClaim
from common.models import OutboxEvent
from launches import services as launch_services
from launches.models import LaunchSeat
from tests.bookings.moving import sister
from tests.concurrency.processes import contend
from tests.factories import LaunchFactory, UserFactory, make_booking
from tests.forks import fork

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
COUNT = 6


def launch_ahead(**changes):
    return LaunchFactory(departure_at=timezone.now() + timedelta(days=500), **changes)


def sister_ahead(launch, **changes):
    """Another launch a month later; its seats are on sale up to `free`."""
    free = changes.pop("free", 6)
    target = sister(launch, departure_at=timezone.now() + timedelta(days=530), **changes)
    target.seats.filter(pk__in=list(target.seats.order_by("pk").values_list("pk", flat=True))[free:]).update(
        is_blocked=True
    )
    return target


def sold(launch):
    rows = SeatClaim.objects.filter(launch=launch, status="sold")
    return Counter(rows.values_list("launch_seat__label", flat=True))


def open_move(booking, target, now):
    return booking_services.rebooking_open(
        customer=booking.customer, reference=booking.reference, launch_id=target.pk, now=now
    )


def move_at_once(booking, target):
    now = timezone.now()
    move = open_move(booking, target, now)
    return booking_services.rebooking_confirm(customer=booking.customer, rebooking_id=move.pk, now=now).status


def test_the_last_seat_goes_to_one_of_movers_and_buyers():
    launch = launch_ahead(seats=8)
    target = sister_ahead(launch, free=1)
    bookings = [make_booking(launch=launch, now=timezone.now()) for _ in range(COUNT)]
    buyers = [UserFactory() for _ in range(COUNT)]

    def job(number):
        if number % 2:
            return make_booking(launch=target, customer=buyers[number // 2], now=timezone.now()).status
        return move_at_once(bookings[number // 2], target)

    answers = contend(count=2 * COUNT, job=job)

    assert sum(answer in ("confirmed", "done") for answer in answers) == 1
    assert set(answers) <= {"confirmed", "done", "NotEnoughSeats", "Busy"}
    assert list(sold(target).values()) == [1]
    assert sum(sold(launch).values()) == COUNT - answers.count("done")


def late_moves(launch, target):
    """As many moves whose time ran out, all for the one seat of the target, each paid for by now."""
    now, moves = timezone.now(), []
    for number in range(COUNT):
        booking = make_booking(launch=launch, now=now)
        moves.append(open_move(booking, target, now - timedelta(hours=COUNT - number)))
    return moves


def complete(move):
    return booking_services.rebooking_complete(rebooking_id=move.pk, now=timezone.now()).status


def test_of_many_late_payments_for_one_seat_one_moves():
    launch = launch_ahead(seats=8)
    target = sister_ahead(launch, free=1)
    moves = late_moves(launch, target)

    answers = contend(count=COUNT, job=lambda number: complete(moves[number]))

    assert Counter(answers) == {"done": 1, "SeatsGone": COUNT - 1}
    assert list(sold(target).values()) == [1]
    assert sum(sold(launch).values()) == COUNT - 1


def without_guards(monkeypatch, in_the_gap, moves):
    """Let everybody look before anybody takes, without the lock."""
    from bookings import selectors

    def seats_without_lock(*, launch_id, seat_ids, skip_locked=False):
        return list(LaunchSeat.objects.filter(launch_id=launch_id, pk__in=seat_ids))

    def job(number):
        look = selectors.seat_ids_taken

        def look_then_wait(**arguments):
            taken = look(**arguments)
            in_the_gap.wait(30)
            return taken

        monkeypatch.setattr(launch_services, "launch_seats_lock", seats_without_lock)
        monkeypatch.setattr(selectors, "seat_ids_taken", look_then_wait)
        return complete(moves[number])

    return job


@pytest.mark.parametrize("has_constraint", [False, True], ids=["both belts off", "the constraint alone"])
def test_control_without_the_lock(monkeypatch, has_constraint):
    launch = launch_ahead(seats=8)
    target = sister_ahead(launch, free=1)
    moves = late_moves(launch, target)
    job = without_guards(monkeypatch, fork.Barrier(COUNT), moves)
    name = "bookings_one_live_claim_per_seat"
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        (definition,) = cursor.fetchone()
        if not has_constraint:
            cursor.execute(f"DROP INDEX {name}")
    try:
        answers = contend(count=COUNT, job=job)
        (owners,) = sold(target).values()
    finally:
        if not has_constraint:
            SeatClaim.objects.filter(launch=target).update(status="released")
            with connection.cursor() as cursor:
                cursor.execute(definition)

    if has_constraint:
        assert (owners, Counter(answers)) == (1, {"done": 1, "SeatsGone": COUNT - 1})
    else:
        assert (owners, set(answers)) == (COUNT, {"done"})


def test_one_move_confirmed_many_times_at_once_is_done_once():
    launch = launch_ahead()
    booking, target = make_booking(launch=launch, seats=2, now=timezone.now()), sister_ahead(launch)
    move = open_move(booking, target, timezone.now())

    answers = contend(count=COUNT, job=lambda _: complete(move))

    assert answers == ["done"] * COUNT
    assert OutboxEvent.objects.filter(name="bookings.booking.moved").count() == 1
    assert (sum(sold(launch).values()), sum(sold(target).values())) == (0, 2)
    assert Booking.objects.get(pk=booking.pk).leg == 2


def test_one_booking_moved_to_many_launches_at_once_has_one_set_of_seats():
    launch = launch_ahead()
    booking = make_booking(launch=launch, seats=2, now=timezone.now())
    targets = [sister_ahead(launch) for _ in range(COUNT)]

    answers = contend(count=COUNT, job=lambda number: move_at_once(booking, targets[number]))

    booking.refresh_from_db()
    owned = {one.pk: sum(sold(one).values()) for one in [launch, *targets]}
    assert {pk: seats for pk, seats in owned.items() if seats} == {booking.launch_id: 2}
    assert set(answers) <= {"done", "Busy", "RebookingOver", "RebookingTargetRefused"}
    assert booking.leg == 1 + answers.count("done")
    assert Rebooking.objects.filter(booking=booking, status="done").count() == answers.count("done") >= 1
