"""The waiting list: who is served when, and what that does to everybody else."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from bookings import errors, policies, selectors, services
from bookings.enums import WaitingStatus
from bookings.models import SeatClaim, WaitingEntry
from common.models import OutboxEvent
from finance import services as finance_services
from launches.models import Launch
from notifications import services as notification_services
from notifications.models import Notification
from tests.factories import NOW, LaunchFactory, UserFactory, card, make_booking, make_hold, passenger_inputs

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
def full_launch(seats=2, **fields):
    """A launch without a free seat, and the bookings that have them (one a seat)."""
    launch = LaunchFactory(seats=seats, **fields)
    return launch, [make_booking(launch=launch) for _ in range(seats)]


def join(launch, party=1, *, customer=None, now=NOW):
    return services.waiting_join(customer=customer or UserFactory(), launch_id=launch.pk, party=party, now=now)


def give_back(booking, *, now=NOW):
    """Cancel a whole booking early enough for a refund, so that its seats are free."""
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=now)
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=now)


def offered_to(launch):
    rows = WaitingEntry.objects.filter(launch=launch, status="offered").order_by("pk")
    return [(entry.party, entry.hold.claims.filter(status="held").count()) for entry in rows]


def names():
    return list(
        OutboxEvent.objects.filter(name__startswith="bookings.waiting").order_by("pk").values_list("name", flat=True)
    )


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


# --- offers -----------------------------------------------------------------------------------------
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


# --- answers ----------------------------------------------------------------------------------------
@pytest.fixture
def offer():
    """An offer of two seats, and a party of one that waits behind it."""
    launch, bookings = full_launch(seats=2)
    entry = join(launch, 2)
    behind = join(launch, 1)
    for booking in bookings:
        give_back(booking)
    services.waiting_offers_make(launch_id=launch.pk, now=NOW)
    entry.refresh_from_db()
    return SimpleNamespace(launch=launch, entry=entry, behind=behind, customer=entry.customer, hold=entry.hold)


def statuses(offer):
    return list(WaitingEntry.objects.filter(launch=offer.launch).order_by("pk").values_list("status", flat=True))


def test_accepting_leads_to_an_ordinary_purchase_within_the_offers_time(offer):
    late = offer.hold.expires_at - timedelta(minutes=1)
    services.offer_accept(customer=offer.customer, entry_id=offer.entry.pk, now=late)
    services.offer_accept(customer=offer.customer, entry_id=offer.entry.pk, now=late)

    booking = services.booking_create(
        customer=offer.customer, hold_id=offer.hold.pk, passengers=passenger_inputs(2), now=late
    )
    finance_services.booking_pay(customer=offer.customer, reference=booking.reference, card=card(), now=late)

    offer.hold.refresh_from_db()
    booking.refresh_from_db()
    assert offer.hold.expires_at == NOW + timedelta(hours=24)
    assert (booking.status, booking.passengers.count()) == ("confirmed", 2)
    assert statuses(offer) == ["accepted", "waiting"]
    assert names().count("bookings.waiting.accepted") == 1


def test_buying_the_offered_seats_without_saying_so_is_accepting(offer):
    booking = services.booking_create(
        customer=offer.customer, hold_id=offer.hold.pk, passengers=passenger_inputs(2), now=NOW
    )
    assert selectors.waiting_get(customer=offer.customer, entry_id=offer.entry.pk, now=NOW).status == "accepted"

    finance_services.booking_pay(customer=offer.customer, reference=booking.reference, card=card(), now=NOW)
    services.waiting_offers_make(launch_id=offer.launch.pk, now=NOW + timedelta(hours=25))

    assert statuses(offer) == ["accepted", "waiting"]


def test_declined_seats_pass_on_and_go_to_no_stranger(offer):
    services.offer_decline(customer=offer.customer, entry_id=offer.entry.pk, now=NOW)
    services.offer_decline(customer=offer.customer, entry_id=offer.entry.pk, now=NOW)

    assert statuses(offer) == ["declined", "waiting"]
    with pytest.raises(errors.SeatsPromised):
        make_hold(launch=offer.launch, seats=2)
    services.waiting_offers_make(launch_id=offer.launch.pk, now=NOW)
    assert statuses(offer) == ["declined", "offered"]
    assert make_hold(launch=offer.launch, seats=1).status == "open"


def test_leaving_with_an_offer_declines_it(offer):
    services.waiting_leave(customer=offer.customer, entry_id=offer.entry.pk, now=NOW)

    assert statuses(offer) == ["declined", "waiting"]


def test_an_offer_lapses_at_its_instant_and_passes_on(offer):
    end = offer.hold.expires_at

    assert selectors.waiting_get(customer=offer.customer, entry_id=offer.entry.pk, now=end).status == "lapsed"
    for answer in (services.offer_accept, services.offer_decline):
        with pytest.raises(errors.OfferLapsed):
            answer(customer=offer.customer, entry_id=offer.entry.pk, now=end)
    services.waiting_lists_serve(now=end)

    assert statuses(offer) == ["lapsed", "offered"]
    offer.hold.refresh_from_db()
    assert offer.hold.status == "expired"


@pytest.mark.parametrize("first", ["expire", "serve"])
def test_it_does_not_matter_which_job_sees_the_end_first(offer, first):
    end = offer.hold.expires_at
    jobs = [services.holds_expire, services.waiting_lists_serve]
    for job in jobs if first == "expire" else reversed(jobs):
        job(now=end)
    services.waiting_lists_serve(now=end)

    assert statuses(offer) == ["lapsed", "offered"]


def test_giving_the_hold_back_is_declining(offer):
    services.hold_release(customer=offer.customer, hold_id=offer.hold.pk)

    services.waiting_offers_make(launch_id=offer.launch.pk, now=NOW)

    assert statuses(offer) == ["declined", "offered"]


def test_an_accepted_offer_that_is_not_paid_frees_its_seats_for_the_next(offer):
    services.offer_accept(customer=offer.customer, entry_id=offer.entry.pk, now=NOW)
    services.booking_create(customer=offer.customer, hold_id=offer.hold.pk, passengers=passenger_inputs(2), now=NOW)
    end = offer.hold.expires_at

    services.holds_expire(now=end)
    services.waiting_lists_serve(now=end)

    assert statuses(offer) == ["accepted", "offered"]


def test_an_answer_that_comes_again_or_too_late_changes_nothing(offer):
    services.offer_decline(customer=offer.customer, entry_id=offer.entry.pk, now=NOW)

    with pytest.raises(errors.NothingOffered):
        services.offer_accept(customer=offer.customer, entry_id=offer.entry.pk, now=NOW)
    with pytest.raises(errors.NothingOffered):
        services.offer_accept(customer=offer.behind.customer, entry_id=offer.behind.pk, now=NOW)
    with pytest.raises(errors.WaitingNotWaiting):
        services.waiting_leave(customer=offer.customer, entry_id=offer.entry.pk, now=NOW)

    assert statuses(offer) == ["declined", "waiting"]


# --- the end of selling -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "end",
    [{"status": "aborted", "reason": "x"}, {"status": "launched"}, {"departure_at": NOW}],
    ids=lambda end: str(end),
)
def test_when_the_launch_sells_no_seats_any_more_everybody_is_told(offer, end):
    Launch.objects.filter(pk=offer.launch.pk).update(**end)

    assert services.waiting_offers_make(launch_id=offer.launch.pk, now=NOW) == 0

    offer.hold.refresh_from_db()
    assert statuses(offer) == ["closed", "closed"]
    assert offer.hold.status == "released"
    closed = OutboxEvent.objects.filter(name="bookings.waiting.closed")
    assert {row.payload["customer_id"] for row in closed} == {offer.customer.pk, offer.behind.customer_id}


def test_one_list_that_fails_does_not_stop_the_others(monkeypatch):
    lists = [full_launch(seats=1) for _ in range(3)]
    for launch, (booking,) in lists:
        join(launch)
        give_back(booking)
    broken = lists[0][0].pk
    serve = services.waiting.waiting_offers_make

    def fail_on_one(*, launch_id, now):
        if launch_id == broken:
            raise RuntimeError("broken")
        return serve(launch_id=launch_id, now=now)

    monkeypatch.setattr(services.waiting, "waiting_offers_make", fail_on_one)
    monkeypatch.setattr(services.waiting, "BATCH", 1)

    assert services.waiting_lists_serve(now=NOW) == 2
    assert [offered_to(launch) for launch, _ in lists] == [[], [(1, 1)], [(1, 1)]]


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
        services.waiting._status_write(entry, wanted, NOW)
    else:
        with pytest.raises(errors.WaitingNotWaiting):
            services.waiting._status_write(entry, wanted, NOW)

    entry.refresh_from_db()
    assert entry.status == (wanted if (current, wanted) in ALLOWED else current)


# --- every way a seat gets free, through the events -------------------------------------------------
@pytest.mark.django_db(transaction=True)
class TestDelivered:
    def test_a_cancelled_booking_feeds_the_list(self, deliver):
        launch, (booking, _) = full_launch(departure_at=timezone.now() + timedelta(days=500))
        join(launch, now=timezone.now())
        give_back(booking, now=timezone.now())

        deliver()

        assert offered_to(launch) == [(1, 1)]

    def test_a_hold_given_back_feeds_the_list(self, deliver):
        now = timezone.now()
        launch = LaunchFactory(seats=1, departure_at=now + timedelta(days=500))
        hold = make_hold(launch=launch, now=now)
        join(launch, now=now)

        services.hold_release(customer=hold.customer, hold_id=hold.pk)
        deliver()

        assert offered_to(launch) == [(1, 1)]

    def test_a_declined_offer_passes_on_at_once(self, deliver):
        now = timezone.now()
        launch, (booking,) = full_launch(seats=1, departure_at=now + timedelta(days=500))
        first, second = join(launch, now=now), join(launch, now=now)
        give_back(booking, now=now)
        deliver()

        services.offer_decline(customer=first.customer, entry_id=first.pk, now=now)
        deliver()

        second.refresh_from_db()
        assert second.status == "offered"

    def test_the_offer_reaches_its_customer_with_seats_end_and_link(self, deliver):
        now = timezone.now()
        launch, (booking,) = full_launch(seats=1, departure_at=now + timedelta(days=500))
        entry = join(launch, now=now)
        give_back(booking, now=now)

        deliver()

        row = Notification.objects.get(template="waiting_offered")
        assert (row.receiver, row.link) == (entry.customer, f"/waiting/{entry.pk}/")
        notification_services.notifications_send_due(now=timezone.now(), limit=50)
        (found,) = [one for one in mail.outbox if one.to == [entry.customer.email]]
        for part in ("held for you: A1, $450,000 in all", f"/waiting/{entry.pk}/", "your place in the list ends"):
            assert part in found.body
            assert part in found.alternatives[0][0] or part.startswith("/")
