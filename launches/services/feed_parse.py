"""
Understand Launch Library 2 JSON, versions 2.0.0 to 2.3.0, modes list, normal and detailed. Pure: no ORM, no clock.

What differs: 2.0.0 tells vagueness by tbddate and tbdtime instead of net_precision; coordinates are texts before 2.3.0;
countries are codes before and objects since; time zones of places came with 2.2.0; in list mode (to 2.2.0) provider,
mission, pad and location are texts, and 2.3.0's list mode leaves them out.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from common.dates import Precision
from launches import errors
from launches.services.feed_places import KnownPlace, Place, place_of_location_text, place_of_pad
from launches.services.feed_values import FeedValueWrong, Node

RECORDS_MAX = 10_000
NAME_MAX = 160  # characters; the column's length
DESCRIPTION_MAX = 20_000

OPEN, SUCCEEDED, FAILED = "open", "succeeded", "failed"
# Status ids of the feed; 7 is a partial failure. Whatever else there is, is still open.
_OUTCOMES = {3: SUCCEEDED, 9: SUCCEEDED, 4: FAILED, 7: FAILED}
_OUTCOME_WORDS = {
    "success": SUCCEEDED,
    "launch successful": SUCCEEDED,
    "deployed": SUCCEEDED,
    "payload deployed": SUCCEEDED,
    "failure": FAILED,
    "launch failure": FAILED,
    "partial failure": FAILED,
    "launch was a partial failure": FAILED,
}
# Names of net precisions, in lower case; the feed keeps them in an open look-up table.
_PRECISIONS = {
    "second": Precision.SECOND,
    "minute": Precision.MINUTE,
    "hour": Precision.HOUR,
    "morning": Precision.DAY,
    "afternoon": Precision.DAY,
    "day": Precision.DAY,
    "week": Precision.MONTH,
    "month": Precision.MONTH,
    "quarter": Precision.QUARTER,
    "half": Precision.HALF,
    "year": Precision.YEAR,
}
_ORBITS = {
    "LEO": "low-earth-orbit",
    "SSO": "sun-synchronous-orbit",
    "PO": "polar-orbit",
    "SUB": "suborbital",
    "MEO": "high-earth-orbit",
    "GTO": "high-earth-orbit",
    "GEO": "high-earth-orbit",
    "GSO": "high-earth-orbit",
    "HEO": "high-earth-orbit",
    "ELLIPTICAL": "high-earth-orbit",
    "DIRECT-GEO": "high-earth-orbit",
    "LO": "moon",
    "TLI": "moon",
    "MARS": "mars",
    "TMI": "mars",
    "HELIO": "deep-space",
    "L1": "deep-space",
    "L2": "deep-space",
    "ESC": "deep-space",
}
# Words in an orbit's name, first match wins.
_ORBIT_WORDS = (
    ("suborbital", "suborbital"),
    ("lunar", "moon"),
    ("moon", "moon"),
    ("mars", "mars"),
    ("heliocentric", "deep-space"),
    ("lagrange", "deep-space"),
    ("interplanetary", "deep-space"),
    ("asteroid", "deep-space"),
    ("venus", "deep-space"),
    ("mercury", "deep-space"),
    ("jupiter", "deep-space"),
    ("solar", "deep-space"),
    ("sun-synchronous", "sun-synchronous-orbit"),
    ("polar", "polar-orbit"),
    ("low earth", "low-earth-orbit"),
    ("geo", "high-earth-orbit"),
    ("medium earth", "high-earth-orbit"),
    ("elliptical", "high-earth-orbit"),
    ("high earth", "high-earth-orbit"),
)
ANY_ORBIT = "earth-orbit"
STATION = "international space station"


@dataclass(frozen=True, kw_only=True)
class FeedRecord:
    """One launch of the schedule, checked. net: UTC, as the feed says it; fail_reason only for failed ones."""

    feed_id: UUID
    name: str
    mission_name: str
    description: str
    supplier_feed_id: str | None
    supplier_name: str
    rocket_feed_id: str | None
    rocket_name: str
    destination_code: str
    place: Place
    net: datetime
    precision: Precision
    outcome: str
    fail_reason: str


@dataclass(frozen=True, kw_only=True)
class FeedProblem:
    """One record that could not be understood."""

    name: str
    field: str
    why: str


def document_parse(content: bytes, *, places: Sequence[KnownPlace]) -> list[FeedRecord | FeedProblem]:
    """
    Read a document: an envelope with `results`, a list of launches, or one launch.

    Raises: FeedUnreadable with the reason as `why` when it is no launch schedule.
    """
    seen: set[UUID] = set()
    return [_record_or_problem(value, number, places, seen) for number, value in enumerate(_records(content), start=1)]


def _records(content: bytes) -> list[Any]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable("it is not UTF-8 text. Save it as UTF-8 and try again.") from error
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise _unreadable("it is nested too deeply to be a launch schedule.") from error
    except json.JSONDecodeError as error:
        raise _unreadable(f"it is not JSON (line {error.lineno}, column {error.colno}: {error.msg}).") from error
    except ValueError as error:  # a number of thousands of digits
        raise _unreadable("it holds a number that is too long to be true.") from error
    if isinstance(document, dict) and isinstance(document.get("results"), list):
        records = document["results"]
        if not records:
            return []
    elif isinstance(document, dict) and _looks_like_launch(document):
        records = [document]
    elif isinstance(document, list):
        records = document
    else:
        records = []
    if not any(_looks_like_launch(record) for record in records):
        raise _unreadable(
            "it is JSON, but no Launch Library 2 launch schedule (an object with a list of launches in `results`)."
        )
    if len(records) > RECORDS_MAX:
        raise _unreadable(f"it holds {len(records):,} launches; {RECORDS_MAX:,} are the most. Split the file.")
    return list(records)


def _looks_like_launch(value: Any) -> bool:
    return isinstance(value, dict) and "id" in value and ("net" in value or ("pad" in value and "rocket" in value))


def _unreadable(why: str) -> errors.FeedUnreadable:
    return errors.FeedUnreadable(why, why=why)


def _record_or_problem(
    value: Any, number: int, places: Sequence[KnownPlace], seen: set[UUID]
) -> FeedRecord | FeedProblem:
    if not isinstance(value, dict):
        return FeedProblem(name=f"record {number}", field="record", why="is not an object")
    title = value.get("name")
    is_sayable = isinstance(title, str) and title.isprintable() and 0 < len(title) <= 2 * NAME_MAX
    name = str(title) if is_sayable else f"record {number}"
    try:
        record = _record(Node(value), places)
        if record.feed_id in seen:
            raise FeedValueWrong("id", "stands in the file twice; the first one counts")
        seen.add(record.feed_id)
    except errors.FeedRecordRefused as error:
        return FeedProblem(name=name, field=error.field, why=error.why)
    return record


def _record(launch: Node, places: Sequence[KnownPlace]) -> FeedRecord:
    feed_id = launch.uuid("id")
    name = launch.line("name", longest=2 * NAME_MAX)
    vehicle, _, payload = (part.strip() for part in name.partition("|"))
    supplier_feed_id, supplier_name = _supplier(launch)
    rocket_feed_id, rocket_name = _rocket(launch, vehicle)
    mission_name, description, destination = _mission(launch, payload or name)
    outcome = _outcome(launch)
    return FeedRecord(
        feed_id=feed_id,
        name=name,
        mission_name=mission_name,
        description=description,
        supplier_feed_id=supplier_feed_id,
        supplier_name=supplier_name,
        rocket_feed_id=rocket_feed_id,
        rocket_name=rocket_name,
        destination_code=destination,
        place=_place(launch, places),
        net=launch.instant("net"),
        precision=_precision(launch),
        outcome=outcome,
        fail_reason=launch.line_or_empty("failreason", longest=2000)[:300] if outcome == FAILED else "",
    )


def _supplier(launch: Node) -> tuple[str | None, str]:
    if not launch.has("launch_service_provider") and launch.has("lsp_name"):
        return None, launch.line("lsp_name", longest=120)
    missing = "is missing; download the schedule with mode=normal"
    provider = launch.node("launch_service_provider", missing=missing)
    return provider.key("id"), provider.line("name", longest=120)


def _rocket(launch: Node, vehicle: str) -> tuple[str | None, str]:
    rocket = launch.node_or_none("rocket")
    if rocket is None:
        if not 1 <= len(vehicle) <= 80 or "|" not in str(launch.value["name"]):
            raise FeedValueWrong("rocket", "is missing, and the name does not begin with one (Rocket | Mission)")
        return None, vehicle
    configuration = rocket.node("configuration")
    field = "full_name" if configuration.line_or_empty("full_name", longest=80) else "name"
    return configuration.key("id"), configuration.line(field, longest=80)


def _mission(launch: Node, fallback: str) -> tuple[str, str, str]:
    if isinstance(launch.value.get("mission"), str):
        orbit = launch.line_or_empty("orbit", longest=80)
        named = launch.line_or_empty("mission", longest=NAME_MAX)
        return named or fallback[:NAME_MAX], "", _destination(orbit, orbit)
    mission = launch.node_or_none("mission")
    if mission is None:
        return fallback[:NAME_MAX], "", ANY_ORBIT
    name = mission.line_or_empty("name", longest=NAME_MAX) or fallback[:NAME_MAX]
    description = mission.prose("description", longest=DESCRIPTION_MAX)
    orbit_node = mission.node_or_none("orbit")
    abbrev = orbit_node.line_or_empty("abbrev", longest=30) if orbit_node else ""
    orbit = orbit_node.line_or_empty("name", longest=80) if orbit_node else ""
    destination = _destination(abbrev, orbit)
    programs = [program.line_or_empty("name", longest=200).lower() for program in launch.nodes("program")]
    # The feed has no orbit for the station: it is told by the programme, or by the mission's own words.
    is_station = STATION in programs or STATION in f"{name} {description}".lower()
    if is_station and destination in ("low-earth-orbit", ANY_ORBIT):
        destination = "iss"
    return name, description, destination


def _destination(abbrev: str, orbit: str) -> str:
    if known := _ORBITS.get(abbrev.upper()):
        return known
    return next((code for word, code in _ORBIT_WORDS if word in orbit.lower()), ANY_ORBIT)


def _place(launch: Node, places: Sequence[KnownPlace]) -> Place:
    if isinstance(launch.value.get("pad"), str) or (not launch.has("pad") and launch.has("location")):
        return place_of_location_text(launch, places)
    return place_of_pad(launch.node("pad", missing="is missing; download the schedule with mode=normal"), places)


def _outcome(launch: Node) -> str:
    status = launch.node_or_none("status")
    if status is None:
        return OPEN
    number = status.value.get("id")
    if isinstance(number, int) and number in _OUTCOMES:
        return _OUTCOMES[number]
    words = (status.line_or_empty("abbrev", longest=60), status.line_or_empty("name", longest=60))
    return next((_OUTCOME_WORDS[word.lower()] for word in words if word.lower() in _OUTCOME_WORDS), OPEN)


def _precision(launch: Node) -> Precision:
    known = launch.node_or_none("net_precision")
    if known is not None:
        word = known.line_or_empty("name", longest=60).lower()
        if re.fullmatch(r"q[1-4]|quarter.*", word):
            word = "quarter"
        elif re.fullmatch(r"h[12]|half.*|(first|second) half.*", word):
            word = "half"
        # What the table does not know is as coarse as can be said.
        return _PRECISIONS.get(word, Precision.YEAR)
    has_date, has_time = launch.flag("tbddate"), launch.flag("tbdtime")
    if has_date is None and has_time is None:
        return Precision.MONTH
    if has_date:
        return Precision.MONTH
    # Later files of 2.0.0 no longer set the flags; midnight of a launch to be determined is a placeholder, not a time.
    status = launch.node_or_none("status")
    is_open = status is not None and status.line_or_empty("name", longest=60).upper() in ("TBD", "TO BE DETERMINED")
    if has_time or (is_open and launch.instant("net").time() == time()):
        return Precision.DAY
    return Precision.MINUTE
