"""One row that somebody works on, or that cannot be read, holds up no other in the jobs of slips and moves."""

from datetime import timedelta

import pytest

from bookings import services
from bookings.models import Booking, Hold, Rebooking, SlipDecision
from tests.bookings.moving import open_move, sister
from tests.bookings.test_slips import delay
from tests.factories import NOW, LaunchFactory, make_booking
from tests.locked import little_patience, somebody_holds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _little_patience():
    with little_patience():
        yield


@pytest.fixture
def decisions():
    """Two open questions in the order in which jobs come to them."""
    launch = LaunchFactory()
    for _ in range(2):
        make_booking(launch=launch)
    delay(launch)
    return list(SlipDecision.objects.order_by("deadline_at", "pk"))


def test_a_question_that_somebody_has_under_lock_holds_up_no_reminder(decisions, caplog):
    first, second = decisions
    soon = first.deadline_at - timedelta(days=7)

    with somebody_holds(Booking.objects.filter(pk=first.booking_id)):
        told = services.slips_remind(now=soon)

    assert (told, f"{first.pk} could not be reminded of" in caplog.text) == (1, True)
    assert dict(SlipDecision.objects.values_list("pk", "reminders_sent")) == {first.pk: 0, second.pk: 1}
    assert services.slips_remind(now=soon) == 1


def test_nor_the_end_of_another(decisions, caplog):
    first, second = decisions

    with somebody_holds(Booking.objects.filter(pk=first.booking_id)):
        lapsed = services.slips_lapse(now=first.deadline_at)

    assert (lapsed, f"{first.pk} could not be closed" in caplog.text) == (1, True)
    assert dict(SlipDecision.objects.values_list("pk", "status")) == {first.pk: "open", second.pk: "lapsed"}
    assert services.slips_lapse(now=first.deadline_at) == 1


def test_a_hold_that_somebody_has_under_lock_holds_up_the_end_of_no_other_move(caplog):
    launch = LaunchFactory()
    target = sister(launch)
    first, second = (open_move(make_booking(launch=launch), target, now=NOW + timedelta(seconds=n)) for n in range(2))
    late = NOW + timedelta(minutes=16)

    with somebody_holds(Hold.objects.filter(pk=first.hold_id)):
        done = services.rebookings_expire(now=late)

    assert (done, f"Move {first.pk} could not be ended" in caplog.text) == (1, True)
    assert dict(Rebooking.objects.values_list("pk", "status")) == {first.pk: "open", second.pk: "expired"}
    assert services.rebookings_expire(now=late) == 1
