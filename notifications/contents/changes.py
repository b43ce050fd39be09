"""Messages about changed passengers and seats, and about seats that are about to be free again."""

from datetime import datetime
from typing import Any

from bookings import selectors as booking_selectors
from notifications import links
from notifications.contents.facts import said_launch, said_mission, said_moment, said_trip
from notifications.contents.letter import Facts, Letter, Reader
from notifications.contents.papers import booking_paper
from notifications.contents.phrases import phrase
from notifications.errors import NoLongerApplies


def booking_changed(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a customer what of a booking is different now, whoever changed it."""
    values = _change(facts, reader, now)
    path = links.trip(values["trip"].reference)
    return Letter(
        values=values,
        link=path,
        action_label=phrase("open_trip", reader),
        action_path=path,
        papers=(booking_paper(facts, reader),),
    )


def supplier_booking_changed(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell the launch desk that the list of passengers is different now."""
    values = _change(facts, reader, now) | {"mission": said_mission(facts["launch_id"])}
    path = links.supplier_launch(facts["launch_id"])
    return Letter(values=values, link=path, action_label=phrase("see_bookings", reader), action_path=path)


def hold_lapsing(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Warn a customer that held seats are free again in a few minutes, with the page that pays or prolongs."""
    standing = booking_selectors.hold_standing(hold_id=facts["hold_id"], now=now)
    if not standing.is_unpaid:
        raise NoLongerApplies("The seats are paid, given back, or free again.")
    path = links.hold(facts["hold_id"], standing.reference)
    values = {
        "launch": said_launch(launch_id=facts["launch_id"], reader=reader),
        "seats": ", ".join(facts["seat_labels"]),
        "count": len(facts["seat_labels"]),
        "until": said_moment(standing.expires_at, reader),
        "is_extendable": standing.is_extendable,
    }
    return Letter(values=values, link=path, action_label=phrase("finish_booking", reader), action_path=path)


def _change(facts: Facts, reader: Reader, now: datetime) -> dict[str, Any]:
    trip = said_trip(booking_id=facts["booking_id"], reader=reader, now=now)
    if trip.status not in ("confirmed", "completed"):
        raise NoLongerApplies(f"The booking is {trip.status} by now.")
    if trip.launch_id != facts["launch_id"]:
        raise NoLongerApplies("The booking was moved to another launch; a later message says so.")
    return {
        "trip": trip,
        "seats": ", ".join(facts["seat_labels"]),
        "count": len(facts["seat_labels"]),
        "is_seat": "seat" in facts["fields"],
        "is_replacement": facts["is_replacement"],
        "fields": ", ".join(phrase(name, reader) for name in facts["fields"]),
    }
