"""Events become documents in batches: each document once, however many touch it; a bad event alone is left."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import handlers, selectors
from bookings import services as booking_services
from common import outbox, outbox_consumers, outbox_delivery
from common.models import OutboxEvent, OutboxFailure
from documents.repositories import ALL, Offers, Trips
from tests.factories import LaunchFactory, make_booking

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty_stores():
    for repository in ALL:
        repository.clear()


@pytest.fixture
def bookings():
    launch = LaunchFactory(departure_at=timezone.now() + timedelta(days=500))
    with outbox.deferred():
        return [make_booking(launch=launch, now=timezone.now()) for _ in range(3)]


def delivered() -> list[outbox_consumers.Delivered]:
    return [outbox_consumers.delivered(row) for row in OutboxEvent.objects.order_by("pk")]


def test_each_document_is_written_once_a_batch(bookings, monkeypatch):
    writes = []
    for repository in (Offers, Trips):
        put = repository.put_newer.__func__
        monkeypatch.setattr(
            repository,
            "put_newer",
            classmethod(lambda cls, records, put=put: (writes.extend(map(cls._key, records)), put(cls, records))[1]),
        )

    handlers.documents_write(delivered())

    launch_id = bookings[0].launch_id
    assert len(delivered()) > 4
    assert sorted(writes) == sorted([launch_id, *(booking.pk for booking in bookings)])
    assert Offers.get(launch_id).seats_left == selectors.offer_record(launch_id=launch_id).seats_left
    assert {key: trip.status for key, trip in Trips.get_many([one.pk for one in bookings]).items()} == {
        booking.pk: "confirmed" for booking in bookings
    }


def test_an_event_about_nothing_is_left_alone_and_the_others_are_written(bookings):
    OutboxEvent.objects.create(name="bookings.hold.opened", payload={"no": "launch"}, origin="api")

    while outbox_delivery.deliver(consumer="documents"):
        pass

    failure = OutboxFailure.objects.get(consumer="documents")
    assert failure.event.payload == {"no": "launch"}
    assert len(Trips.get_many([booking.pk for booking in bookings])) == 3


def test_what_was_set_aside_and_comes_late_brings_no_old_state_back(bookings, monkeypatch):
    """The handler writes what is true now, whatever event it hears of."""
    first = delivered()
    booking = bookings[0]
    booking_services.launch_call_off(launch_id=booking.launch_id, reason="test", now=timezone.now())
    handlers.documents_write(delivered())
    after = (Offers.get(booking.launch_id), Trips.get(booking.pk))

    handlers.documents_write(first)

    assert (Offers.get(booking.launch_id), Trips.get(booking.pk)) == after
    assert after[1].status == "cancelled"


def test_a_move_touches_the_launch_it_leaves_too(bookings):
    left = LaunchFactory(departure_at=timezone.now() + timedelta(days=600))
    moved = {"booking_id": bookings[0].pk, "launch_id": bookings[0].launch_id, "from_launch_id": left.pk}
    row = OutboxEvent.objects.create(name="bookings.booking.moved", payload=moved, origin="api")

    handlers.documents_write([outbox_consumers.delivered(row)])

    assert {Offers.get(left.pk).launch_id, Offers.get(bookings[0].launch_id).launch_id} == {
        left.pk,
        bookings[0].launch_id,
    }
    assert Trips.get(bookings[0].pk) is not None
