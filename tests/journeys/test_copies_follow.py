"""What documents copy from other rows follows them: a rocket that flies further, a spaceport that is renamed."""

import pytest
from django.urls import reverse

from bookings import selectors as booking_selectors
from common.models import OutboxEvent
from documents.repositories import Offers
from launches import services as launch_services
from launches.models import Launch
from tests.factories import PASSWORD, EmployeeFactory, LaunchFactory
from tests.journeys.world import drift
from tests.launches.feeds import changed, envelope, write
from tests.launches.importing import Run, ahead


@pytest.fixture
def launch(deliver):
    launch = LaunchFactory()
    launch_services.launch_confirm(actor=None, launch_id=launch.pk, now=launch.created_at)
    deliver()
    return launch


def test_a_spaceport_renamed_in_the_admin_reaches_the_offer(launch, deliver, client):
    """The worker writes the copies, of hundreds of launches maybe; customers see the name at once, for rows have it."""
    client.force_login(EmployeeFactory(password=PASSWORD))
    port = launch.spaceport
    fields = ("code", "name", "country", "latitude", "longitude", "time_zone")
    values = {name: getattr(port, name) for name in fields} | {"name": "Another Name"}

    answer = client.post(reverse("admin:launches_spaceport_change", args=[port.pk]), values)
    stored_at_once = Offers.get(launch.pk).spaceport.name
    shown_at_once = booking_selectors.offer_get(launch_id=launch.pk, now=launch.created_at).launch.spaceport.name
    deliver()

    assert answer.status_code == 302
    assert (stored_at_once, shown_at_once) == (port.name, "Another Name")
    assert Offers.get(launch.pk).spaceport.name == "Another Name"
    assert drift() == 0


def test_a_rocket_described_anew_in_the_admin_reaches_the_offer(launch, deliver, client):
    client.force_login(EmployeeFactory(password=PASSWORD))
    inline = {f"seats-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}

    answer = client.post(
        reverse("admin:launches_rocket_change", args=[launch.rocket_id]),
        {"description": "Seats that recline.", "is_active": "on"} | inline,
    )
    deliver()

    assert answer.status_code == 302
    assert Offers.get(launch.pk).rocket.description == "Seats that recline."
    assert drift() == 0


def test_what_is_saved_in_the_admin_as_it_was_changes_no_launch(launch, deliver, client):
    client.force_login(EmployeeFactory(password=PASSWORD))
    before = OutboxEvent.objects.count()
    inline = {f"seats-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}

    client.post(
        reverse("admin:launches_rocket_change", args=[launch.rocket_id]),
        {"description": launch.rocket.description, "is_active": "on"} | inline,
    )

    assert OutboxEvent.objects.count() == before


def test_a_rocket_that_flies_further_reaches_the_offers_of_its_launches(deliver, tmp_path):
    Run(write(tmp_path, envelope(ahead(1))))
    deliver()
    first = Launch.objects.get()
    assert Offers.get(first.pk).rocket.range == "low_earth_orbit"
    lunar = changed(ahead(2), "mission.orbit", {"id": 9, "name": "Lunar Orbit", "abbrev": "LO"})

    Run(write(tmp_path, envelope(lunar)))
    deliver()

    assert Offers.get(first.pk).rocket.range == "moon"
    assert drift() == 0
