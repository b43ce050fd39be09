"""Every event names the door it came through, who acted and the request, whichever door that is."""

from datetime import timedelta

import pytest
from django.core.management import get_commands, load_command_class
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_q.tasks import async_task
from rest_framework.test import APIClient

from common.management.base import DomainCommand
from common.models import OutboxEvent
from launches import services as launch_services
from tests.common.happenings import publish
from tests.factories import PASSWORD, EmployeeFactory, LaunchFactory, MemberFactory, RocketFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
OUR_PACKAGES = ("astrobookings", "common", "documents", "accounts", "launches", "bookings", "finance", "notifications")


@pytest.fixture
def launch():
    launch = LaunchFactory(
        rocket=RocketFactory(supplier=MemberFactory().supplier), departure_at=timezone.now() + timedelta(days=500)
    )
    OutboxEvent.objects.all().delete()
    return launch


def latest() -> tuple[str, str, int | None, str, str]:
    event = OutboxEvent.objects.latest("pk")
    return event.name, event.origin, event.actor_id, event.actor_email, event.request_id


def test_the_portal(client, launch):
    person = EmployeeFactory(employee_role="support")
    client.force_login(person)

    answer = client.post(
        reverse("employee:supplier-suspend", args=[launch.supplier_id]),
        {"reason": "Debts"},
        headers={"X-Request-ID": "portal-request-1"},
    )

    assert answer.status_code == 303
    assert latest() == ("launches.supplier.suspended", "portal", person.pk, person.email, "portal-request-1")


def test_the_admin_is_part_of_the_portal(client, launch):
    person = EmployeeFactory(password=PASSWORD)
    launch_services.launch_confirm(actor=None, launch_id=launch.pk, now=launch.created_at)
    client.force_login(person)
    port = launch.spaceport
    fields = ("code", "name", "country", "latitude", "longitude", "time_zone")

    client.post(
        reverse("admin:launches_spaceport_change", args=[port.pk]),
        {name: getattr(port, name) for name in fields} | {"name": "Another Name"},
        headers={"X-Request-ID": "admin-request-1"},
    )

    assert latest() == ("launches.launch.changed", "portal", person.pk, person.email, "admin-request-1")


@pytest.mark.parametrize("sign_in", ["session", "token"])
def test_the_api(launch, sign_in):
    person = UserFactory(password=PASSWORD)
    client = APIClient()
    if sign_in == "session":
        client.force_login(person)
    else:
        pair = client.post("/api/v1/auth/token/", {"email": person.email, "password": PASSWORD}).json()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")

    answer = client.post(
        "/api/v1/customer/holds/", {"launch_id": launch.pk, "party": 1}, headers={"X-Request-ID": "api-request-1"}
    )

    assert answer.status_code == 201
    assert latest() == ("bookings.hold.opened", "api", person.pk, person.email, "api-request-1")


def test_a_command():
    class Telling(DomainCommand):
        def handle(self, *args, **options):
            publish(1)

    Telling().execute(no_color=False, force_color=False, skip_checks=True, stdout=None, stderr=None)

    name, origin, actor_id, actor_email, request_id = latest()
    assert (name, origin, actor_id, actor_email, len(request_id)) == ("tests.thing.happened", "command", None, "", 20)


def test_every_command_of_ours_is_one_of_these():
    ours = {name: package for name, package in get_commands().items() if package in OUR_PACKAGES}
    others = [
        name for name, package in ours.items() if not isinstance(load_command_class(package, name), DomainCommand)
    ]

    assert len(ours) >= 8
    assert others == ["qcluster"]  # the worker: what it runs has the origin of a job


def test_a_job_has_a_request_id_of_its_own():
    """The worker's own loop, in this process; whatever function it is told to run."""
    async_task("tests.common.happenings.publish", 1, sync=True)
    first = latest()
    async_task("tests.common.happenings.publish", 2, sync=True)

    assert first[:4] == ("tests.thing.happened", "job", None, "")
    assert len(first[4]) == 20
    assert latest()[4] != first[4]


def test_what_a_handler_publishes_names_who_set_it_off(client, monkeypatch):
    from common import context, outbox_consumers, outbox_delivery
    from tests.common.happenings import Happened

    def go_on(event):
        if event.payload["number"] == 1:
            publish(2)

    monkeypatch.setattr(outbox_consumers, "_handlers", {"ear": [(Happened.name, go_on)]})
    with context.scope(origin="portal", actor_id=5, actor_email="vera@example.org", request_id="request-1"):
        publish(1)

    outbox_delivery.deliver(consumer="ear")

    assert OutboxEvent.objects.latest("pk").payload == {"number": 2}
    assert latest()[1:] == ("portal", 5, "vera@example.org", "request-1")


def test_what_comes_through_no_door_still_has_a_request_id():
    with transaction.atomic():
        publish(1)

    assert len(latest()[4]) == 20
