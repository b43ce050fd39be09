"""
A worker that is killed at every step of delivering events: every effect is there afterwards, and none twice.

The events are those of a booking that is paid and then cancelled by its supplier: documents, audit entries, invoice and
credit note, the refund at the gateway, ledger, messages. In short runs every 7th step; with FAULTS_SECONDS every step.
"""

import json
import os
from collections import Counter
from io import StringIO
from itertools import count

import pytest
from django.core.management import call_command
from django.utils import timezone

from bench.seed import Fleet
from bookings import services as booking_services
from common import outbox, outbox_delivery
from common.models import OutboxEvent, OutboxPosition
from documents.mongo import Documents
from documents.repositories import ALL, AuditTrail, Trips
from finance.gateways.sandbox import SandboxGateway
from finance.models import Invoice, LedgerMovement, Refund, SandboxRefund
from notifications.models import Notification
from tests import steps
from tests.factories import make_booking
from tests.kills.soundness import assert_sound, jobs_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

STRIDE = 1 if os.environ.get("FAULTS_SECONDS") else 7
CALLS = [
    *(
        (Documents, name)
        for name in ("insert", "insert_missing", "insert_in_order", "replace", "replace_many", "update")
    ),
    *((SandboxGateway, name) for name in ("refund", "refund_status")),
]


@pytest.fixture(autouse=True)
def _empty_stores(settings):
    settings.HOLDS_PER_ADDRESS = 1000
    for repository in ALL:
        repository.clear()


def life_of_a_booking(launch):
    """Book, pay, and cancel; nothing is delivered yet."""
    with outbox.deferred():
        booking = make_booking(launch=launch, now=timezone.now())
        booking_services.booking_cancel_for_supplier(
            booking_id=booking.pk, reason="No engine.", frees_seats=True, now=timezone.now()
        )
    return booking


def effects_on(booking):
    """Count all that became of the booking outside its own rows."""
    trip = Trips.get(booking.pk)
    events = OutboxEvent.objects.filter(payload__booking_id=booking.pk)
    return {
        "messages": Counter(
            Notification.objects.filter(facts__booking_id=booking.pk).values_list("template", flat=True)
        ),
        "invoices": Counter(Invoice.objects.filter(booking=booking).values_list("kind", flat=True)),
        "ledger": Counter(LedgerMovement.objects.filter(booking=booking).values_list("kind", flat=True)),
        "refunds": list(Refund.objects.filter(booking=booking).values_list("status", "amount")),
        "at the gateway": SandboxRefund.objects.filter(charge__key=str(booking.payments.get().pk)).count(),
        "trip": trip and trip.status,
        "events": Counter(events.values_list("name", flat=True)),
        "audit": Counter(entry.name for entry in AuditTrail.of_object("booking", booking.pk)),
    }


def deliver_all():
    while outbox_delivery.deliver_all():
        pass


def test_every_effect_is_there_once_wherever_the_worker_was_killed(record_property):
    launch = Fleet().launch(600)
    unharmed = life_of_a_booking(launch)
    jobs_run(consumers=())
    expected, killed = effects_on(unharmed), 0

    for number in count(1, STRIDE):
        booking = life_of_a_booking(launch)
        if not steps.killed_at(number, deliver_all, calls=CALLS):
            break
        killed += 1
        OutboxPosition.objects.update(leased_until=None)  # the dead worker's lease is over
        jobs_run(consumers=())
        assert effects_on(booking) == expected, f"killed at step {number}"

    assert killed > 5
    assert expected["refunds"] == [("succeeded", unharmed.price_amount)]
    assert expected["messages"]["booking_cancelled"] == expected["invoices"]["credit_note"] == 1
    assert_sound()
    said = StringIO()
    call_command("verify_audit", "--json", stdout=said)
    call_command("reconcile", "--dataset", "trips", "--dataset", "offers", "--dry-run", stdout=StringIO())
    entries = json.loads(said.getvalue())["entries"]
    record_property(
        "table",
        f"killed at {killed} of about {number} steps: effects lost 0, twice 0; {entries} audit entries, drift 0",
    )
