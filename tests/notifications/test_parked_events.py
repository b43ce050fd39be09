"""IT hears by mail that a consumer gave up on an event."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from common import outbox_delivery, outbox_failures
from common.models import OutboxEvent, OutboxFailure
from notifications import services
from notifications.models import Notification
from tests.factories import EmployeeFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _it():
    EmployeeFactory(employee_role="it", email="it@example.org")
    OutboxEvent.objects.all().delete()


def give_up(deliver) -> None:
    for _ in range(outbox_delivery.PARK_AFTER):
        OutboxFailure.objects.filter(parked_at=None).update(retry_at="2020-01-01T00:00:00Z")
        deliver()


def bad_event() -> OutboxEvent:
    """One that the documents cannot handle: it names no booking."""
    return OutboxEvent.objects.create(name="bookings.booking.created", payload={"launch_id": 1}, origin="job")


def sent() -> list[mail.EmailMessage]:
    services.notifications_send_due(now=timezone.now() + timedelta(minutes=1), limit=50)
    return mail.outbox


def test_it_gets_one_mail_that_leads_to_the_page(deliver, settings):
    first, _ = bad_event(), bad_event()

    give_up(deliver)

    parked = OutboxFailure.objects.filter(consumer="documents").exclude(parked_at=None)
    assert parked.count() == 2
    (found,) = sent()
    assert found.to == ["it@example.org"]
    assert found.subject == "“documents” gave up on an event"
    assert f"could not handle event {first.pk} (bookings.booking.created)" in found.body
    assert "KeyError: 'booking_id'" in found.body
    assert "Others of this consumer are parked as well: 1." in found.body
    assert f"{settings.SITE_URL}/employee/events/" in found.body


def test_no_mail_says_what_is_no_longer_so(deliver):
    bad_event()
    give_up(deliver)

    outbox_failures.failure_drop(failure_id=OutboxFailure.objects.get().pk, reason="made by hand")

    assert sent() == []
    assert Notification.objects.get(template="staff_event_parked").status == "cancelled"


def test_an_event_that_the_notifications_cannot_handle_is_told_and_told_once(deliver):
    OutboxEvent.objects.create(name="accounts.user.created", payload={}, origin="job")  # whose?

    for _ in range(3):
        give_up(deliver)

    assert {row.event.name for row in OutboxFailure.objects.filter(consumer="notifications")} == {
        "accounts.user.created"
    }
    assert [found.subject for found in sent() if "notifications" in found.subject] == [
        "“notifications” gave up on an event"
    ]
