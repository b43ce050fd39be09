"""Reconciliation while people book, in real processes: what is on its way is no drift."""

import time

import pytest
from django.utils import timezone

from bookings.models import Booking
from common import outbox, outbox_delivery
from documents import comparison, reconcile
from documents.repositories import Trips
from tests.concurrency.processes import contend
from tests.factories import LaunchFactory, UserFactory, make_booking
from tests.forks import fork

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.usefixtures("stores")]

BUYERS, EACH = 3, 6
WITHIN_S = 90


def drift(*, is_dry_run=False, settle_s=0.0) -> int:
    report = comparison.run(
        datasets=reconcile.find(["offers", "trips"]),
        is_dry_run=is_dry_run,
        progress=lambda name, counts: None,
        settle_s=settle_s,
    )
    return sum(counts.drift for counts in report.counts.values())


def test_no_drift_is_found_and_nothing_spoilt_while_people_book():
    launches, customers = [LaunchFactory() for _ in range(BUYERS)], [UserFactory() for _ in range(BUYERS * EACH)]
    left = fork.Value("i", BUYERS)

    def take_part(number: int) -> tuple[str, int]:
        if number < BUYERS:
            try:
                for customer in customers[number * EACH : (number + 1) * EACH]:
                    make_booking(launch=launches[number], customer=customer, now=timezone.now())
            finally:
                with left.get_lock():
                    left.value -= 1
            return ("bought", EACH)
        done, until = 0, time.monotonic() + WITHIN_S
        while left.value and time.monotonic() < until:
            done += outbox_delivery.deliver(consumer="documents") if number == BUYERS else drift(settle_s=0.05)
        return ("delivered" if number == BUYERS else "drift", done)

    answers = contend(count=BUYERS + 2, job=take_part)

    assert answers[:BUYERS] == [("bought", EACH)] * BUYERS
    assert answers[BUYERS][0] == "delivered"
    assert answers[-1] == ("drift", 0)
    while outbox_delivery.deliver(consumer="documents"):
        pass
    assert drift(is_dry_run=True) == 0
    assert Trips.count() == Booking.objects.count() == BUYERS * EACH


def test_control_without_the_second_look_the_same_would_be_called_drift(monkeypatch):
    launch = LaunchFactory()
    with outbox.deferred():  # as in the moment between a commit and its document
        for _ in range(3):
            make_booking(launch=launch, customer=UserFactory(), now=timezone.now())

    assert drift(is_dry_run=True) == 0
    monkeypatch.setattr(comparison._Comparison, "_examine", lambda self, suspects: _count(self, suspects))
    assert drift(is_dry_run=True) == 4  # three trips, and the launch's offer


def _count(self, suspects) -> None:
    self._counts.missing += len(suspects)
