"""With a guard taken away, the watch must see what follows; otherwise the model proves nothing."""

from unittest import mock

import pytest

from bookings.models import Booking, SeatClaim
from tests.models.machine import BookingMachine

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def life():
    machine = BookingMachine()
    machine.two_have_booked(second=1)
    machine.deliver_events()
    machine.all_is_well()
    yield machine
    machine.is_broken = True  # nothing to come to rest
    machine.teardown()


def test_a_missing_seat_limit_is_seen(life):
    with mock.patch("bookings.services.holds._limits_check"):
        life.hold_the_best(who=2, where=2, party=6)

    with pytest.raises(AssertionError, match="has 6 seats"):
        life.all_is_well()


def test_a_refund_that_the_ledger_does_not_hear_of_is_seen(life):
    with mock.patch("finance.services.refunds.refund_post"):
        life.goodwill(n=0, cents=1000)

    with pytest.raises(AssertionError, match="customers are owed 10"):
        life.all_is_well()


def test_a_missing_credit_note_is_seen(life):
    with mock.patch("finance.handlers.credit_note_issue"):
        life.goodwill(n=0, cents=1000)
        life.deliver_events()

    with pytest.raises(AssertionError, match="should have 240.*'invoices': Decimal"):
        life.all_is_well()


def test_a_handler_that_fails_is_seen(life):
    with mock.patch("finance.handlers.credit_note_issue", side_effect=RuntimeError("no paper")):
        life.goodwill(n=0, cents=1000)
        life.deliver_events()

    with pytest.raises(AssertionError, match="no paper"):
        life.all_is_well()


def test_a_sold_seat_that_is_freed_is_seen(life):
    SeatClaim.objects.filter(passenger__booking__customer=life.customers[2]).update(status="released")

    with pytest.raises(AssertionError, match="A1 is released"):
        life.all_is_well()


def test_a_booking_that_goes_back_is_seen(life):
    Booking.objects.filter(customer=life.customers[2]).update(status="pending")

    with pytest.raises(AssertionError, match="confirmed to pending"):
        life.all_is_well()


def test_a_version_that_falls_is_seen(life):
    Booking.objects.filter(customer=life.customers[2]).update(version=0)

    with pytest.raises(AssertionError, match="version 3 to 1"):
        life.all_is_well()
