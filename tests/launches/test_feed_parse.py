"""The pure reader of launch schedules: each version, each kind of damage."""

import json
from datetime import UTC, datetime

import pytest

from launches import errors
from launches.services.feed_parse import FeedProblem, FeedRecord, document_parse
from launches.services.reference import known_places
from tests.launches.feeds import (
    ANYWHERE,
    VERSIONS,
    changed,
    envelope,
    feed_id,
    launch_2_0_0,
    launch_2_2_0,
    launch_2_3_0,
    launch_list_mode,
)

GONE = ANYWHERE


def parse(document: object) -> list[FeedRecord | FeedProblem]:
    return document_parse(json.dumps(document).encode(), places=known_places())


def parse_one(launch: dict) -> FeedRecord:
    (record,) = parse(envelope(launch))
    assert isinstance(record, FeedRecord), record
    return record


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_says_the_same(version):
    record = parse_one(VERSIONS[version]())

    assert str(record.feed_id) == feed_id(1)
    assert (record.name, record.mission_name) == ("Carrier 7 | Mission 1", "Mission 1")
    assert record.description == "Takes passengers up.\n\nAnd down."
    assert (record.supplier_feed_id, record.supplier_name) == ("900", "Orbital Carriers")
    assert (record.rocket_feed_id, record.rocket_name) == ("70", "Carrier 7")
    assert (record.destination_code, record.outcome) == ("low-earth-orbit", "open")
    assert (record.place.code, record.place.time_zone) == ("canaveral", "America/New_York")
    assert (record.net, record.precision) == (datetime(2027, 3, 14, 16, 35, tzinfo=UTC), "minute")


def test_list_mode_finds_the_spaceport_by_its_name():
    record = parse_one(launch_list_mode())

    assert (record.supplier_name, record.supplier_feed_id) == ("Orbital Carriers", None)
    assert (record.rocket_name, record.rocket_feed_id) == ("Carrier 7", None)
    assert (record.mission_name, record.destination_code) == ("Mission 1", "sun-synchronous-orbit")
    assert (record.place.code, record.place.time_zone) == ("mahia", "Pacific/Auckland")


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one]], ids=["one launch", "a plain list"])
def test_other_wrappings_are_understood(wrap):
    assert [type(record) for record in parse(wrap(launch_2_3_0()))] == [FeedRecord]


def test_a_feed_without_launches_is_a_feed():
    assert parse(envelope()) == []


ORBITS = {
    ("LEO", "Low Earth Orbit"): "low-earth-orbit",
    ("SSO", "Sun-Synchronous Orbit"): "sun-synchronous-orbit",
    ("PO", "Polar Orbit"): "polar-orbit",
    ("GTO", "Geostationary Transfer Orbit"): "high-earth-orbit",
    ("GEO", "Geostationary Orbit"): "high-earth-orbit",
    ("MEO", "Medium Earth Orbit"): "high-earth-orbit",
    ("HEO", "Highly Elliptical Orbit"): "high-earth-orbit",
    ("Sub", "Suborbital"): "suborbital",
    ("LO", "Lunar Orbit"): "moon",
    ("", "Lunar flyby"): "moon",
    ("", "Mars Orbit"): "mars",
    ("", "Heliocentric N/A"): "deep-space",
    ("L2", "Sun-Earth L2"): "deep-space",
    ("N/A", "Unknown"): "earth-orbit",
    ("XYZ", "Something new"): "earth-orbit",
}


@pytest.mark.parametrize(("orbit", "destination"), ORBITS.items(), ids=[name for _, name in ORBITS])
def test_orbits_become_destinations(orbit, destination):
    launch = changed(launch_2_3_0(), "mission.orbit", {"id": 1, "abbrev": orbit[0], "name": orbit[1]})

    assert parse_one(launch).destination_code == destination


def test_every_destination_of_the_table_is_in_the_reference_data():
    from launches.services import feed_parse, reference

    known = {row["code"] for row in reference._reference()["destinations"]}

    named = {*feed_parse._ORBITS.values(), *(code for _, code in feed_parse._ORBIT_WORDS), feed_parse.ANY_ORBIT, "iss"}
    assert named <= known


def test_the_station_is_told_by_the_programme_or_the_words():
    by_programme = launch_2_0_0(program=[{"id": 17, "name": "International Space Station"}])
    words = "To the International Space Station."
    by_words = changed(launch_2_3_0(), "mission.description", words)
    elsewhere = changed(launch_2_3_0(), "mission.description", words)
    changed(elsewhere, "mission.orbit", {"abbrev": "GTO", "name": "Geostationary Transfer Orbit"})

    assert parse_one(by_programme).destination_code == "iss"
    assert parse_one(by_words).destination_code == "iss"
    assert parse_one(elsewhere).destination_code == "high-earth-orbit"


def test_a_launch_without_mission_is_named_by_its_title():
    record = parse_one(launch_2_2_0(mission=None))

    assert (record.mission_name, record.description, record.destination_code) == ("Mission 1", "", "earth-orbit")


PRECISIONS = {
    "Second": "second",
    "Minute": "minute",
    "Hour": "hour",
    "Morning": "day",
    "Day": "day",
    "Week": "month",
    "Month": "month",
    "Q3": "quarter",
    "Quarter": "quarter",
    "H2": "half",
    "Half": "half",
    "Year": "year",
    "Decade": "year",
    "Next blue moon": "year",
}


@pytest.mark.parametrize(("word", "precision"), PRECISIONS.items(), ids=PRECISIONS)
def test_precisions_are_kept_and_unknown_ones_are_coarse(word, precision):
    launch = launch_2_3_0(net_precision={"id": 99, "name": word, "abbrev": "?"})

    assert parse_one(launch).precision == precision


FLAGS = {
    "both known": ({"tbddate": False, "tbdtime": False}, "minute"),
    "time unknown": ({"tbddate": False, "tbdtime": True}, "day"),
    "date unknown": ({"tbddate": True, "tbdtime": True}, "month"),
    "as numbers": ({"tbddate": 0, "tbdtime": 1}, "day"),
    "placeholder": ({"status": {"id": 2, "name": "TBD"}, "net": "2027-03-14T00:00:00Z"}, "day"),
    "to be determined, but with a time": ({"status": {"id": 2, "name": "TBD"}}, "minute"),
    "midnight that is meant": ({"net": "2027-03-14T00:00:00Z"}, "minute"),
}


@pytest.mark.parametrize(("values", "precision"), FLAGS.values(), ids=FLAGS)
def test_2_0_0_tells_vagueness_by_flags(values, precision):
    assert parse_one(launch_2_0_0(**values)).precision == precision


OUTCOMES = {
    "Go": ({"id": 1, "name": "Go"}, "open"),
    "Hold": ({"id": 5, "name": "Hold"}, "open"),
    "In Flight": ({"id": 6, "name": "In Flight"}, "open"),
    "Success": ({"id": 3, "name": "Success"}, "succeeded"),
    "Success by words": ({"name": "Launch Successful", "abbrev": "Success"}, "succeeded"),
    "Deployed": ({"id": 9, "name": "Payload Deployed"}, "succeeded"),
    "Failure": ({"id": 4, "name": "Launch Failure"}, "failed"),
    "Partial": ({"id": 7, "name": "Partial Failure"}, "failed"),
    "new": ({"id": 77, "name": "Something new"}, "open"),
    "none": (None, "open"),
}


@pytest.mark.parametrize(("status", "outcome"), OUTCOMES.values(), ids=OUTCOMES)
def test_statuses_say_how_it_ended(status, outcome):
    assert parse_one(launch_2_2_0(status=status)).outcome == outcome


def at(path: str, latitude: float, longitude: float, location: object = 999, zone: object = GONE) -> dict:
    launch = changed(launch_2_3_0(), "pad.latitude", latitude)
    changed(launch, "pad.longitude", longitude)
    changed(launch, "pad.location.id", location)
    changed(launch, "pad.location.name", path)
    return changed(launch, "pad.location.timezone_name", zone)


@pytest.mark.parametrize(
    ("latitude", "longitude", "location", "code", "zone"),
    [
        (51.884395, 128.333932, 18, "vostochny", "Asia/Yakutsk"),
        (19.618452, 110.955356, 8, "wenchang", "Asia/Shanghai"),
        (40.9605556, 100.2961393, 17, "jiuquan", "Asia/Shanghai"),
        (45.92, 63.342, 15, "baikonur", "Asia/Qyzylorda"),
        (45.92, 63.342, None, "baikonur", "Asia/Qyzylorda"),
        (47.0, 63.3, 999, None, "Asia/Qyzylorda"),
    ],
    ids=["Vostochny", "Wenchang", "Jiuquan", "Baikonur by distance", "Baikonur without id", "new, near a known one"],
)
def test_zones_come_from_known_places(latitude, longitude, location, code, zone):
    record = parse_one(at("Somewhere", latitude, longitude, location))

    assert (record.place.code, record.place.time_zone) == (code, zone)


def test_the_feeds_zone_serves_a_new_place():
    record = parse_one(at("Spaceport Anywhere, Brazil", -2.4, -44.4, 20, "America/Fortaleza"))

    assert (record.place.code, record.place.time_zone) == (None, "America/Fortaleza")
    assert (record.place.name, record.place.country) == ("Spaceport Anywhere, Brazil", "United States of America")


LONG = "x" * 1_000_000
DAMAGE = {
    "no id": ("id", GONE, "id"),
    "id not a UUID": ("id", "seven", "id"),
    "id a number": ("id", 7, "id"),
    "no name": ("name", None, "name"),
    "name a list": ("name", ["x"], "name"),
    "name of a megabyte": ("name", LONG, "name"),
    "name with controls": ("name", "Car\x1b[31mrier | x", "name"),
    "name half a character": ("name", "Carrier \ud800", "name"),
    "no net": ("net", None, "net"),
    "net a number": ("net", 20270314, "net"),
    "net not a date": ("net", "soon", "net"),
    "net no such day": ("net", "2027-02-30T00:00:00Z", "net"),
    "net without a zone": ("net", "2027-03-14T16:35:00", "net"),
    "net in year 1": ("net", "0001-01-01T00:00:00Z", "net"),
    "net in year 9999": ("net", "9999-12-31T23:59:59Z", "net"),
    "precision a text": ("net_precision", "Minute", "net_precision"),
    "precision name a list": ("net_precision.name", [1], "net_precision.name"),
    "no provider": ("launch_service_provider", GONE, "launch_service_provider"),
    "provider a text": ("launch_service_provider", "Orbital", "launch_service_provider"),
    "provider without name": ("launch_service_provider.name", " ", "launch_service_provider.name"),
    "provider of a megabyte": ("launch_service_provider.name", LONG, "launch_service_provider.name"),
    "provider id a list": ("launch_service_provider.id", [], "launch_service_provider.id"),
    "provider id true": ("launch_service_provider.id", True, "launch_service_provider.id"),
    "rocket a number": ("rocket", 7, "rocket"),
    "no configuration": ("rocket.configuration", None, "rocket.configuration"),
    "no rocket name": ("rocket.configuration", {"id": 1}, "rocket.configuration.name"),
    "rocket name of a megabyte": ("rocket.configuration.full_name", LONG, "rocket.configuration.full_name"),
    "mission a list": ("mission", [], "mission"),
    "mission name a number": ("mission.name", 5, "mission.name"),
    "mission name of a megabyte": ("mission.name", LONG, "mission.name"),
    "description of a megabyte": ("mission.description", LONG, "mission.description"),
    "orbit a text": ("mission.orbit", "LEO", "mission.orbit"),
    "program an object": ("program", {}, "program"),
    "no pad": ("pad", GONE, "pad"),
    "pad a list": ("pad", [], "pad"),
    "no location": ("pad.location", None, "pad.location"),
    "location without name": ("pad.location.name", "", "pad.location.name"),
    "latitude missing": ("pad.latitude", None, "pad.latitude"),
    "latitude NaN": ("pad.latitude", float("nan"), "pad.latitude"),
    "latitude infinite": ("pad.latitude", float("inf"), "pad.latitude"),
    "latitude a word": ("pad.latitude", "north", "pad.latitude"),
    "latitude NaN as a text": ("pad.latitude", "nan", "pad.latitude"),
    "latitude beyond the pole": ("pad.latitude", 90.1, "pad.latitude"),
    "latitude true": ("pad.latitude", True, "pad.latitude"),
    "latitude enormous": ("pad.latitude", 10**400, "pad.latitude"),
    "longitude beyond": ("pad.longitude", "-180.5", "pad.longitude"),
    "longitude an object": ("pad.longitude", {}, "pad.longitude"),
    "zone no zone": ("pad.location.timezone_name", "Mars/Olympus", "pad.location.timezone_name"),
    "zone a path": ("pad.location.timezone_name", "../../etc/passwd", "pad.location.timezone_name"),
    "zone a directory": ("pad.location.timezone_name", "America", "pad.location.timezone_name"),
    "status a number": ("status", 1, "status"),
    "status name a list": ("status", {"id": 1000, "name": []}, "status.name"),
}


@pytest.mark.parametrize(("path", "value", "field"), DAMAGE.values(), ids=DAMAGE)
def test_each_damage_refuses_the_record_alone_and_names_the_field(path, value, field):
    # Far from every known place, so that the zone is looked at.
    damaged = changed(at("Far away", -2.4, -44.4, 20, "America/Fortaleza"), path, value)

    problem, good = parse(envelope(damaged, launch_2_3_0(2)))

    assert isinstance(problem, FeedProblem), problem
    assert problem.field == field
    assert len(problem.why) < 200
    assert problem.why.isprintable()
    assert len(problem.name) < 400
    assert isinstance(good, FeedRecord)


def test_a_place_nobody_knows_the_time_of_is_refused():
    (problem,) = parse(envelope(at("Nowhere", -50, -140)))

    assert problem.field == "pad.location.timezone_name"
    assert "300 km" in problem.why


def test_2_3_0_list_mode_lacks_what_is_needed_and_says_the_cure():
    launch = launch_2_3_0()
    for gone in ("rocket", "mission", "pad", "launch_service_provider"):
        del launch[gone]

    (problem,) = parse(envelope(launch))

    assert (problem.field, problem.why) == (
        "launch_service_provider",
        "is missing; download the schedule with mode=normal",
    )


@pytest.mark.parametrize("value", [None, 7, "x", [], True], ids=str)
def test_records_that_are_no_objects_are_refused_alone(value):
    problem, good = parse(envelope(value, launch_2_3_0(2)))

    assert (problem.name, problem.field, problem.why) == ("record 1", "record", "is not an object")
    assert isinstance(good, FeedRecord)


def test_an_id_that_stands_twice_counts_once():
    first, second = parse(envelope(launch_2_3_0(1), launch_2_3_0(1, name="Carrier 7 | Twin")))

    assert isinstance(first, FeedRecord)
    assert (second.name, second.field) == ("Carrier 7 | Twin", "id")


WHOLE = {
    "not JSON": (b"<html>Too many requests</html>", "not JSON"),
    "cut off": (json.dumps(envelope(launch_2_3_0())).encode()[:-30], "not JSON"),
    "Latin-1": ("{'caf\xe9'".encode("latin-1"), "not UTF-8"),
    "UTF-16": (json.dumps(envelope(launch_2_3_0())).encode("utf-16"), "not UTF-8"),
    "compressed": (b"\x1f\x8b\x08\x00abc", "not UTF-8"),
    "deep": (b"[" * 200_000, "nested too deeply"),
    "an endless number": (b'{"results": [' + b"9" * 10_000 + b"]}", "too long"),
    "a text": (b'"launches"', "no Launch Library 2"),
    "null": (b"null", "no Launch Library 2"),
    "an object": (b"{}", "no Launch Library 2"),
    "a list of nothing": (b"[]", "no Launch Library 2"),
    "a list of numbers": (b"[1, 2]", "no Launch Library 2"),
    "an error of the service": (b'{"detail": "Request was throttled."}', "no Launch Library 2"),
    "version 1": (b'{"launches": [{"id": 1, "net": "x"}], "total": 1}', "no Launch Library 2"),
    "agencies": (b'{"count": 1, "results": [{"id": 121, "name": "A carrier"}]}', "no Launch Library 2"),
    "results an object": (b'{"results": {}}', "no Launch Library 2"),
}


@pytest.mark.parametrize(("content", "why"), WHOLE.values(), ids=WHOLE)
def test_what_is_no_feed_is_refused_whole(content, why):
    with pytest.raises(errors.FeedUnreadable, match=why):
        document_parse(content, places=known_places())


def test_a_byte_order_mark_does_no_harm():
    content = b"\xef\xbb\xbf" + json.dumps(envelope(launch_2_3_0())).encode()

    assert len(document_parse(content, places=known_places())) == 1
