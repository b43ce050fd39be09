"""`manage.py import_launches` for launches with seats sold or held: the trip stays the one that people bought."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from launches.models import Launch, LaunchHistory, Rocket
from tests.factories import make_booking, make_hold
from tests.launches.feeds import changed, envelope, write
from tests.launches.importing import AHEAD, Run, ahead, iso

pytestmark = pytest.mark.django_db


ANOTHER_TRIP = {
    "earlier": (lambda: ahead(1, net=iso(AHEAD - timedelta(days=40))), "net ", "is earlier than"),
    "destination": (
        lambda: changed(ahead(1), "mission.orbit", {"id": 1, "name": "Polar Orbit", "abbrev": "PO"}),
        "mission.orbit ", "is another destination than",
    ),
    "spaceport": (
        lambda: changed(ahead(1), "pad.location", {"id": 10, "name": "Mahia Peninsula, New Zealand"}),
        "pad ", "is another spaceport than",
    ),
    "rocket": (
        lambda: changed(ahead(1), "rocket.configuration", {"id": 71, "name": "Barge", "full_name": "Barge 2"}),
        "rocket.configuration ", "Barge 2 is another rocket than Carrier 7",
    ),
}  # fmt: skip


def of_the_launch(launch):
    histories = LaunchHistory.objects.filter(launch=launch).order_by("pk")
    return [*Launch.objects.filter(pk=launch.pk).values(), *histories.values(), *Rocket.objects.values()]


@pytest.mark.parametrize("state", ["sold", "held"])
@pytest.mark.parametrize("what", ANOTHER_TRIP)
def test_the_trip_that_people_have_bought_is_not_changed(tmp_path, what, state):
    newer, field, why = ANOTHER_TRIP[what]
    Run(write(tmp_path, envelope(ahead(1))))
    launch = Launch.objects.get()
    (make_booking if state == "sold" else make_hold)(launch=launch, now=timezone.now())
    before = of_the_launch(launch)

    run = Run(write(tmp_path, envelope(newer(), ahead(2))))

    assert (run.code, run.counts) == (1, "1 created, 0 updated, 0 unchanged, 1 refused.")
    assert f"Mission 1: {field}" in run.out
    assert why in run.out
    assert "seats of this launch are sold or held; abort it here if it does not fly as sold" in run.out
    assert of_the_launch(launch) == before


@pytest.mark.parametrize("what", ANOTHER_TRIP)
def test_a_launch_that_nobody_has_booked_follows_the_feed(tmp_path, what):
    Run(write(tmp_path, envelope(ahead(1))))
    make_hold(launch=Launch.objects.get(), now=timezone.now() - timedelta(hours=1))  # has lapsed

    run = Run(write(tmp_path, envelope(ANOTHER_TRIP[what][0]())))

    assert run.counts == "0 created, 1 updated, 0 unchanged, 0 refused."


def test_a_sold_launch_takes_what_changes_no_trip(tmp_path):
    Run(write(tmp_path, envelope(ahead(1))))
    make_booking(launch=Launch.objects.get(), now=timezone.now())

    later = changed(ahead(1, net=iso(AHEAD + timedelta(days=30))), "mission.name", "Mission One")
    run = Run(write(tmp_path, envelope(later)), "--price", 120)

    launch = Launch.objects.get()
    assert run.counts == "0 created, 1 updated, 0 unchanged, 0 refused."
    assert (launch.status, launch.mission_name, launch.price_amount) == ("delayed", "Mission One", Decimal(120))
