"""Waiting lists and viability under contention: real processes, and controls that show the tests can see a failure."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from bookings import locks, selectors, services, statements
from bookings.models import Booking, SeatClaim, WaitingEntry
from bookings.services import holds, viability
from finance import services as finance_services
from launches import services as launch_services
from launches.models import Launch
from tests.concurrency.processes import contend
from tests.factories import (
    LaunchFactory,
    UserFactory,
    card,
    make_booking,
    make_hold,
    make_pending,
    passenger_inputs,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def full_launch(*parties, seats=1):
    """A launch without a free seat, its bookings, and parties that wait for it."""
    now = timezone.now()
    launch = LaunchFactory(seats=seats, departure_at=now + timedelta(days=500))
    bookings = [make_booking(launch=launch, now=now) for _ in range(seats)]
    entries = [
        services.waiting_join(customer=UserFactory(), launch_id=launch.pk, party=party, now=now) for party in parties
    ]
    return launch, bookings, entries


def give_back(booking):
    now = timezone.now()
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=now)
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=now)


def statuses(launch):
    return list(WaitingEntry.objects.filter(launch=launch).order_by("pk").values_list("status", flat=True))


def live_per_seat(launch):
    rows = SeatClaim.objects.filter(launch=launch, status__in=["held", "sold"], held_until__gt=timezone.now())
    return Counter(rows.values_list("launch_seat__label", flat=True))


def stranger_tries(launch, customer, times=1):
    """Try to hold a seat again and again; return whether it ever worked, or the latest refusal."""
    answer = ""
    for _ in range(times):
        try:
            services.seats_hold(customer=customer, launch_id=launch.pk, party=1, now=timezone.now())
        except Exception as error:
            answer = type(error).__name__
        else:
            return "held"
    return answer


def test_a_seat_that_gets_free_goes_to_the_first_in_line_whoever_else_wants_it():
    launch, (booking,), _ = full_launch(1, 1)
    strangers = [UserFactory() for _ in range(5)]

    def job(number):
        if number == 0:
            return give_back(booking)
        if number <= 2:
            return sum(services.waiting_offers_make(launch_id=launch.pk, now=timezone.now()) for _ in range(40))
        return stranger_tries(launch, strangers[number - 3], times=20)

    answers = contend(count=8, job=job)
    made = sum(answers[1:3]) + services.waiting_offers_make(launch_id=launch.pk, now=timezone.now())

    assert made == 1
    assert set(answers[3:]) <= {"NotEnoughSeats", "SeatsPromised", "Busy"}
    assert statuses(launch) == ["offered", "waiting"]
    assert live_per_seat(launch) == {"A1": 1}


def strangers_before_the_list_is_served():
    launch, (booking,), _ = full_launch(1)
    give_back(booking)
    strangers = [UserFactory() for _ in range(4)]

    answers = contend(count=4, job=lambda n: stranger_tries(launch, strangers[n]))
    return answers, services.waiting_offers_make(launch_id=launch.pk, now=timezone.now())


def test_no_stranger_gets_in_between_a_seat_and_its_offer():
    assert strangers_before_the_list_is_served() == (["SeatsPromised"] * 4, 1)


def test_control_without_the_promise_a_stranger_takes_the_seat_of_those_who_wait(monkeypatch):
    """The same race with the guard off: if the list were served here, the test above would prove nothing."""
    monkeypatch.setattr(holds, "_promises_check", lambda *_: None)

    answers, made = strangers_before_the_list_is_served()

    assert (sorted(answers), made) == (["NotEnoughSeats"] * 3 + ["held"], 0)


def take_now(launch_id):
    with transaction.atomic():
        locks.waiting_list_lock_now(launch_id=launch_id)
        return "had it"


def elsewhere(job):
    """Return what a job returns, or the exception's name, on a connection of its own while ours is as it is."""
    (answer,) = contend(count=1, job=lambda _: job())
    return answer


def test_a_list_is_locked_until_the_end_for_who_does_not_wait_for_it_and_free_for_who_has_it():
    with transaction.atomic():
        assert take_now(7) == take_now(7) == "had it"
        assert (elsewhere(lambda: take_now(7)), elsewhere(lambda: take_now(8))) == ("Busy", "had it")

    assert elsewhere(lambda: take_now(7)) == "had it"


def test_who_meets_a_list_that_began_a_moment_ago_waits_for_nobody(monkeypatch):
    """Nobody waited when the first locks were taken; now somebody does, and the list is being served elsewhere."""
    launch, (first, second), _ = full_launch(1, seats=2)
    give_back(first)
    monkeypatch.setattr(holds, "taking_locks", lambda **_: statements.nothing())
    stranger = UserFactory()

    with transaction.atomic():
        locks.waiting_list_lock(launch_id=launch.pk)
        assert elsewhere(lambda: stranger_tries(launch, stranger)) == "Busy"

    assert elsewhere(lambda: stranger_tries(launch, stranger)) == "SeatsPromised"
    give_back(second)
    with transaction.atomic():
        assert stranger_tries(launch, stranger) == "held"
        assert elsewhere(lambda: take_now(launch.pk)) == "Busy"


def test_several_workers_that_serve_a_list_make_each_offer_once():
    launch, bookings, _ = full_launch(2, 1, 1, 1, seats=4)
    for booking in bookings:
        give_back(booking)

    made = contend(count=5, job=lambda _: services.waiting_offers_make(launch_id=launch.pk, now=timezone.now()))
    services.waiting_offers_make(launch_id=launch.pk, now=timezone.now())

    assert sum(made) == 3
    assert statuses(launch) == ["offered", "offered", "offered", "waiting"]
    assert live_per_seat(launch) == dict.fromkeys(("A1", "A2", "B1", "B2"), 1)


def test_one_customer_joins_once_however_often_at_once():
    launch, _, _ = full_launch()
    customer = UserFactory()

    answers = contend(
        count=6,
        job=lambda _: services.waiting_join(customer=customer, launch_id=launch.pk, party=1, now=timezone.now()).party,
    )

    assert Counter(answers) == {1: 1, "WaitingAlready": 5}


def test_an_answer_in_the_last_moment_and_the_end_of_the_offer_agree():
    launch, (booking,), (entry, _) = full_launch(1, 1)
    give_back(booking)
    services.waiting_offers_make(launch_id=launch.pk, now=timezone.now())
    end = WaitingEntry.objects.get(pk=entry.pk).hold.expires_at

    def job(number):
        if number % 2:
            return services.waiting_offers_make(launch_id=launch.pk, now=end)
        just_before = end - timedelta(microseconds=1)
        return services.offer_accept(customer=entry.customer, entry_id=entry.pk, now=just_before).status

    answers = contend(count=6, job=job)
    services.waiting_offers_make(launch_id=launch.pk, now=end)

    first, second = statuses(launch)
    accepted = set(answers[::2])
    assert (first, accepted <= {"accepted", "Busy"}) in [("accepted", True), ("lapsed", False)]
    # By the clock the seats are free at the end, accepted or not: nothing was paid.
    assert second == "offered"


def test_paying_for_offered_seats_and_declining_them_at_once_leaves_one_owner():
    launch, (booking,), (entry, behind) = full_launch(1, 1)
    give_back(booking)
    services.waiting_offers_make(launch_id=launch.pk, now=timezone.now())
    hold = WaitingEntry.objects.get(pk=entry.pk).hold

    def job(number):
        if number == 0:
            made = services.booking_create(
                customer=entry.customer, hold_id=hold.pk, passengers=passenger_inputs(1), now=timezone.now()
            )
            finance_services.booking_pay(
                customer=entry.customer, reference=made.reference, card=card(), now=timezone.now()
            )
            return "paid"
        return services.offer_decline(customer=entry.customer, entry_id=entry.pk, now=timezone.now()).status

    paid, declined = contend(count=2, job=job)
    services.waiting_offers_make(launch_id=launch.pk, now=timezone.now())

    assert (paid, declined) in [("paid", "NothingOffered"), ("HoldExpired", "declined")]
    assert statuses(launch) == (["accepted", "waiting"] if paid == "paid" else ["declined", "offered"])
    assert live_per_seat(launch) in ({"A1": 1}, {})


# --- viability --------------------------------------------------------------------------------------
def due_launch():
    """A launch whose day of the check has come, one sold seat short of being viable."""
    now = timezone.now()
    return LaunchFactory(
        seats=5,
        minimum_occupancy_percent=20,
        departure_at=now + timedelta(days=80),
        viability_warned_at=now - timedelta(days=32),
    )


def test_a_seat_sold_at_the_moment_of_the_check_counts():
    launches = [due_launch() for _ in range(6)]
    pending = [make_pending(launch=launch, now=timezone.now()) for launch in launches]

    def job(number):
        if number == len(launches):
            report = services.viability_check(now=timezone.now())
            return report.aborted, report.failed
        one = pending[number]
        return finance_services.booking_pay(
            customer=one.customer, reference=one.reference, card=card(), now=timezone.now()
        ).status

    contend(count=len(launches) + 1, job=job)

    found = {
        (launch.status, Booking.objects.get(launch=launch).status)
        for launch in Launch.objects.filter(pk__in=[launch.pk for launch in launches])
    }
    assert found <= {("scheduled", "confirmed"), ("aborted", "pending")}


def sold_in_the_gap(monkeypatch):
    """Sell the missing seat after the check has looked and before it decides."""
    launch = due_launch()
    decide = viability._decide

    def sell_then_decide(launch_id, now):
        make_booking(launch=launch, now=now)
        return decide(launch_id, now)

    monkeypatch.setattr(viability, "_decide", sell_then_decide)
    report = services.viability_check(now=timezone.now())
    launch.refresh_from_db()
    return report.aborted, launch.status


def test_what_is_sold_between_the_look_and_the_decision_is_counted_again(monkeypatch):
    assert sold_in_the_gap(monkeypatch) == (0, "scheduled")


def test_control_without_counting_again_a_viable_launch_is_called_off(monkeypatch):
    decide = launch_services.launch_viability_decide
    monkeypatch.setattr(
        launch_services, "launch_viability_decide", lambda **given: decide(**{**given, "seats_sold": lambda: 0})
    )

    assert sold_in_the_gap(monkeypatch) == (1, "aborted")


def test_a_held_seat_stays_held_while_its_launch_is_looked_at():
    launch = due_launch()
    make_hold(launch=launch, now=timezone.now())

    answers = contend(count=4, job=lambda _: services.viability_check(now=timezone.now()).aborted)

    assert sum(answers) == 1
    assert selectors.seats_sold(launch_ids=[launch.pk]) == {launch.pk: 0}
