"""From a supplier's click to its own system: the whole way, through the outbox, the consumer and the sender."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking
from launches import services as launch_services
from notifications.webhooks import services, signing, tasks
from notifications.webhooks.models import WebhookDelivery
from tests.factories import LaunchFactory, RocketFactory, make_booking

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_booking_and_a_delay_reach_the_suppliers_system_in_order_and_signed(receiver, owner, deliver):
    now = timezone.now()
    launch = LaunchFactory(
        rocket=RocketFactory(supplier=owner.supplier), departure_at=now + timedelta(days=500), mission_name="NS-99"
    )
    elsewhere = LaunchFactory(departure_at=now + timedelta(days=500))
    made = services.endpoint_create(
        actor=owner.user,
        url=receiver.url,
        event_types=["booking.confirmed", "launch.delayed"],
        description="",
        now=now - timedelta(minutes=1),
    )

    make_booking(launch=launch, now=now)
    make_booking(launch=elsewhere, now=now)
    launch_services.launch_delay(
        actor=owner.user,
        launch_id=launch.pk,
        departure_at=launch.departure_at + timedelta(days=10),
        departure_precision="day",
        reason="Weather",
        now=now,
    )
    deliver()
    delivered = tasks.send_due()

    assert delivered == 2
    told = [json.loads(call.body) for call in receiver.calls]
    assert [one["type"] for one in told] == ["booking.confirmed", "launch.delayed"]
    assert told[0]["data"]["booking"]["reference"] == Booking.objects.get(launch=launch).reference
    assert (told[1]["data"]["launch"]["mission_name"], told[1]["data"]["slip_days"]) == ("NS-99", 10)
    for call in receiver.calls:
        assert call.headers["webhook-signature"] == signing.signature(
            secret=made.secret,
            message_id=call.id,
            timestamp=int(call.headers["webhook-timestamp"]),
            body=call.body,
        )
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"delivered"}
