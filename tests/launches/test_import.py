"""`manage.py import_launches`: what it writes, what it refuses, and how it ends."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from common.models import OutboxEvent
from launches.models import Launch, LaunchHistory, Rocket, Spaceport, Supplier
from tests.launches.feeds import VERSIONS, changed, envelope, feed_id, launch_list_mode, write
from tests.launches.importing import AHEAD, Run, ahead, everything, iso

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_is_imported_and_a_second_run_changes_nothing(tmp_path, version):
    make = VERSIONS[version]
    path = write(tmp_path, envelope(*(make(n, net=iso(AHEAD + timedelta(days=n))) for n in (1, 2, 3))))

    first = Run(path, "--seats", 6, "--price", 250000)
    after_first = everything()
    second = Run(path, "--seats", 6, "--price", 250000)

    assert (first.code, first.counts) == (0, "3 created, 0 updated, 0 unchanged, 0 refused.")
    assert (second.code, second.counts) == (0, "0 created, 0 updated, 3 unchanged, 0 refused.")
    assert everything() == after_first
    launch = Launch.objects.with_names().get(feed_id=feed_id(1))
    assert (launch.status, launch.mission_name, launch.seats.count()) == ("scheduled", "Mission 1", 6)
    assert (launch.price_amount, launch.price_currency) == (Decimal(250000), "USD")
    assert (launch.departure_at, launch.departure_precision) == (AHEAD + timedelta(days=1), "minute")
    assert (launch.spaceport.code, launch.destination.code) == ("canaveral", "low-earth-orbit")
    assert (launch.supplier.trade_name, launch.supplier.status) == ("Orbital Carriers", "approved")
    assert launch.supplier.feed_id == "900"
    assert Rocket.objects.get().feed_id == "70"
    assert Supplier.objects.count() == 1
    assert OutboxEvent.objects.filter(name="launches.launch.scheduled").count() == 3
    assert set(LaunchHistory.objects.values_list("origin", flat=True)) == {"command"}


def test_list_mode_is_imported(tmp_path):
    run = Run(write(tmp_path, envelope(launch_list_mode(net=iso(AHEAD)))))

    assert run.counts == "1 created, 0 updated, 0 unchanged, 0 refused."
    assert Launch.objects.get().spaceport.code == "mahia"
    assert Run(write(tmp_path, envelope(launch_list_mode(net=iso(AHEAD))))).counts.startswith("0 created, 0 updated, 1")


def test_broken_records_are_refused_alone(tmp_path):
    broken = changed(ahead(2), "pad.latitude", "north")
    path = write(tmp_path, envelope(ahead(1), broken, 7, ahead(1), ahead(3)))

    run = Run(path)

    assert run.code == 1
    assert run.error == "3 records refused; the others are in."
    assert run.counts == "2 created, 0 updated, 0 unchanged, 3 refused."
    assert "refused    Carrier 7 | Mission 2: pad.latitude is a text where degrees are expected" in run.out
    assert "refused    record 3: record is not an object" in run.out
    assert "refused    Carrier 7 | Mission 1: id stands in the file twice" in run.out
    assert {str(value) for value in Launch.objects.values_list("feed_id", flat=True)} == {feed_id(1), feed_id(3)}


UNREADABLE = {
    "missing": (None, "there is no such file"),
    "empty": (b" \n", "it is empty"),
    "not JSON": (b"launches!", "it is not JSON"),
    "not UTF-8": (b"\xff\xfe{}", "it is not UTF-8 text"),
    "another kind": (b'{"type": "FeatureCollection"}', "no Launch Library 2 launch schedule"),
}


@pytest.mark.parametrize(("content", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_feed_is_refused_whole_with_one_sentence(tmp_path, content, why):
    path = tmp_path / "feed.json"
    if content is not None:
        path.write_bytes(content)

    run = Run(path)

    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("feed.json: ")
    assert why in run.err
    assert len(run.err.splitlines()) == 1
    assert not Supplier.objects.exists()
    assert not Spaceport.objects.exists()


def test_a_directory_and_a_device_are_refused(tmp_path):
    for path in (tmp_path, Path("/dev/zero")):
        run = Run(path)
        assert (run.code, "not a file" in run.err) == (2, True)


def test_one_bad_file_does_not_stop_the_good_one(tmp_path):
    good = write(tmp_path, envelope(ahead(1)), "good.json")
    bad = write(tmp_path, {"detail": "throttled"}, "bad.json")

    run = Run(bad, good)

    assert (run.code, run.error) == (2, "1 of 2 files refused.")
    assert run.counts == "1 created, 0 updated, 0 unchanged, 0 refused."


def test_dry_run_reports_the_same_and_writes_nothing(tmp_path):
    path = write(tmp_path, envelope(ahead(1), ahead(2), changed(ahead(3), "net", None)))

    dry = Run(path, "--dry-run")
    after_dry = everything()
    real = Run(path)

    assert dry.summary == real.summary
    assert dry.code == real.code == 1
    assert "Dry run: nothing was written." in dry.out
    assert after_dry == [[] for _ in after_dry]
    assert Launch.objects.count() == 2


OPTIONS = {
    "no seats": ("--seats", 0),
    "too many seats": ("--seats", 301),
    "seats in words": ("--seats", "six"),
    "negative price": ("--price", -1),
    "price of nothing": ("--price", 0),
    "no price": ("--price", "NaN"),
    "endless price": ("--price", "Infinity"),
    "price beyond the column": ("--price", "1e30"),
    "unknown currency": ("--currency", "XXX"),
    "no day": ("--rebase-to", "soon"),
    "a past day": ("--rebase-to", "2020-01-01"),
    "supplier of nothing": ("--supplier", " "),
    "supplier of a megabyte": ("--supplier", "x" * 1_000_000),
    "supplier with controls": ("--supplier", "a\x1b[2Jb"),
}


@pytest.mark.parametrize(("option", "value"), OPTIONS.values(), ids=OPTIONS)
def test_bad_options_are_refused_before_anything_is_read(tmp_path, option, value):
    path = write(tmp_path, envelope(ahead(1)))

    run = Run(path, f"{option}={value}")

    assert run.code != 0
    assert option in run.error
    assert run.out == ""
    assert not Launch.objects.exists()
    assert not Spaceport.objects.exists()
