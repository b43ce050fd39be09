"""What a delay would do, before it is announced, and where its bookings could go."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bookings import selectors
from launches.errors import LaunchNotFound
from tests.bookings.moving import sister
from tests.factories import NOW, LaunchFactory, MemberFactory, UserFactory, make_booking

pytestmark = pytest.mark.django_db


def test_the_preview_counts_people_money_and_seats_elsewhere():
    member = MemberFactory()
    launch = LaunchFactory()
    member.supplier = launch.supplier
    member.save()
    make_booking(launch=launch, seats=2)
    one = make_booking(launch=launch)
    one.passengers.update(birth_date=datetime(1957, 4, 1, tzinfo=UTC).date())
    other = sister(launch)
    make_booking(launch=other)
    sister(launch, status="draft")
    sister(launch, price_currency="EUR")  # no booking moves to another currency
    LaunchFactory()

    def look(days):
        return selectors.delay_preview(
            actor=member.user, launch_id=launch.pk, departure_at=launch.departure_at + timedelta(days=days), now=NOW
        )

    long, short = look(30), look(29)
    assert (long.days, long.asks, short.asks) == (30, True, False)
    assert (long.bookings, long.passengers, long.pending) == (2, 3, 0)
    assert long.refundable == {"USD": Decimal(1350000)}
    assert [(entry.launch.pk, entry.seats_left) for entry in long.elsewhere] == [(other.pk, 5)]
    assert long.seats_elsewhere == 5
    assert long.too_old_or_young == 1
    assert (long.deadline_at, short.deadline_at) == (NOW + timedelta(days=14), None)
    launch.refresh_from_db()
    assert launch.status == "scheduled"


def test_the_preview_is_for_the_launchs_own_people():
    with pytest.raises(LaunchNotFound):
        selectors.delay_preview(
            actor=MemberFactory().user, launch_id=LaunchFactory().pk, departure_at=NOW + timedelta(days=999), now=NOW
        )


@pytest.mark.parametrize("count", [1, 3])
def test_the_preview_costs_the_same_with_one_booking_and_with_three(count, django_assert_num_queries):
    member, launch = MemberFactory(), LaunchFactory()
    member.supplier = launch.supplier
    member.save()
    for _ in range(count):
        make_booking(launch=launch)
        sister(launch)
    with django_assert_num_queries(5):
        selectors.delay_preview(
            actor=member.user, launch_id=launch.pk, departure_at=launch.departure_at + timedelta(days=40), now=NOW
        )


@pytest.mark.parametrize("count", [1, 3])
def test_options_cost_the_same_with_one_launch_and_with_three(count, django_assert_num_queries):
    launch, customer = LaunchFactory(), UserFactory()
    booking = make_booking(launch=launch, customer=customer)
    for _ in range(count):
        sister(launch)
    with django_assert_num_queries(4):
        ground = selectors.rebooking_ground(customer=customer, reference=booking.reference, now=NOW)
        assert len(selectors.rebooking_options(ground=ground, now=NOW)) == count
