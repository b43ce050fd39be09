"""`manage.py import_launches` again: past and moved schedules, and what changes of launches that are here."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from common.dates import local_date
from common.models import OutboxEvent
from launches import services
from launches.models import Launch, LaunchSeat, Rocket, Supplier
from tests.factories import make_hold
from tests.launches.feeds import changed, envelope, feed_id, launch_2_0_0, launch_2_3_0, write
from tests.launches.importing import AHEAD, PAST, Run, ahead, iso

pytestmark = pytest.mark.django_db


# --- past and moved schedules ---
def test_a_past_schedule_is_refused_but_what_has_flown_is_history(tmp_path):
    flown = launch_2_3_0(2, net=iso(PAST), status={"id": 3, "name": "Launch Successful", "abbrev": "Success"})
    failed = launch_2_3_0(3, net=iso(PAST), status={"id": 4, "name": "Launch Failure"}, failreason="Stage 2.")
    contrary = ahead(4, status={"id": 3, "name": "Launch Successful"})

    run = Run(write(tmp_path, envelope(launch_2_3_0(1, net=iso(PAST)), flown, failed, contrary)))

    assert run.counts == "2 created, 0 updated, 0 unchanged, 2 refused."
    assert "Mission 1: net " in run.out
    assert "--rebase-to moves a schedule" in run.out
    assert "Mission 4: status says it has flown" in run.out
    assert list(Launch.objects.order_by("feed_id").values_list("status", "reason")) == [
        ("launched", ""),
        ("failed", "Stage 2."),
    ]
    names = set(OutboxEvent.objects.values_list("name", flat=True))
    assert not {"launches.launch.launched", "launches.launch.failed", "launches.launch.scheduled"} & names


def test_rebase_moves_the_schedule_keeps_gaps_and_times_and_is_repeatable(tmp_path):
    path = write(
        tmp_path,
        envelope(
            launch_2_0_0(1, net="2023-06-04T09:58:00Z"),
            launch_2_0_0(2, net="2023-06-03T16:35:00Z"),
            launch_2_0_0(3, net="2023-06-30T00:00:00Z", status={"id": 2, "name": "TBD"}),
            launch_2_0_0(4, net="2023-06-10T12:00:00Z", status={"id": 3, "name": "Success"}),
        ),
    )
    target = date(AHEAD.year, 7, 1)

    first = Run(path, "--rebase-to", target)
    second = Run(path, "--rebase-to", target)

    assert first.counts == "4 created, 0 updated, 0 unchanged, 0 refused."
    assert second.counts == "0 created, 0 updated, 4 unchanged, 0 refused."
    by_id = {str(launch.feed_id): launch for launch in Launch.objects.with_names()}
    earliest, next_one, vague, flown = (by_id[feed_id(number)] for number in (2, 1, 3, 4))
    assert local_date(earliest.departure_at, "America/New_York") == target
    assert (earliest.departure_at.hour, earliest.departure_at.minute) == (16, 35)
    assert next_one.departure_at - earliest.departure_at == timedelta(hours=17, minutes=23)
    assert vague.departure_precision == "day"
    assert vague.departure_text == f"{(target + timedelta(days=27)):%-d %b %Y}"
    assert {launch.status for launch in by_id.values()} == {"scheduled"}
    assert flown.status == "scheduled"


def test_rebase_names_the_day_at_the_spaceport_also_across_clock_changes(tmp_path):
    # Half past midnight in New York, in winter time; the target lies in summer time.
    path = write(tmp_path, envelope(launch_2_0_0(1, net="2023-01-10T04:30:00Z")))
    target = date(AHEAD.year, 7, 1)

    Run(path, "--rebase-to", target)

    launch = Launch.objects.with_names().get()
    assert local_date(launch.departure_at, launch.spaceport.time_zone) == target


def test_placeholders_keep_their_month_at_the_spaceport(tmp_path):
    # Midnight UTC on the first is still the month before in Florida.
    net = f"{AHEAD.year + 1}-03-01T00:00:00Z"
    month = {"id": 7, "name": "Month", "abbrev": "M"}

    Run(write(tmp_path, envelope(launch_2_3_0(1, net=net, net_precision=month))))

    launch = Launch.objects.with_names().get()
    assert launch.departure_text == f"no earlier than March {AHEAD.year + 1}"
    assert launch.slug.endswith(f"-{AHEAD.year + 1}-03")


# --- updates ---
def test_what_the_feed_changes_is_updated_once(tmp_path):
    Run(write(tmp_path, envelope(ahead(1), ahead(2))))
    version = Launch.objects.get(feed_id=feed_id(1)).version
    newer = changed(ahead(1), "mission.name", "Mission One")

    first = Run(write(tmp_path, envelope(newer, ahead(2))))
    second = Run(write(tmp_path, envelope(newer, ahead(2))))

    assert first.counts == "0 created, 1 updated, 1 unchanged, 0 refused."
    assert second.counts == "0 created, 0 updated, 2 unchanged, 0 refused."
    launch = Launch.objects.get(feed_id=feed_id(1))
    assert (launch.mission_name, launch.version) == ("Mission One", version + 1)
    event = OutboxEvent.objects.latest("id")
    assert (event.name, event.payload["fields"]) == ("launches.launch.changed", ["mission_name"])


def test_a_later_departure_is_a_delay_and_an_earlier_one_a_change(tmp_path):
    Run(write(tmp_path, envelope(ahead(1), ahead(2))))
    later = ahead(1, net=iso(AHEAD + timedelta(days=30)))
    earlier = ahead(2, net=iso(AHEAD + timedelta(days=1)))

    Run(write(tmp_path, envelope(later, earlier)))

    first, second = (Launch.objects.get(feed_id=feed_id(number)) for number in (1, 2))
    assert (first.status, first.reason) == ("delayed", "Moved in the published launch schedule.")
    assert first.departure_at == AHEAD + timedelta(days=30)
    assert (second.status, second.departure_at) == ("scheduled", AHEAD + timedelta(days=1))
    assert OutboxEvent.objects.filter(name="launches.launch.delayed").count() == 1
    told = OutboxEvent.objects.filter(name="launches.launch.changed").latest("id").payload
    assert told["launch_id"] == second.pk
    assert datetime.fromisoformat(told["changes"]["departure_at"]["after"]) == second.departure_at


def test_a_departure_moved_here_is_not_moved_back_by_another_change_of_the_feed(tmp_path):
    Run(write(tmp_path, envelope(ahead(1))))
    launch = Launch.objects.get()
    moved = AHEAD + timedelta(days=90)
    services.launch_delay(
        actor=None,
        launch_id=launch.pk,
        departure_at=moved,
        departure_precision="day",
        reason="Ours.",
        now=datetime.now(UTC),
    )

    run = Run(write(tmp_path, envelope(changed(ahead(1), "mission.name", "Mission One"))))

    launch.refresh_from_db()
    assert run.counts == "0 created, 1 updated, 0 unchanged, 0 refused."
    assert (launch.departure_at, launch.reason, launch.mission_name) == (moved, "Ours.", "Mission One")


def test_more_seats_are_added_and_fewer_are_refused(tmp_path):
    path = write(tmp_path, envelope(ahead(1)))
    Run(path, "--seats", 4)

    more = Run(path, "--seats", 7)
    fewer = Run(path, "--seats", 3)

    assert more.counts == "0 created, 1 updated, 0 unchanged, 0 refused."
    assert (fewer.code, "--seats 7 are on sale already" in fewer.out) == (1, True)
    assert Launch.objects.get().seats_on_sale == 7
    labels = list(LaunchSeat.objects.order_by("row", "column").values_list("label", flat=True))
    assert labels == ["A1", "B1", "A2", "B2", "A3", "B3", "A4"]
    assert list(Rocket.objects.get().seats.order_by("row", "column").values_list("label", flat=True)) == labels


def test_options_left_out_leave_a_launch_as_it_is(tmp_path):
    path = write(tmp_path, envelope(ahead(1)))
    Run(path, "--seats", 4, "--price", 99)

    again = Run(path)

    launch = Launch.objects.get()
    assert again.counts == "0 created, 0 updated, 1 unchanged, 0 refused."
    assert (launch.seats_on_sale, launch.price_amount) == (4, Decimal(99))


def test_price_changes_currency_does_not(tmp_path):
    path = write(tmp_path, envelope(ahead(1)))
    Run(path, "--price", 99)

    assert Run(path, "--price", 120).counts == "0 created, 1 updated, 0 unchanged, 0 refused."
    assert "--currency it is sold in USD" in Run(path, "--price", 130, "--currency", "EUR").out
    assert Launch.objects.get().price_amount == Decimal(120)


def test_a_price_is_rounded_to_the_currencys_coins_when_a_launch_is_changed_too(tmp_path):
    path = write(tmp_path, envelope(ahead(1)))
    Run(path, "--price", 99)

    run = Run(path, "--price", "120.125")

    assert run.counts == "0 created, 1 updated, 0 unchanged, 0 refused."
    assert Launch.objects.get().price_amount == Decimal("120.12")
    assert Run(path, "--price", "120.125").counts == "0 created, 0 updated, 1 unchanged, 0 refused."


def test_a_supplier_of_ones_own_sells_what_others_launch(tmp_path):
    path = write(tmp_path, envelope(ahead(1)))

    Run(path, "--supplier", "Arrangers")
    again = Run(path, "--supplier", "Arrangers")
    others = Run(path)

    assert again.counts == "0 created, 0 updated, 1 unchanged, 0 refused."
    assert "belongs to Arrangers here and cannot change hands" in others.out
    assert Launch.objects.get().supplier.trade_name == "Arrangers"
    assert list(Supplier.objects.values_list("trade_name", "feed_id")) == [("Arrangers", None)]


def test_a_suspended_supplier_gets_no_launches(tmp_path):
    Run(write(tmp_path, envelope(ahead(1))))
    services.supplier_suspend(actor=None, supplier_id=Supplier.objects.get().pk, reason="Papers.")

    run = Run(write(tmp_path, envelope(ahead(2))))

    assert "Orbital Carriers is suspended here and may not sell" in run.out
    assert Launch.objects.count() == 1


def test_what_is_over_here_stays_over(tmp_path):
    Run(write(tmp_path, envelope(ahead(1))))
    launch = Launch.objects.get()
    services.launch_abort(actor=None, launch_id=launch.pk, reason="Engine.", now=datetime.now(UTC))

    same = Run(write(tmp_path, envelope(ahead(1))))
    newer = Run(write(tmp_path, envelope(changed(ahead(1), "mission.name", "Mission One"))))

    assert same.counts == "0 created, 0 updated, 1 unchanged, 0 refused."
    assert "status it is aborted here, and that is final" in newer.out
    launch.refresh_from_db()
    assert (launch.status, launch.mission_name) == ("aborted", "Mission 1")


def test_a_launch_that_has_flown_meanwhile_is_closed_by_the_moves(tmp_path):
    Run(write(tmp_path, envelope(ahead(1))))
    Launch.objects.update(departure_at=PAST)

    run = Run(write(tmp_path, envelope(ahead(1, net=iso(PAST), status={"id": 3, "name": "Success"}))))

    assert run.counts == "0 created, 1 updated, 0 unchanged, 0 refused."
    assert Launch.objects.get().status == "launched"
    names = list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))
    assert names[-2:] == ["launches.launch.confirmed", "launches.launch.launched"]


def test_a_rocket_reaches_what_the_feed_says_it_reaches(tmp_path):
    moon = changed(ahead(2), "mission.orbit", {"id": 9, "name": "Lunar Orbit", "abbrev": "LO"})

    run = Run(write(tmp_path, envelope(ahead(1), moon)))

    assert run.code == 0
    assert Rocket.objects.get().range == "moon"


def another_rocket(seats, *, blocked=()):
    """A rocket that the supplier entered itself, so that no import enlarges it; and the record that names it."""
    supplier = Supplier.objects.get()
    services.rocket_create(
        actor=None, supplier_id=supplier.pk, name="Barge 2", range="mars", seats=seats, blocked_labels=blocked
    )
    return changed(ahead(1), "rocket.configuration", {"id": 71, "name": "Barge", "full_name": "Barge 2"})


def test_a_launch_never_sells_more_seats_than_its_new_rocket_has(tmp_path):
    Run(write(tmp_path, envelope(ahead(1))))

    run = Run(write(tmp_path, envelope(another_rocket(4))))

    assert run.code == 1
    assert "Barge 2 has 4 seats to sell; 6 cannot be put on sale." in run.out
    assert (Launch.objects.get().rocket.name, LaunchSeat.objects.count()) == ("Carrier 7", 6)


@pytest.mark.parametrize("history", ["none", "a hold that lapsed"])
def test_a_launch_with_a_new_rocket_offers_the_seats_of_its_cabin(tmp_path, history):
    Run(write(tmp_path, envelope(ahead(1))))
    if history != "none":
        make_hold(launch=Launch.objects.get(), now=timezone.now() - timedelta(hours=1))

    run = Run(write(tmp_path, envelope(another_rocket(8, blocked=["A1", "B1"]))))

    labels = sorted(LaunchSeat.objects.values_list("label", flat=True))
    if history == "none":
        assert (run.code, labels) == (0, ["A2", "A3", "A4", "B2", "B3", "B4"])
    else:
        assert (run.code, labels) == (1, ["A1", "A2", "A3", "B1", "B2", "B3"])
        assert "rocket.configuration Barge 2 has another cabin, and seats of this launch were held once" in run.out


def test_new_places_are_entered_with_their_zone(tmp_path):
    launch = changed(ahead(1), "pad.location.id", 20)
    changed(launch, "pad.location.name", "Alcântara Space Center, Brazil")
    changed(launch, "pad.latitude", -2.373)
    changed(launch, "pad.longitude", -44.396)
    changed(launch, "pad.location.timezone_name", "America/Fortaleza")

    Run(write(tmp_path, envelope(launch)))

    port = Launch.objects.get().spaceport
    assert (port.code, port.time_zone, port.feed_id) == ("alcantara-space-center", "America/Fortaleza", "20")
    assert (port.latitude, port.longitude) == (Decimal("-2.37300"), Decimal("-44.39600"))
