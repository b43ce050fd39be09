"""Every way a seat gets free feeds the waiting list, through its event and without the job that looks each minute."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from bookings import handlers, services
from bookings.models import SlipDecision
from common.models import OutboxEvent
from finance import services as finance_services
from launches import services as launch_services
from launches.models import CabinSeat
from notifications import services as notification_services
from notifications.models import Notification
from tests.bookings.moving import confirm, open_move, sister
from tests.bookings.waiting import give_back, join
from tests.factories import LaunchFactory, make_booking, make_hold, make_pending

pytestmark = pytest.mark.django_db(transaction=True)
ENDS_THE_LIST = {f"launches.launch.{name}" for name in ("aborted", "launched", "failed")}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def launch(now):
    """A launch with one seat, which each way below has taken before it gives it back."""
    return LaunchFactory(seats=1, departure_at=now + timedelta(days=500))


# Each takes the seat and returns what gives it back.
def booking_cancelled(launch, now):
    booking = make_booking(launch=launch, now=now)
    return lambda: give_back(booking, now=now)


def hold_given_back(launch, now):
    hold = make_hold(launch=launch, now=now)
    return lambda: services.hold_release(customer=hold.customer, hold_id=hold.pk)


def hold_lapsed(launch, now):
    make_hold(launch=launch, now=now - timedelta(minutes=14))
    return lambda: services.holds_expire(now=now + timedelta(minutes=1))


def choice_changed(launch, now):
    add_seat(launch)
    hold = make_hold(launch=launch, seats=2, now=now)
    return lambda: make_hold(launch=launch, customer=hold.customer, seats=1, now=now)


def booking_expired(launch, now):
    make_pending(launch=launch, now=now - timedelta(minutes=14))
    return lambda: services.holds_expire(now=now + timedelta(minutes=1))


def booking_given_up(launch, now):
    booking = make_pending(launch=launch, now=now)
    return lambda: finance_services.booking_give_up(customer=booking.customer, reference=booking.reference, now=now)


def booking_moved_away(launch, now):
    booking = make_booking(launch=launch, now=now)
    target = sister(launch, departure_at=launch.departure_at + timedelta(days=30))
    return lambda: confirm(open_move(booking, target, now=now), now=now)


def move_given_up(launch, now):
    source = sister(launch, departure_at=launch.departure_at + timedelta(days=30))
    move = open_move(make_booking(launch=source, now=now), launch, now=now)
    return lambda: services.rebooking_give_up(customer=move.booking.customer, rebooking_id=move.pk, now=now)


def left_after_a_slip(launch, now):
    booking = make_booking(launch=launch, now=now - timedelta(days=1))
    announcement = services.Announcement(
        launch_id=launch.pk, event_id=1, announced_at=now, old_departure_at=launch.departure_at,
        old_departure_precision="minute", departure_at=launch.departure_at, reason="A valve.",
    )  # fmt: skip
    services.slips_open(announcement=announcement)
    decision = SlipDecision.objects.get(booking=booking)
    return lambda: services.slip_answer(decision_id=decision.pk, answer="refund", now=now)


def seat_changed(launch, now):
    """Onto a seat whose hold has lapsed, which nobody has cleared away: what is free now is the old seat."""
    booking = make_booking(launch=launch, now=now)
    add_seat(launch)
    make_hold(launch=launch, now=now - timedelta(minutes=14))
    return lambda: services.seat_change(
        actor=booking.customer, reference=booking.reference, passenger_id=booking.passengers.get().pk,
        seat_id=launch.seats.get(label="A2").pk, now=now + timedelta(minutes=1),
    )  # fmt: skip


def seats_added(launch, now):
    make_booking(launch=launch, now=now)
    CabinSeat.objects.create(rocket=launch.rocket, label="A2", row=2, column=1)
    return lambda: services.seats_on_sale_change(actor=None, launch_id=launch.pk, count=2, now=now)


def seat_put_back(launch, now):
    make_booking(launch=launch, now=now)
    seat = add_seat(launch, is_blocked=True)
    return lambda: services.seats_return(actor=None, launch_id=launch.pk, seat_ids=[seat.pk], now=now)


def offer_declined(launch, now):
    give = booking_cancelled(launch, now)
    first = join(launch, now=now)
    give()
    services.waiting_offers_make(launch_id=launch.pk, now=now)
    return lambda: services.offer_decline(customer=first.customer, entry_id=first.pk, now=now)


def offer_lapsed(launch, now):
    give = booking_cancelled(launch, now)
    join(launch, now=now)
    give()
    services.waiting_offers_make(launch_id=launch.pk, now=now - timedelta(hours=23, minutes=59))
    return lambda: services.holds_expire(now=now + timedelta(minutes=1))


def add_seat(launch, **fields):
    CabinSeat.objects.create(rocket=launch.rocket, label="A2", row=2, column=1)
    return launch.seats.create(label="A2", row=2, column=1, **fields)


WAYS = {
    booking_cancelled: "bookings.booking.cancelled",
    left_after_a_slip: "bookings.booking.cancelled",
    booking_expired: "bookings.booking.expired",
    booking_given_up: "bookings.booking.expired",
    booking_moved_away: "bookings.booking.moved",
    hold_given_back: "bookings.hold.released",
    hold_lapsed: "bookings.hold.released",
    choice_changed: "bookings.hold.released",
    move_given_up: "bookings.hold.released",
    offer_declined: "bookings.hold.released",
    offer_lapsed: "bookings.hold.released",
    seat_changed: "bookings.seats.freed",
    seats_added: "launches.launch.changed",
    seat_put_back: "launches.launch.changed",
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_who_waits_is_offered_the_seat(launch, now, deliver, way):
    free = way(launch, now)
    entry = join(launch, now=now)
    deliver()
    entry.refresh_from_db()
    assert entry.status == "waiting"
    before = OutboxEvent.objects.latest("pk").pk

    free()
    heard = OutboxEvent.objects.filter(pk__gt=before, name__in=handlers._SEATS_FREED)
    names = set(heard.values_list("name", flat=True))
    deliver()

    entry.refresh_from_db()
    assert entry.status == "offered"
    assert names == {WAYS[way]}  # nothing else could have fed the list


def test_every_event_that_the_list_hears_frees_a_seat_above_or_ends_the_list():
    assert set(WAYS.values()) | ENDS_THE_LIST == set(handlers._SEATS_FREED)


@pytest.mark.parametrize("event", sorted(ENDS_THE_LIST))
def test_who_waits_for_a_launch_that_sells_no_more_is_told(launch, now, deliver, event):
    make_booking(launch=launch, now=now)
    entry = join(launch, now=now)
    change = {"actor": None, "launch_id": launch.pk}
    if event.endswith("aborted"):
        launch_services.launch_abort(**change, reason="A valve.", now=now)
    else:
        launch_services.launch_confirm(**change, now=now)
        outcome = event.rpartition(".")[2]
        launch_services.launch_mark_flown(**change, outcome=outcome, reason="A valve.", now=launch.departure_at)

    deliver()

    entry.refresh_from_db()
    assert entry.status == "closed"
    assert OutboxEvent.objects.get(name="bookings.waiting.closed").payload["reason"] == "launch"


def test_the_offer_reaches_its_customer_with_seats_end_and_link(launch, now, deliver):
    free = booking_cancelled(launch, now)
    entry = join(launch, now=now)
    free()

    deliver()

    row = Notification.objects.get(template="waiting_offered")
    assert (row.receiver, row.link) == (entry.customer, f"/waiting/{entry.pk}/")
    notification_services.notifications_send_due(now=timezone.now(), limit=50)
    (found,) = [one for one in mail.outbox if one.to == [entry.customer.email]]
    for part in ("held for you: A1, $450,000 in all", f"/waiting/{entry.pk}/", "your place in the list ends"):
        assert part in found.body
        assert part in found.alternatives[0][0] or part.startswith("/")
