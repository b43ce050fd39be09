"""The waiting list: joining it, and what that does to everybody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings import errors, policies, selectors, services
from bookings.enums import WaitingStatus
from bookings.models import WaitingEntry
from bookings.services.waiting import entries
from tests.bookings.waiting import full_launch, give_back, join, names, offered_to
from tests.factories import NOW, LaunchFactory, UserFactory, make_booking, make_hold

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("parties", "free", "promised"),
    [
        pytest.param([], 5, 0, id="nobody waits"),
        pytest.param([2], 0, 0, id="nothing is free"),
        pytest.param([2], 1, 0, id="a party too large reserves nothing"),
        pytest.param([2], 5, 2, id="the rest is for all"),
        pytest.param([4, 1], 3, 1, id="one behind who fits is served"),
        pytest.param([2, 2, 1], 3, 3, id="what does not fit is passed over"),
        pytest.param([1, 1, 1], 2, 2, id="never more than is free"),
    ],
)
def test_seats_promised(parties, free, promised):
    assert policies.seats_promised(parties, free) == promised


@given(parties=st.lists(st.integers(1, 6), max_size=30), free=st.integers(0, 60))
def test_seats_promised_leaves_nothing_that_the_first_in_line_could_have(parties, free):
    promised = policies.seats_promised(parties, free)

    assert 0 <= promised <= min(free, sum(parties))
    if parties and parties[0] <= free:
        assert promised >= parties[0]
    # Whoever joins at the end takes nothing from those before.
    assert policies.seats_promised([*parties, 1], free) >= promised


# --- joining, position, leaving ---------------------------------------------------------------------
def test_who_joins_stands_behind_those_before():
    launch, _ = full_launch()
    first, second = join(launch, 2), join(launch, 1)

    views = [selectors.waiting_get(customer=one.customer, entry_id=one.pk, now=NOW) for one in (first, second)]

    assert [view.position for view in views] == [0, 1]
    assert names() == ["bookings.waiting.joined"] * 2


def test_joining_is_refused_where_there_is_nothing_to_wait_for():
    launch, _ = full_launch()
    customer = UserFactory()
    entry = join(launch, customer=customer)
    free = LaunchFactory(seats=3)
    draft, gone = LaunchFactory(status="aborted", reason="x"), LaunchFactory(departure_at=NOW)

    with pytest.raises(errors.WaitingAlready):
        join(launch, 2, customer=customer)
    with pytest.raises(errors.WaitingNotNeeded):
        join(free, 3)
    for closed in (draft, gone):
        with pytest.raises(errors.LaunchNotOpen):
            join(closed)

    assert WaitingEntry.objects.get() == entry


@pytest.mark.parametrize(("party", "most"), [(0, 4), (5, 4), (-1, 4)])
def test_a_party_is_what_one_customer_may_have(party, most):
    launch, _ = full_launch(seats=5)

    with pytest.raises(errors.PartyTooLarge) as refused:
        join(launch, party)

    assert refused.value.facts == {"most": most}
    assert not WaitingEntry.objects.exists()


def test_a_party_is_no_larger_than_the_launch_and_than_what_is_left_of_the_limit():
    small, _ = full_launch(seats=2)
    large, customer = LaunchFactory(seats=8), UserFactory()
    make_booking(launch=large, customer=customer, seats=3)
    for _ in range(5):
        make_booking(launch=large)

    with pytest.raises(errors.PartyTooLarge) as too_small:
        join(small, 3)
    with pytest.raises(errors.PartyTooLarge) as too_many:
        join(large, 2, customer=customer)
    assert join(large, 1, customer=customer).party == 1

    assert [one.value.facts["most"] for one in (too_small, too_many)] == [2, 1]


def test_who_has_all_seats_allowed_has_nothing_to_wait_for():
    launch, customer = LaunchFactory(seats=4), UserFactory()
    make_booking(launch=launch, customer=customer, seats=4)

    with pytest.raises(errors.SeatLimitReached):
        join(launch, customer=customer)


def test_a_party_too_large_for_what_is_free_may_wait_and_the_rest_is_for_all():
    launch = LaunchFactory(seats=3)
    make_booking(launch=launch)

    join(launch, 3)

    assert make_hold(launch=launch, seats=2).status == "open"


def test_leaving_ends_it_and_moves_the_others_up():
    launch, _ = full_launch()
    first, second = join(launch), join(launch)

    services.waiting_leave(customer=first.customer, entry_id=first.pk, now=NOW)
    services.waiting_leave(customer=first.customer, entry_id=first.pk, now=NOW)

    first.refresh_from_db()
    assert (first.status, first.ended_at) == ("left", NOW)
    assert selectors.waiting_get(customer=second.customer, entry_id=second.pk, now=NOW).position == 0
    assert names() == ["bookings.waiting.joined"] * 2 + ["bookings.waiting.left"]
    assert join(launch, customer=first.customer).pk > second.pk


def test_nobody_touches_the_entry_of_another():
    launch, (booking, _) = full_launch()
    entry, other = join(launch), UserFactory()
    give_back(booking)
    services.waiting_offers_make(launch_id=launch.pk, now=NOW)

    for change in (services.waiting_leave, services.offer_accept, services.offer_decline):
        with pytest.raises(errors.WaitingNotFound):
            change(customer=other, entry_id=entry.pk, now=NOW)
    with pytest.raises(errors.WaitingNotFound):
        selectors.waiting_get(customer=other, entry_id=entry.pk, now=NOW)

    assert selectors.waiting_list_for_customer(customer=other, now=NOW) == []
    assert offered_to(launch) == [(1, 1)]


# --- the table --------------------------------------------------------------------------------------
ALLOWED = {
    ("waiting", "offered"),
    ("waiting", "left"),
    ("waiting", "closed"),
    ("offered", "accepted"),
    ("offered", "declined"),
    ("offered", "lapsed"),
    ("offered", "closed"),
}


@pytest.mark.parametrize("wanted", WaitingStatus.values)
@pytest.mark.parametrize("current", WaitingStatus.values)
def test_every_move(current, wanted):
    entry = WaitingEntry.objects.create(
        launch=LaunchFactory(), customer=UserFactory(), party=1, status=current, joined_at=NOW
    )

    if (current, wanted) in ALLOWED:
        entries.status_write(entry, wanted, NOW)
    else:
        with pytest.raises(errors.WaitingNotWaiting):
            entries.status_write(entry, wanted, NOW)

    entry.refresh_from_db()
    assert entry.status == (wanted if (current, wanted) in ALLOWED else current)
