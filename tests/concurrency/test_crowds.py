"""A crowd at once: seats and limits hold; and without their guards they are seen to fail."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import services as booking_services
from bookings import statements
from bookings.models import Booking, SeatClaim
from bookings.services import holds as hold_services
from finance import services as finance_services
from finance.models import Payment
from tests.concurrency.processes import contend
from tests.factories import LaunchFactory, UserFactory, card, make_booking, make_hold, make_pending, passenger_inputs
from tests.forks import fork

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

REFUSED = {"NotEnoughSeats", "SeatsTaken", "SeatsGone", "HoldExpired", "Busy"}


def live_claims(launch):
    rows = SeatClaim.objects.filter(launch=launch, status__in=["held", "sold"])
    return Counter(rows.values_list("launch_seat_id", flat=True))


def sold_seats(launch):
    return set(SeatClaim.objects.filter(launch=launch, status="sold").values_list("launch_seat_id", flat=True))


def take_part(number, launch, customer):
    """One of a hundred: holds, gives back, books, pays, cancels, checks out, or clears lapsed holds away."""
    now = timezone.now()
    role = number % 6
    if role == 0:
        hold = make_hold(launch=launch, customer=customer, now=now)
        booking_services.hold_release(customer=customer, hold_id=hold.pk)
        return "gave back"
    if role == 1:
        make_pending(launch=launch, customer=customer, now=now - timedelta(minutes=15))  # lapses at once
        return "lapsed"
    if role == 2:
        return make_booking(launch=launch, customer=customer, now=now).status
    if role == 3:
        booking = make_booking(launch=launch, customer=customer, now=now)
        quote = booking_services.cancellation_quote(customer=customer, reference=booking.reference, now=now)
        return booking_services.booking_cancel(
            customer=customer, reference=booking.reference, quote_id=quote.pk, now=now
        ).status
    if role == 4:
        made = finance_services.checkout(
            customer=customer, launch_id=launch.pk, passengers=passenger_inputs(1), card=card(), now=now
        )
        return made.booking.status
    return f"cleared {booking_services.holds_expire(now=now) >= 0}"


def test_a_hundred_contenders_for_six_seats_sell_each_seat_at_most_once():
    launch, customers = LaunchFactory(), [UserFactory() for _ in range(100)]

    answers = contend(count=100, job=lambda n: take_part(n, launch, customers[n]))

    assert set(answers) <= {"gave back", "lapsed", "confirmed", "cancelled", "cleared True"} | REFUSED
    assert max(live_claims(launch).values()) == 1
    confirmed = Booking.objects.filter(launch=launch, status="confirmed").count()
    assert confirmed == answers.count("confirmed") == len(sold_seats(launch)) <= 6
    assert Payment.objects.filter(status="succeeded").count() == confirmed + answers.count("cancelled")

    # And none is lost: once the dust has settled, the rest can be sold, to the last seat.
    booking_services.holds_expire(now=timezone.now() + timedelta(minutes=1))
    for _ in range(6 - confirmed):
        make_booking(launch=launch, now=timezone.now())
    assert len(sold_seats(launch)) == 6


def test_control_without_the_customers_lock_the_seat_limit_is_broken(monkeypatch):
    """Six times two seats at once for one customer, who may have four; the lock is what keeps it."""
    launch, customer = LaunchFactory(seats=20), UserFactory()
    together = fork.Barrier(6)
    check = hold_services._limits_check

    def check_together(*values):
        together.wait(30)
        check(*values)

    monkeypatch.setattr(hold_services, "taking_locks", lambda **_: statements.nothing())
    monkeypatch.setattr(hold_services, "_limits_check", check_together)

    def checkout(_):
        return finance_services.checkout(
            customer=customer, launch_id=launch.pk, passengers=passenger_inputs(2), card=card(), now=timezone.now()
        ).booking.status

    answers = contend(count=6, job=checkout)

    assert answers == ["confirmed"] * 6
    assert len(sold_seats(launch)) == 12
