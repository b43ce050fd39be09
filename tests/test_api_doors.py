"""Every operation of the API x every role."""

import uuid
from datetime import timedelta

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from bookings import services as booking_services
from bookings.models import SlipDecision, WaitingEntry
from common.models import OutboxEvent, OutboxFailure
from documents.models import ReconciliationRun
from finance.models import MoneyReconciliationRun
from finance.services import invoice_issue
from launches.models import SupplierMember
from tests.api import client_of
from tests.doors import READS, ROLES, WRITES
from tests.factories import (
    EmployeeFactory,
    LaunchFactory,
    MemberFactory,
    RocketFactory,
    UserFactory,
    make_booking,
    make_hold,
)
from tests.finance.settling import settled
from tests.notifications.builders import make_row
from tests.portals.webhooks import make_delivery, make_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    member = MemberFactory()
    launch = LaunchFactory(
        rocket=RocketFactory(supplier=member.supplier), departure_at=timezone.now() + timedelta(days=500)
    )
    booking = make_booking(launch=launch, now=timezone.now())
    people = {
        "anonymous": None,
        "customer": booking.customer,
        "other_customer": UserFactory(),
        "supplier": member.user,
        "other_supplier": MemberFactory().user,
        **{role: EmployeeFactory(employee_role=role) for role in ("support", "finance", "it", "admin")},
    }
    run = ReconciliationRun.objects.create(datasets=[], origin="command", status="done", ended_at=timezone.now())
    target = LaunchFactory(
        rocket=launch.rocket, destination=launch.destination, departure_at=timezone.now() + timedelta(days=600)
    )
    move = booking_services.rebooking_open(
        customer=booking.customer, reference=booking.reference, launch_id=target.pk, now=timezone.now()
    )
    slip = SlipDecision.objects.create(
        booking=booking,
        launch=launch,
        event_id=1,
        old_departure_at=launch.departure_at,
        new_departure_at=launch.departure_at,
        deadline_at=timezone.now() + timedelta(days=14),
        created_at=timezone.now(),
    )
    statement = settled(launch)
    endpoint = make_endpoint(member.supplier)
    names = {
        "message": make_row(1, receiver=booking.customer).pk,
        "desk_message": make_row(2, receiver=member.user).pk,
        "it_message": make_row(3, receiver=people["it"]).pk,
        "webhook": endpoint.pk,
        "delivery": make_delivery(endpoint, status="failed", done_at=timezone.now()).pk,
        "rebooking": move.pk,
        "slip": slip.pk,
        "launch": launch.pk,
        "hold": make_hold(launch=launch, customer=booking.customer, now=timezone.now()).pk,
        "reference": booking.reference,
        "invoice": invoice_issue(booking_id=booking.pk, event_id=1, today=timezone.now().date()).pk,
        "bill": statement.invoice_id,
        "statement": statement.pk,
        "passenger": booking.passengers.get().pk,
        "run": run.pk,
        "failure": OutboxFailure.objects.create(
            consumer="audit", event=OutboxEvent.objects.latest("pk"), error="no", parked_at=timezone.now()
        ).pk,
        "money_run": MoneyReconciliationRun.objects.create(started_at=timezone.now(), origin="job").pk,
        "refund": uuid.uuid4(),
        "gateway": "sandbox",
        "job": "expire-holds",
        "entry": WaitingEntry.objects.create(
            launch=launch, customer=booking.customer, party=4, joined_at=timezone.now()
        ).pk,
    }
    return people, names


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_what(world, role):
    people, names = world
    client = client_of(people[role])

    found = {path: client.get(f"/api/v1/{path.format(**names)}").status_code for path in READS}

    assert found == {path: expected[role] for path, expected in READS.items()}


@pytest.mark.parametrize("role", ROLES)
def test_who_may_write_what(world, role):
    people, names = world
    client = client_of(people[role])

    found = {path: client.post(f"/api/v1/{path.format(**names)}", {}, format="json").status_code for path in WRITES}

    assert found == {path: expected[role] for path, expected in WRITES.items()}


def routes(patterns=None, prefix=""):
    """Give every address of the API below api/v1/ with its view's class."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern) and (prefix + str(pattern.pattern)).startswith("api/v1/"):
            yield prefix.removeprefix("api/v1/") + str(pattern.pattern), pattern.callback.cls


def test_the_tables_name_every_operation():
    known = (
        set(READS)
        | set(WRITES)
        | {
            "supplier/launches/{launch}/confirmation/",
            # PUT and DELETE; tests/accounts/test_profile.py
            "customer/profile/passengers/{passenger}/",
            # PATCH; tests/bookings/test_changes_api.py
            "customer/bookings/{reference}/passengers/{passenger}/",
            "employee/bookings/{reference}/passengers/{passenger}/",
        }
    )
    shapes = {shape(path) for path in known}
    missing = [route for route, _ in routes() if shape(route) not in shapes and "auth/" not in route]

    assert missing == []


# Why a POST below these addresses takes no Idempotency-Key; whatever else is posted may make seats or money.
UNKEYED = {
    "auth/": "signs people in and out",
    "payments/callbacks/": "messages have ids of their own, and the gateway repeats them",
    "cancellation-quotes/": "only reckons; the cancellation that uses it is keyed",
    "delay/preview/": "only reckons; the delay that follows is keyed",
    "profile/passengers/": "keeps a person's particulars",
    "inbox/": "marks messages as read",
    "webhooks/": "tells others what happened",
    "events/failures/": "what is delivered again happens once",
    "employee/reconciliations/": "copies come out the same however often they are compared",
    "employee/messages/": "a message is sent once, and its moves are refused where its state does not allow them",
    "employee/audit/": "only reads",
    "employee/jobs/": "what a job has done it does not do again",
}


def test_every_post_that_may_make_seats_or_money_takes_a_key():
    posts = [(route, view) for route, view in routes() if hasattr(view, "post")]
    unkeyed = [route for route, view in posts if not getattr(view, "accepts_idempotency_key", False)]

    assert [route for route in unkeyed if not any(part in route for part in UNKEYED)] == []
    assert [part for part in UNKEYED if not any(part in route for route in unkeyed)] == []


def shape(path: str) -> str:
    import re

    return re.sub(r"<[^>]*>|\{[^}]*\}", "*", path)


def test_a_member_without_a_supplier_sees_nothing():
    loner = UserFactory(kind="supplier")
    assert not SupplierMember.objects.filter(user=loner).exists()

    assert client_of(loner).get("/api/v1/supplier/launches/").status_code == 403
