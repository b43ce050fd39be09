"""Where a record's rocket leaves from, and in which time zone. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from launches.services.feed_values import FeedValueWrong, Node

SAME_PLACE_KM = 60.0  # pads of one spaceport lie this close together
SAME_ZONE_KM = 300.0  # a launch site this near a known one keeps the same clock
EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True, kw_only=True)
class KnownPlace:
    """A spaceport of the reference file. words: how names of places in schedules that mean it begin, in lower case."""

    code: str
    name: str
    latitude: float
    longitude: float
    time_zone: str
    feed_id: str | None
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """
    A spaceport: a known one by its code, else one to be entered.

    latitude and longitude in degrees; feed_id is the location's id in the feed.
    """

    code: str | None
    feed_id: str | None
    name: str
    country: str
    latitude: float
    longitude: float
    time_zone: str


def place_of_pad(pad: Node, places: Sequence[KnownPlace]) -> Place:
    """Find the spaceport of a pad by the location's id, else the nearest known one; else it is a new one."""
    location = pad.node("location")
    feed_id = location.key("id")
    name = location.line("name", longest=120)
    latitude, longitude = pad.degrees("latitude", limit=90), pad.degrees("longitude", limit=180)
    near = sorted((distance_km(latitude, longitude, known), known.code, known) for known in places)
    for known in places:
        if feed_id is not None and known.feed_id == feed_id:
            return _known(known, feed_id)
    for far, _, known in near:
        if far <= SAME_PLACE_KM and (known.feed_id is None or feed_id is None):
            return _known(known, feed_id)
    zone = _zone(location)
    if zone is None:
        if not near or near[0][0] > SAME_ZONE_KM:
            raise FeedValueWrong(
                location.at("timezone_name"),
                f"is missing, and no known spaceport lies within {SAME_ZONE_KM:.0f} km of the pad to take it from",
            )
        zone = near[0][2].time_zone
    return Place(
        code=None,
        feed_id=feed_id,
        name=name,
        country=_country(pad) or _country(location),
        latitude=latitude,
        longitude=longitude,
        time_zone=zone,
    )


def place_of_location_text(launch: Node, places: Sequence[KnownPlace]) -> Place:
    """Find the spaceport of a record in list mode by the beginning of its location's name."""
    text = launch.line("location", longest=120)
    for known in places:
        if any(text.lower().startswith(word) for word in known.words):
            return _known(known, None)
    raise FeedValueWrong("location", f'"{text}" is no known spaceport; download the schedule with mode=normal')


def distance_km(latitude: float, longitude: float, known: KnownPlace) -> float:
    """Return the great-circle distance to a known place."""
    first, second = math.radians(latitude), math.radians(known.latitude)
    across = math.radians(longitude - known.longitude)
    half = math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * math.sin(across / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(half, 1.0)))


def _known(known: KnownPlace, feed_id: str | None) -> Place:
    return Place(
        code=known.code,
        feed_id=known.feed_id or feed_id,
        name=known.name,
        country="",
        latitude=known.latitude,
        longitude=known.longitude,
        time_zone=known.time_zone,
    )


def _zone(location: Node) -> str | None:
    name = location.line_or_empty("timezone_name", longest=40)
    if not name:
        return None
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise FeedValueWrong(location.at("timezone_name"), f'"{name}" is not a time zone') from error
    return name


def _country(node: Node) -> str:
    if isinstance(node.value.get("country"), dict):
        return node.node("country").line_or_empty("name", longest=60)
    return node.line_or_empty("country_code", longest=60)
