"""
Should several processes ever do the same batch at once, its effects are there once, and in order.

The lease keeps them apart (common.outbox_lease); a machine that slept for longer than its lease is how it may happen.
"""

from itertools import pairwise

import pytest

from bookings import selectors
from bookings.models import Booking
from common import outbox_delivery
from common.models import OutboxEvent, OutboxFailure
from documents import repositories
from documents.repositories import AuditTrail, Offers, Trips
from notifications.models import Notification
from notifications.webhooks.models import WebhookDelivery
from tests.concurrency.processes import contend
from tests.documents.trails import chain, prove
from tests.factories import LaunchFactory, MemberFactory, make_booking
from tests.portals.webhooks import make_endpoint

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
PROCESSES = 4
BOOKINGS = 12


@pytest.fixture
def together(monkeypatch):
    """Bookings whose events nobody has delivered yet; have all processes deliver them to a consumer at once."""
    launches = [LaunchFactory(seats=BOOKINGS // 2) for _ in range(2)]
    for launch in launches:
        MemberFactory(supplier=launch.supplier)
    make_endpoint(event_types=["booking.confirmed"])
    for number in range(BOOKINGS):
        make_booking(launch=launches[number % 2])
    for repository in repositories.ALL:
        repository.ensure()
        repository.clear()
    monkeypatch.setattr(outbox_delivery, "_lease_take", lambda turn: True)
    count = OutboxEvent.objects.count()
    assert count > 3 * BOOKINGS

    def deliver(consumer: str) -> None:
        assert contend(count=PROCESSES, job=lambda _: outbox_delivery.deliver(consumer=consumer)) == [count] * PROCESSES
        assert not OutboxFailure.objects.exists()

    return deliver


def test_each_offer_and_trip_is_there_as_it_is_now(together):
    together("documents")

    trips = {pk: selectors.trip_record(booking_id=pk) for pk in Booking.objects.values_list("pk", flat=True)}
    offers = {one.launch_id: one for one in selectors.offers_after(after=0, limit=10)}
    assert (len(trips), Trips.count(), Trips.get_many(trips.keys())) == (BOOKINGS, BOOKINGS, trips)
    assert (len(offers), Offers.count(), Offers.get_many(offers.keys())) == (2, 2, offers)


def test_each_event_has_one_entry_in_an_unbroken_chain(together):
    together("audit")

    events = list(OutboxEvent.objects.order_by("xid", "pk").values_list("pk", flat=True))
    assert [entry.event_id for entry in chain()] == [0, *events]
    assert (prove().problem, AuditTrail.count()) == ("", len(events) + 1)


def test_each_receiver_is_told_once(together):
    together("notifications")

    told = Notification.objects.values_list("template", "facts__booking_id", "address")
    for template in ("booking_confirmed", "supplier_booking_confirmed"):
        assert told.filter(template=template).count() == told.filter(template=template).distinct().count() == BOOKINGS


def test_each_endpoint_is_told_once_and_in_order(together):
    together("webhooks")

    events = list(WebhookDelivery.objects.order_by("pk").values_list("message__event_id", flat=True))
    assert len(events) == BOOKINGS
    assert all(earlier < later for earlier, later in pairwise(events))
