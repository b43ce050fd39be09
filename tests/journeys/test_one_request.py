"""One request id ties together what a request set off, through web, worker, audit trail, mails and log."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from common.models import OutboxEvent
from documents.logs import MongoLogHandler
from documents.repositories import AuditTrail
from documents.selectors import log_search
from notifications.models import Notification
from notifications.tasks import send_due
from tests.journeys.test_story_api import CARD, PASSENGERS
from tests.journeys.world import mails_about, make_world, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
REQUEST = "a-request-of-hers-0001"


@pytest.fixture
def log():
    """The log's way into its store, begun anew: that of the process may still rest from an outage of another test."""
    handler = MongoLogHandler()
    logging.getLogger("common.web.access").addHandler(handler)
    yield handler
    logging.getLogger("common.web.access").removeHandler(handler)
    handler.close()


def test_what_a_request_set_off_is_found_by_its_id(deliver, settings, log):
    world = make_world()
    body = {"launch_id": world.launch.pk, "passengers": PASSENGERS[:1], "payment": CARD}

    customer, headers = signed_in(world.customer), {"X-Request-ID": REQUEST}
    answer = customer.post("/api/v1/customer/checkouts/", body, format="json", headers=headers)
    assert customer.get("/api/v1/customer/launches/999999/", headers=headers).status_code == 404
    deliver()
    send_due()
    log.flush()

    assert (answer.status_code, answer["X-Request-ID"]) == (201, REQUEST)
    events = OutboxEvent.objects.filter(request_id=REQUEST)
    assert {"bookings.booking.confirmed", "finance.payment.succeeded", "finance.invoice.issued"} <= set(
        events.values_list("name", flat=True)
    )
    entries = AuditTrail.latest(limit=200, until=timezone.now() + timedelta(minutes=1))
    assert {entry.event_id for entry in entries if entry.request_id == REQUEST} == {event.pk for event in events}
    told = Notification.objects.get(template="booking_confirmed")
    assert (told.request_id, told.status) == (REQUEST, "sent")
    (confirmation,) = [one for one in mails_about(settings.MAIL_DIR, "") if one["Message-ID"] == told.message_id]
    assert confirmation["X-Request-ID"] == REQUEST
    today = timezone.now().date()
    lines = log_search(day_from=today, day_to=today, request_id=REQUEST)
    assert {line.message.partition(" in ")[0]: line.actor_id for line in lines} == {
        "POST /api/v1/customer/checkouts/ 201": world.customer.pk,
        "GET /api/v1/customer/launches/999999/ 404 Not Found": world.customer.pk,
    }
