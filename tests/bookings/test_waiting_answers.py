"""What becomes of an offer: accepted, declined, lapsed, closed."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from bookings import errors, selectors, services
from bookings.models import WaitingEntry
from common.models import OutboxEvent
from finance import services as finance_services
from launches.models import Launch
from tests.bookings.waiting import full_launch, give_back, join, names
from tests.factories import NOW, card, make_hold, passenger_inputs

pytestmark = pytest.mark.django_db


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


def test_an_offer_that_lapsed_by_the_clock_cannot_be_left_but_the_list_be_joined_again(offer):
    late = offer.hold.expires_at

    with pytest.raises(errors.OfferLapsed):
        services.waiting_leave(customer=offer.customer, entry_id=offer.entry.pk, now=late)
    again = join(offer.launch, 2, customer=offer.customer, now=late)  # the other one has a right to a seat

    assert statuses(offer) == ["lapsed", "waiting", "waiting"]
    assert again.pk > offer.behind.pk
    assert names().count("bookings.waiting.lapsed") == 1
    with pytest.raises(errors.WaitingAlready):
        join(offer.launch, 2, customer=offer.customer, now=late)
