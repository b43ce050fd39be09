"""The three ways an unpaid booking ends: its time runs out, its customer gives it back, its launch is called off."""

from datetime import timedelta

import pytest

from bookings import selectors, services
from common.models import OutboxEvent
from finance import services as finance_services
from launches.models import Launch
from tests.factories import NOW, LaunchFactory, make_pending

pytestmark = pytest.mark.django_db

SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)


def give_back(booking):
    finance_services.booking_give_up(customer=booking.customer, reference=booking.reference, now=SOON)


def let_lapse(booking):
    assert services.holds_expire(now=LATER) == 1


def call_off(booking):
    Launch.objects.filter(pk=booking.launch_id).update(status="aborted", reason="Weather")
    services.launch_call_off(launch_id=booking.launch_id, reason="Weather", now=SOON)


@pytest.mark.parametrize(
    ("end", "at", "reason", "is_by_customer", "hold"),
    [
        pytest.param(let_lapse, LATER, "not paid in time", False, "used", id="time"),
        pytest.param(give_back, SOON, "given back by the customer", True, "released", id="customer"),
        pytest.param(call_off, SOON, "Weather", False, "released", id="called off"),
    ],
)
def test_it_ends_once_with_free_seats_a_line_of_history_and_an_event(end, at, reason, is_by_customer, hold):
    booking = make_pending(launch=LaunchFactory(), seats=2)
    version, actor_id = booking.version, booking.customer_id if is_by_customer else None

    end(booking)

    booking.refresh_from_db()
    assert (booking.status, booking.version, booking.hold.status) == ("expired", version + 1, hold)
    assert selectors.seat_ids_taken(launch_id=booking.launch_id, now=at) == set()
    assert set(booking.hold.claims.values_list("status", flat=True)) == {"released"}
    line = booking.history.latest("pk")
    assert (line.old_status, line.new_status, line.reason) == ("pending", "expired", reason)
    assert (line.changed_at, line.actor_id) == (at, actor_id)
    told = OutboxEvent.objects.get(name="bookings.booking.expired")
    assert (told.payload["reference"], told.actor_id) == (booking.reference, actor_id)
