from contextlib import suppress
from datetime import timedelta

import pytest

from bookings import errors, selectors, services
from bookings.models import Hold, SeatClaim
from common.models import OutboxEvent
from tests.factories import NOW, LaunchFactory, UserFactory, make_booking, make_hold

pytestmark = pytest.mark.django_db


def test_seats_hold_keeps_the_chosen_seats_for_fifteen_minutes():
    launch, customer = LaunchFactory(), UserFactory()
    seats = list(launch.seats.order_by("pk")[:2])

    hold = services.seats_hold(customer=customer, launch_id=launch.pk, seat_ids=[s.pk for s in seats], now=NOW)

    assert hold.expires_at == NOW + timedelta(minutes=15)
    assert {c.launch_seat_id for c in hold.claims.all()} == {s.pk for s in seats}
    assert OutboxEvent.objects.filter(name="bookings.hold.opened").get().payload["seat_labels"] == ["A1", "B1"]


def test_seats_hold_refuses_all_when_one_is_taken():
    launch = LaunchFactory()
    first, second = launch.seats.order_by("pk")[:2]
    services.seats_hold(customer=UserFactory(), launch_id=launch.pk, seat_ids=[second.pk], now=NOW)

    with pytest.raises(errors.SeatsTaken, match="B1"):
        services.seats_hold(customer=UserFactory(), launch_id=launch.pk, seat_ids=[first.pk, second.pk], now=NOW)

    assert SeatClaim.objects.count() == 1


def test_a_hold_lapses_at_its_instant_without_any_job():
    launch = LaunchFactory()
    seat = launch.seats.first()
    hold = services.seats_hold(customer=UserFactory(), launch_id=launch.pk, seat_ids=[seat.pk], now=NOW)
    rival = UserFactory()

    with pytest.raises(errors.SeatsTaken):
        services.seats_hold(
            customer=rival, launch_id=launch.pk, seat_ids=[seat.pk], now=hold.expires_at - timedelta(microseconds=1)
        )
    taken_over = services.seats_hold(customer=rival, launch_id=launch.pk, seat_ids=[seat.pk], now=hold.expires_at)

    assert taken_over.claims.get().launch_seat_id == seat.pk
    with pytest.raises(errors.HoldExpired):
        services.booking_create(customer=hold.customer, hold_id=hold.pk, passengers=[], now=hold.expires_at)


def test_a_new_choice_replaces_the_open_hold():
    launch, customer = LaunchFactory(), UserFactory()
    first, second = launch.seats.order_by("pk")[:2]
    old = services.seats_hold(customer=customer, launch_id=launch.pk, seat_ids=[first.pk], now=NOW)

    new = services.seats_hold(customer=customer, launch_id=launch.pk, seat_ids=[second.pk], now=NOW)

    old.refresh_from_db()
    assert (old.status, new.status) == ("released", "open")
    assert selectors.seat_ids_taken(launch_id=launch.pk, now=NOW) == {second.pk}


def test_a_refused_new_choice_leaves_the_open_hold_alone():
    launch, customer = LaunchFactory(), UserFactory()
    first, second = launch.seats.order_by("pk")[:2]
    old = services.seats_hold(customer=customer, launch_id=launch.pk, seat_ids=[first.pk], now=NOW)
    services.seats_hold(customer=UserFactory(), launch_id=launch.pk, seat_ids=[second.pk], now=NOW)

    with pytest.raises(errors.SeatsTaken):
        services.seats_hold(customer=customer, launch_id=launch.pk, seat_ids=[second.pk], now=NOW)

    old.refresh_from_db()
    assert old.status == "open"
    assert old.claims.get().status == "held"


def test_best_available_puts_a_party_side_by_side():
    launch = LaunchFactory()
    taken = launch.seats.get(label="A1")
    services.seats_hold(customer=UserFactory(), launch_id=launch.pk, seat_ids=[taken.pk], now=NOW)

    hold = services.seats_hold(customer=UserFactory(), launch_id=launch.pk, party=2, now=NOW)

    assert sorted(c.launch_seat.label for c in hold.claims.all()) == ["A2", "B2"]


def test_best_available_says_how_many_are_left():
    launch = LaunchFactory(seats=3)
    make_hold(launch=launch, seats=2)

    with pytest.raises(errors.NotEnoughSeats, match="Only 1 of the 2"):
        make_hold(launch=launch, seats=2)

    assert Hold.objects.count() == 1


def test_seat_limit_counts_bookings_and_holds_of_the_launch_together():
    launch, customer = LaunchFactory(), UserFactory()
    make_booking(launch=launch, customer=customer, seats=3)

    with pytest.raises(errors.SeatLimitReached, match="at most 4 seats.*you have 3") as refusal:
        make_hold(launch=launch, customer=customer, seats=2)

    assert refusal.value.facts["room"] == 1
    assert make_hold(launch=launch, customer=customer, seats=1).claims.count() == 1


def test_a_vip_may_have_six_seats():
    customer = UserFactory()
    for _ in range(2):
        make_booking(launch=LaunchFactory(), customer=customer)

    hold = make_hold(launch=LaunchFactory(), customer=customer, seats=6)

    assert hold.claims.count() == 6


def test_how_many_trips_make_a_vip_is_a_setting(settings):
    settings.VIP_TRIPS = 3
    customer = UserFactory()
    for _ in range(2):
        make_booking(launch=LaunchFactory(), customer=customer)
    with pytest.raises(errors.SeatLimitReached, match="at most 4 seats"):
        make_hold(launch=LaunchFactory(), customer=customer, seats=5)
    assert (selectors.is_vip(customer=customer), selectors.vip_customer_ids()) == (False, [])

    make_booking(launch=LaunchFactory(), customer=customer)

    assert make_hold(launch=LaunchFactory(), customer=customer, seats=6).claims.count() == 6
    assert (selectors.is_vip(customer=customer), selectors.vip_customer_ids()) == (True, [customer.pk])


def test_bookings_of_a_launch_make_nobody_a_vip_on_it():
    launch, customer = LaunchFactory(seats=8), UserFactory()
    for _ in range(2):
        make_booking(launch=launch, customer=customer)
    assert selectors.is_vip(customer=customer)
    booked = SeatClaim.objects.filter(status="sold")

    with pytest.raises(errors.SeatLimitReached, match="at most 4 seats.*you have 2"):
        make_hold(launch=launch, customer=customer, seats=3)

    assert booked.count() == SeatClaim.objects.count() == 2
    assert selectors.seat_choice(launch_id=launch.pk, now=NOW, customer=customer, limit_default=4).room == 2
    assert selectors.waiting_room(launch_id=launch.pk, now=NOW, customer=customer) == 2
    assert make_hold(launch=LaunchFactory(), customer=customer, seats=6).claims.count() == 6


@pytest.mark.parametrize("status", ["draft", "aborted", "launched", "failed"])
def test_seats_hold_refuses_a_launch_that_is_not_on_sale(status):
    launch = LaunchFactory(status=status, reason="because")

    with pytest.raises(errors.LaunchNotOpen):
        make_hold(launch=launch)

    assert not SeatClaim.objects.exists()


def test_seats_hold_refuses_a_launch_whose_departure_has_come():
    launch = LaunchFactory(departure_at=NOW)

    with pytest.raises(errors.LaunchNotOpen):
        make_hold(launch=launch)


def test_seats_hold_refuses_withdrawn_and_foreign_seats():
    launch, other = LaunchFactory(), LaunchFactory()
    withdrawn = launch.seats.first()
    launch.seats.filter(pk=withdrawn.pk).update(is_blocked=True)

    with pytest.raises(errors.SeatsTaken):
        services.seats_hold(customer=UserFactory(), launch_id=launch.pk, seat_ids=[withdrawn.pk], now=NOW)
    with pytest.raises(errors.SeatsUnknown):
        services.seats_hold(customer=UserFactory(), launch_id=launch.pk, seat_ids=[other.seats.first().pk], now=NOW)
    with pytest.raises(errors.SeatsUnknown):
        services.seats_hold(customer=UserFactory(), launch_id=launch.pk, now=NOW)
    assert not SeatClaim.objects.exists()


def test_hold_release_frees_the_seats_and_is_only_for_its_customer():
    hold = make_hold(launch=LaunchFactory(), seats=2)

    with pytest.raises(errors.HoldNotFound):
        services.hold_release(customer=UserFactory(), hold_id=hold.pk)
    services.hold_release(customer=hold.customer, hold_id=hold.pk)

    assert selectors.seat_ids_taken(launch_id=hold.launch_id, now=NOW) == set()


def test_holds_expire_closes_lapsed_holds_and_unpaid_bookings():
    from tests.factories import make_pending

    lapsed, booking = make_hold(launch=LaunchFactory()), make_pending(launch=LaunchFactory())
    later = make_hold(launch=LaunchFactory(), now=NOW + timedelta(minutes=5))

    done = services.holds_expire(now=NOW + timedelta(minutes=15))

    for row in (lapsed, booking, later):
        row.refresh_from_db()
    assert (done, lapsed.status, booking.status, later.status) == (2, "expired", "expired", "open")
    assert set(SeatClaim.objects.values_list("status", flat=True)) == {"released", "held"}


def test_late_comers_to_a_sold_out_launch_are_told_by_one_look_and_get_what_comes_free_at_once(
    django_assert_num_queries,
):
    launch, early, late = LaunchFactory(seats=1), UserFactory(), UserFactory()
    first = services.seats_hold(customer=early, launch_id=launch.pk, party=1, now=NOW)
    with pytest.raises(errors.NotEnoughSeats):
        services.seats_hold(customer=late, launch_id=launch.pk, party=1, now=NOW)

    with django_assert_num_queries(1), pytest.raises(errors.NotEnoughSeats) as refused:
        services.seats_hold(customer=late, launch_id=launch.pk, party=1, now=NOW)
    again = services.seats_hold(customer=early, launch_id=launch.pk, party=1, now=NOW)
    services.hold_release(customer=early, hold_id=again.pk)
    taken = services.seats_hold(customer=late, launch_id=launch.pk, party=1, now=NOW)

    assert refused.value.facts == {"left": 0, "wanted": 1}
    assert (Hold.objects.get(pk=first.pk).status, taken.claims.count()) == ("released", 1)


@pytest.mark.parametrize("party", [0, -1])
def test_a_party_of_nobody_is_refused_also_by_a_launch_that_was_sold_out_just_now(party):
    launch = LaunchFactory(seats=1)
    for customer in (UserFactory(), UserFactory()):
        with suppress(errors.NotEnoughSeats):
            services.seats_hold(customer=customer, launch_id=launch.pk, party=1, now=NOW)

    with pytest.raises(errors.SeatsUnknown) as refused:
        services.seats_hold(customer=UserFactory(), launch_id=launch.pk, party=party, now=NOW)

    assert refused.value.fields == {"seats": "Choose at least one seat."}
