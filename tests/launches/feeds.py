"""Launch Library 2 documents of our own writing, shaped as each version writes them."""

import json
from pathlib import Path
from uuid import UUID

CANAVERAL = (28.56194122, -80.57735736, 12, "Cape Canaveral, FL, USA", "America/New_York")
ANYWHERE = object()


def feed_id(number: int) -> str:
    return str(UUID(int=number, version=4))


def launch_2_0_0(number: int = 1, **changes) -> dict:
    """2.0.0: tbddate and tbdtime, no precision, coordinates as texts, a country code, no zone, no status abbrev."""
    latitude, longitude, location, place, _ = CANAVERAL
    return {
        "id": feed_id(number),
        "url": f"https://ll.thespacedevs.com/2.0.0/launch/{feed_id(number)}/",
        "launch_library_id": None,
        "slug": f"carrier-7-mission-{number}",
        "name": f"Carrier 7 | Mission {number}",
        "status": {"id": 1, "name": "Go"},
        "net": "2027-03-14T16:35:00Z",
        "window_start": "2027-03-14T16:35:00Z",
        "window_end": "2027-03-14T16:35:00Z",
        "inhold": False,
        "tbdtime": False,
        "tbddate": False,
        "holdreason": "",
        "failreason": "",
        "launch_service_provider": {"id": 900, "name": "Orbital Carriers", "type": "Commercial"},
        "rocket": {
            "id": 4000 + number,
            "configuration": {"id": 70, "name": "Carrier", "family": "Carrier", "full_name": "Carrier 7"},
        },
        "mission": {
            "id": 5000 + number,
            "name": f"Mission {number}",
            "description": "Takes passengers up.\r\n\r\nAnd down.",
            "type": "Tourism",
            "orbit": {"id": 8, "name": "Low Earth Orbit", "abbrev": "LEO"},
        },
        "pad": {
            "id": 87,
            "name": "Pad 1",
            "latitude": str(latitude),
            "longitude": str(longitude),
            "location": {"id": location, "name": place, "country_code": "USA"},
        },
        "program": [],
        **changes,
    }


def launch_2_1_0(number: int = 1, **changes) -> dict:
    """2.1.0: as before, with a status abbreviation."""
    launch = launch_2_0_0(number)
    launch["url"] = launch["url"].replace("2.0.0", "2.1.0")
    launch["status"] = {"id": 1, "name": "Go for Launch", "abbrev": "Go", "description": "Confirmed."}
    return {**launch, **changes}


def launch_2_2_0(number: int = 1, **changes) -> dict:
    """2.2.0: net_precision, zones of places; coordinates and countries still as before."""
    launch = launch_2_1_0(number)
    launch["url"] = launch["url"].replace("2.1.0", "2.2.0")
    for gone in ("tbdtime", "tbddate", "inhold", "launch_library_id"):
        del launch[gone]
    launch["last_updated"] = "2026-11-01T00:17:41Z"
    launch["net_precision"] = {"id": 1, "name": "Minute", "abbrev": "MIN", "description": "To the minute."}
    launch["pad"]["location"]["timezone_name"] = CANAVERAL[4]
    launch["pad"]["country_code"] = "USA"
    return {**launch, **changes}


def launch_2_3_0(number: int = 1, **changes) -> dict:
    """2.3.0: coordinates as numbers, countries as objects, families, no holdreason."""
    launch = launch_2_2_0(number)
    launch["url"] = f"https://ll.thespacedevs.com/2.3.0/launches/{feed_id(number)}/"
    launch["response_mode"] = "normal"
    del launch["holdreason"]
    country = {"id": 2, "name": "United States of America", "alpha_2_code": "US", "alpha_3_code": "USA"}
    pad = launch["pad"]
    pad["latitude"], pad["longitude"], pad["country"] = CANAVERAL[0], CANAVERAL[1], country
    del pad["country_code"], pad["location"]["country_code"]
    pad["location"]["country"] = country
    configuration = launch["rocket"]["configuration"]
    del configuration["family"]
    configuration["families"] = [{"id": 1, "name": "Carrier"}]
    launch["launch_service_provider"]["type"] = {"id": 3, "name": "Commercial"}
    return {**launch, **changes}


def launch_list_mode(number: int = 1, **changes) -> dict:
    """Mode list, as far as 2.2.0: provider, mission, pad and location are texts."""
    return {
        "id": feed_id(number),
        "name": f"Carrier 7 | Mission {number}",
        "status": {"id": 8, "name": "To Be Confirmed", "abbrev": "TBC"},
        "net": "2027-03-14T16:35:00Z",
        "net_precision": {"id": 1, "name": "Minute", "abbrev": "MIN"},
        "lsp_name": "Orbital Carriers",
        "mission": f"Mission {number}",
        "mission_type": "Tourism",
        "pad": "Pad 1",
        "location": "Mahia Peninsula, New Zealand",
        "orbit": "SSO",
        "type": "list",
        **changes,
    }


VERSIONS = {"2.0.0": launch_2_0_0, "2.1.0": launch_2_1_0, "2.2.0": launch_2_2_0, "2.3.0": launch_2_3_0}


def envelope(*launches: object) -> dict:
    return {"count": len(launches), "next": None, "previous": None, "results": list(launches)}


def changed(launch: dict, path: str, value: object) -> dict:
    """Set a value deep inside a launch, by its path; a value of ANYWHERE takes the field away."""
    node = launch
    *way, last = path.split(".")
    for step in way:
        node = node[step]
    if value is ANYWHERE:
        del node[last]
    else:
        node[last] = value
    return launch


def write(folder: Path, document: object, name: str = "feed.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
