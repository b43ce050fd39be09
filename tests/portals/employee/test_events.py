"""Failed events: what IT sees of them, and dropping one."""

import pytest
from django.urls import reverse

from common.models import OutboxEvent, OutboxFailure
from tests.portals.desks import text


@pytest.fixture
def parked(now):
    event = OutboxEvent.objects.create(
        name="bookings.booking.confirmed", payload={"booking_id": 1}, origin="portal", actor_email="vera@example.org"
    )
    return OutboxFailure.objects.create(
        consumer="audit", event=event, attempts=8, error="ValueError: no", parked_at=now
    )


def test_dropping_a_parked_event_asks_why_and_is_audited(employee, parked):
    client, address = employee("it"), reverse("employee:event-drop", args=[parked.pk])
    listed = text(client.get(reverse("employee:event-list")))
    asked = text(client.get(address))
    empty = client.post(address, {"reason": " "})
    still_there = OutboxFailure.objects.count()
    done = text(client.post(address, {"reason": "The booking was a test"}, follow=True))

    assert address in listed
    assert "bookings.booking.confirmed" in asked
    assert "ValueError: no" in asked
    assert "vera@example.org" in asked
    assert (empty.status_code, still_there) == (422, 1)
    assert "Say why, in up to 300 characters." in text(empty)
    assert f"Event {parked.event_id} is dropped for audit." in done
    assert "Every event was handled." in done
    told = OutboxEvent.objects.get(name="common.event.dropped")
    assert (told.payload["reason"], told.actor_email, told.origin) == (
        "The booking was a test", client.user.email, "portal",
    )  # fmt: skip
    assert client.get(address).status_code == 404


def test_an_event_that_is_still_retried_offers_no_dropping(employee, parked):
    OutboxFailure.objects.update(parked_at=None, retry_at=parked.parked_at)
    client, address = employee("it"), reverse("employee:event-drop", args=[parked.pk])

    assert address not in text(client.get(reverse("employee:event-list")))
    assert "It is still tried again by itself." in text(client.get(address))
    refused = text(
        client.post(address, {"reason": "Because"}, follow=True, headers={"Referer": f"http://testserver{address}"})
    )
    assert "It can be dropped once it is parked." in refused
    assert OutboxFailure.objects.count() == 1
