"""Where from: events carry the visitor's network address, the audit trail its network, and nobody else gets it."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from common import context, outbox, outbox_consumers, outbox_delivery
from common.models import OutboxEvent, OutboxFailure
from documents import repositories
from documents.logs import MongoLogHandler
from documents.repositories import AuditTrail
from notifications import services as notification_services
from notifications.webhooks import services as webhook_services
from notifications.webhooks.models import WebhookMessage
from tests.common.happenings import Happened, publish
from tests.dumps import documents_dump, postgres_dump
from tests.factories import EmployeeFactory, LaunchFactory, MemberFactory, RocketFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "203.0.113.77"
PASSENGER = {"full_name": "Ada", "email": "a@example.org", "phone": "+34600000001", "birth_date": "1985-06-15"}
CARD = {"number": "4242 4242 4242 4242", "expiry": "12/39", "code": "123"}


@dataclass(frozen=True)
class Nameless:
    name: ClassVar[Any] = None


@pytest.fixture(autouse=True)
def _stores() -> None:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, MongoLogHandler):
            handler.flush()
    for repository in repositories.ALL:
        repository.ensure()
        repository.clear()


@pytest.fixture
def owner(settings):
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    owner = MemberFactory()
    webhook_services.endpoint_create(
        actor=owner.user,
        url="http://127.0.0.1:9/",
        event_types=["booking.confirmed"],
        description="",
        now=timezone.now() - timedelta(minutes=1),
    )
    return owner


def book(owner, **headers: str) -> OutboxEvent:
    """Book and pay in one call from a network; return what the booking was confirmed by."""
    launch = LaunchFactory(
        rocket=RocketFactory(supplier=owner.supplier), departure_at=timezone.now() + timedelta(days=500)
    )
    client = APIClient()
    client.force_login(UserFactory())
    answer = client.post(
        "/api/v1/customer/checkouts/",
        {"launch_id": launch.pk, "passengers": [PASSENGER], "payment": CARD},
        **headers,
    )
    assert answer.status_code == 201, answer.content
    return OutboxEvent.objects.get(name="bookings.booking.confirmed")


def entry_of(event: OutboxEvent):
    (found,) = [one for one in AuditTrail.of_object("booking", event.payload["booking_id"]) if one.name == event.name]
    return found


def test_a_sale_says_where_it_came_from_and_only_the_audit_trail_keeps_it(owner, deliver):
    confirmed = book(owner, REMOTE_ADDR=ADDRESS)

    deliver()
    notification_services.notifications_send_due(now=timezone.now(), limit=50)

    assert confirmed.address == ADDRESS
    assert set(OutboxEvent.objects.filter(origin="api").values_list("address", flat=True)) == {ADDRESS}
    assert entry_of(confirmed).address == "203.0.113.0/24"
    assert WebhookMessage.objects.filter(event_id=confirmed.pk).exists()
    assert len(mail.outbox) >= 2
    elsewhere = {
        "PostgreSQL": postgres_dump(without="common_outboxevent.address"),
        "MongoDB": documents_dump(without=AuditTrail),
        "mails": "".join(one.message().as_string() for one in mail.outbox),
    }
    assert [place for place, text in elsewhere.items() if "203.0.113" in text] == []
    assert ADDRESS in postgres_dump(), "the dump sees the events"
    assert "trips: " in elsewhere["MongoDB"]
    assert ADDRESS not in repr(AuditTrail._documents().find({}, sort=[("key", 1)]))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [(0, "6.6.6.6", ADDRESS), (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"), (1, "", ADDRESS)],
    ids=["nobody is trusted", "our proxy wrote it", "past the proxy"],
)
def test_what_callers_write_themselves_is_not_believed(owner, settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies

    assert book(owner, REMOTE_ADDR=ADDRESS, HTTP_X_FORWARDED_FOR=forwarded).address == address


def test_whatever_a_proxy_writes_no_sale_fails_and_no_entry_says_it(owner, settings, deliver):
    settings.TRUSTED_PROXIES = 1

    confirmed = book(owner, REMOTE_ADDR=ADDRESS, HTTP_X_FORWARDED_FOR="unknown" * 100)
    deliver()

    assert confirmed.address == ("unknown" * 100)[:45]
    assert entry_of(confirmed).address == ""


def test_commands_and_jobs_come_from_no_address():
    with context.scope(origin="command"):
        publish(1)

    assert OutboxEvent.objects.get().address == ""


def test_what_a_handler_publishes_came_from_the_same_place(monkeypatch):
    def go_on(event):
        if event.payload["number"] == 1:
            publish(2)

    monkeypatch.setattr(outbox_consumers, "_handlers", {"ear": [(Happened.name, go_on)]})
    with context.scope(origin="portal", address=ADDRESS):
        publish(1)

    outbox_delivery.deliver(consumer="ear")

    assert OutboxEvent.objects.latest("pk").payload == {"number": 2}
    assert OutboxEvent.objects.latest("pk").address == ADDRESS


def test_what_the_database_says_of_a_row_that_it_refuses_is_told_to_nobody(owner, monkeypatch, deliver):
    def write_what_is_refused(event):
        with transaction.atomic():
            outbox.publish(Nameless())

    EmployeeFactory(employee_role="it")
    monkeypatch.setitem(outbox_consumers._handlers, "ear", [(Happened.name, write_what_is_refused)])
    with context.scope(origin="portal", address=ADDRESS):
        publish(1)
    for _ in range(outbox_delivery.PARK_AFTER):
        OutboxFailure.objects.filter(parked_at=None).update(retry_at="2020-01-01T00:00:00Z")
        deliver()
    notification_services.notifications_send_due(now=timezone.now(), limit=50)

    assert ADDRESS in OutboxFailure.objects.get().error, "the database says it"
    assert "IntegrityError" in "".join(str(one.body) for one in mail.outbox)
    assert "IntegrityError" in documents_dump()
    assert "203.0.113.77" not in "".join(one.message().as_string() for one in mail.outbox)
    assert "203.0.113.77" not in documents_dump()
