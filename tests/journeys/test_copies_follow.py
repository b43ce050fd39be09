"""What documents copy from other rows follows them: a rocket that flies further, a spaceport that is renamed."""

import pytest
from django.urls import reverse

from common.models import OutboxEvent
from documents.repositories import Offers
from launches import services as launch_services
from launches.models import Launch
from tests.factories import PASSWORD, EmployeeFactory, LaunchFactory
from tests.journeys.world import drift


@pytest.fixture
def launch(deliver):
    launch = LaunchFactory()
    launch_services.launch_confirm(actor=None, launch_id=launch.pk, now=launch.created_at)
    deliver()
    return launch


def test_a_spaceport_renamed_in_the_admin_reaches_the_offer(launch, deliver, client):
    client.force_login(EmployeeFactory(password=PASSWORD))
    port = launch.spaceport
    fields = ("code", "name", "country", "latitude", "longitude", "time_zone")
    values = {name: getattr(port, name) for name in fields} | {"name": "Another Name"}

    answer = client.post(reverse("admin:launches_spaceport_change", args=[port.pk]), values)
    deliver()

    assert answer.status_code == 302
    assert Offers.get(launch.pk).spaceport.name == "Another Name"
    assert drift() == 0


def test_a_rocket_that_flies_further_reaches_the_offers_of_its_launches(launch, deliver):
    from django.db import transaction

    with transaction.atomic():
        Launch.objects.get(pk=launch.pk).rocket.__class__.objects.filter(pk=launch.rocket_id).update(range="moon")
        touched = launch_services.launches_touch(
            launches=Launch.objects.filter(rocket_id=launch.rocket_id), field="rocket_range"
        )
    deliver()

    assert touched == 1
    assert OutboxEvent.objects.filter(name="launches.launch.changed").count() == 1
    assert Offers.get(launch.pk).rocket.range == "moon"
    assert drift() == 0
