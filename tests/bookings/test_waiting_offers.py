"""Offers of a waiting list: who is served when."""

from datetime import timedelta

import pytest

from bookings import errors, selectors, services
from bookings.models import SeatClaim
from bookings.services.waiting import serving
from common.models import OutboxEvent
from tests.bookings.waiting import full_launch, give_back, join, offered_to
from tests.factories import NOW, LaunchFactory, UserFactory, make_booking, make_hold

pytestmark = pytest.mark.django_db


def test_offers_are_made_in_order_to_whole_parties_only():
    launch, bookings = full_launch(seats=6)
    for party in (4, 2, 1, 1):
        join(launch, party)
    for booking in bookings[:4]:
        give_back(booking)
    make_hold(launch=LaunchFactory())  # of no concern

    made = services.waiting_offers_make(launch_id=launch.pk, now=NOW)

    assert (made, offered_to(launch)) == (1, [(4, 4)])
    for booking in bookings[4:]:
        give_back(booking)
    assert services.waiting_offers_make(launch_id=launch.pk, now=NOW) == 1
    assert offered_to(launch) == [(4, 4), (2, 2)]
    assert services.waiting_offers_make(launch_id=launch.pk, now=NOW) == 0


def test_a_party_too_large_keeps_its_place_while_one_behind_is_served():
    launch, bookings = full_launch(seats=3)
    large, small = join(launch, 3), join(launch, 2)
    for booking in bookings[:2]:
        give_back(booking)

    services.waiting_offers_make(launch_id=launch.pk, now=NOW)

    assert offered_to(launch) == [(2, 2)]
    view = selectors.waiting_get(customer=large.customer, entry_id=large.pk, now=NOW)
    assert (view.status, view.position) == ("waiting", 0)
    services.offer_decline(customer=small.customer, entry_id=small.pk, now=NOW)
    give_back(bookings[2])
    services.waiting_offers_make(launch_id=launch.pk, now=NOW)
    assert offered_to(launch) == [(3, 3)]


def test_an_offer_holds_real_seats_for_a_day_at_the_price_of_the_moment():
    launch, (booking, _) = full_launch()
    entry = join(launch)
    give_back(booking)

    services.waiting_offers_make(launch_id=launch.pk, now=NOW)

    entry.refresh_from_db()
    hold = entry.hold
    assert (entry.status, entry.offered_at, entry.ended_at) == ("offered", NOW, None)
    assert (hold.purpose, hold.status, hold.customer) == ("offer", "open", entry.customer)
    assert (hold.expires_at, hold.price_amount) == (NOW + timedelta(hours=24), launch.price_amount)
    told = OutboxEvent.objects.get(name="bookings.waiting.offered").payload
    assert told == {
        "entry_id": entry.pk,
        "launch_id": launch.pk,
        "customer_id": entry.customer_id,
        "party": 1,
        "hold_id": str(hold.pk),
        "seat_labels": [hold.claims.get().launch_seat.label],
        "expires_at": "2027-01-16T12:00:00Z",
    }
    with pytest.raises(errors.NotEnoughSeats):
        make_hold(launch=launch)


def test_an_offer_ends_with_the_departure_at_the_latest():
    launch, (booking, _) = full_launch(departure_at=NOW + timedelta(hours=30))
    entry = join(launch)
    later = NOW + timedelta(hours=20)
    services.booking_cancel_for_supplier(booking_id=booking.pk, reason="x", now=later)
    SeatClaim.objects.filter(passenger__booking=booking).update(status="released")

    services.waiting_offers_make(launch_id=launch.pk, now=later)

    entry.refresh_from_db()
    assert entry.hold.expires_at == launch.departure_at


def test_strangers_get_only_what_those_who_wait_leave():
    launch, bookings = full_launch(seats=3)
    join(launch, 2)
    for booking in bookings:
        give_back(booking)

    with pytest.raises(errors.SeatsPromised):
        make_hold(launch=launch, seats=2)
    surplus = make_hold(launch=launch, seats=1)
    with pytest.raises(errors.SeatsPromised):
        make_hold(launch=launch, seats=1)

    assert services.waiting_offers_make(launch_id=launch.pk, now=NOW) == 1
    assert (surplus.status, offered_to(launch)) == ("open", [(2, 2)])


def test_what_is_promised_to_others_is_not_free_for_who_joins():
    launch, (booking, _) = full_launch()
    join(launch)
    give_back(booking)

    assert join(launch).status == "waiting"


def test_an_offer_stands_beside_a_hold_of_the_same_customer():
    launch, customer = LaunchFactory(seats=3), UserFactory()
    booking = make_booking(launch=launch)
    own = make_hold(launch=launch, customer=customer, seats=2)
    entry = join(launch, 1, customer=customer)
    give_back(booking)

    services.waiting_offers_make(launch_id=launch.pk, now=NOW)

    own.refresh_from_db()
    entry.refresh_from_db()
    assert (own.status, entry.status) == ("open", "offered")


def test_who_booked_the_limit_meanwhile_is_taken_off_and_blocks_nobody():
    launch, bookings = full_launch(seats=6)
    customer = UserFactory()
    over, behind = join(launch, 4, customer=customer), join(launch, 1)
    for booking in bookings[:4]:
        give_back(booking)
    # All before the list was served: the customer books a seat in the open.
    make_hold(launch=launch, customer=customer, seats=1)

    give_back(bookings[4])
    services.waiting_offers_make(launch_id=launch.pk, now=NOW)

    over.refresh_from_db()
    behind.refresh_from_db()
    assert (over.status, behind.status) == ("closed", "offered")
    assert OutboxEvent.objects.get(name="bookings.waiting.closed").payload["reason"] == "limit"


def test_where_nobody_waits_serving_costs_one_query(django_assert_num_queries):
    launch = LaunchFactory()

    with django_assert_num_queries(1):
        assert services.waiting_offers_make(launch_id=launch.pk, now=NOW) == 0


def test_one_list_that_fails_does_not_stop_the_others(monkeypatch):
    lists = [full_launch(seats=1) for _ in range(3)]
    for launch, (booking,) in lists:
        join(launch)
        give_back(booking)
    broken = lists[0][0].pk
    serve = serving.waiting_offers_make

    def fail_on_one(*, launch_id, now):
        if launch_id == broken:
            raise RuntimeError("broken")
        return serve(launch_id=launch_id, now=now)

    monkeypatch.setattr(serving, "waiting_offers_make", fail_on_one)
    monkeypatch.setattr(serving, "BATCH", 1)

    assert services.waiting_lists_serve(now=NOW) == 2
    assert [offered_to(launch) for launch, _ in lists] == [[], [(1, 1)], [(1, 1)]]
