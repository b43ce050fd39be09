"""Messages about moves to other launches and about slips."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from bookings import selectors as booking_selectors
from notifications import links
from notifications.contents.facts import (
    SaidTrip,
    said_departure,
    said_launch,
    said_mission,
    said_moment,
    said_money,
    said_trip,
)
from notifications.contents.letter import Facts, Letter, Reader
from notifications.contents.papers import booking_paper
from notifications.contents.phrases import phrase, said_reason
from notifications.errors import NoLongerApplies


def booking_moved(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Confirm a move to the customer: the new launch and seats, and what was paid or comes back."""
    letter = _moved(
        facts, reader, now, path_of=lambda trip: links.trip(trip.reference), label=phrase("open_trip", reader)
    )
    return replace(letter, papers=(booking_paper(facts, reader),))


def supplier_booking_moved(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell the launch desk that seats were exchanged between two of its launches; the price is that of the new ones."""
    letter = _moved(
        facts,
        reader,
        now,
        path_of=lambda trip: links.supplier_launch(trip.launch_id),
        label=phrase("see_bookings", reader),
    )
    trip = letter.values["trip"]
    values = {"trip": replace(trip, total=trip.live_total), "mission": said_mission(trip.launch_id)}
    return replace(letter, values=letter.values | values)


def slip_opened(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a customer of the delay and ask what they want; the button needs no signing in."""
    return _question(facts, reader, now, reason=said_reason(facts["reason"], reader))


def slip_reminded(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Remind a customer of a question that is not answered yet."""
    return _question(facts, reader, now, reason="")


def slip_kept(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Confirm that a booking is kept, by an answer or because none came."""
    trip = said_trip(booking_id=facts["booking_id"], reader=reader, now=now)
    if trip.status != "confirmed":
        raise NoLongerApplies(f"The booking is {trip.status} by now.")
    path = links.trip(trip.reference)
    values = {"trip": trip, "was_answered": facts["outcome"] == "kept"}
    return Letter(values=values, link=path, action_label=phrase("open_trip", reader), action_path=path)


def _question(facts: Facts, reader: Reader, now: datetime, *, reason: str) -> Letter:
    decision = booking_selectors.slip_find(decision_id=facts["decision_id"])
    if decision is None or not booking_selectors.is_answerable(decision, now):
        raise NoLongerApplies("The question about the delay is closed by now.")
    trip = said_trip(booking_id=facts["booking_id"], reader=reader, now=now)
    old = said_departure(
        at=decision.old_departure_at.astimezone(UTC).isoformat(),
        precision=facts.get("old_departure_precision", decision.launch.departure_precision),
        launch_id=decision.launch_id,
        reader=reader,
    )
    values = {
        "trip": trip,
        "old_departure": old,
        "reason": reason,
        "deadline": said_moment(decision.deadline_at, reader),
        "refund": said_money(booking_selectors.slip_amount(decision), decision.booking.price_currency, reader),
    }
    return Letter(
        values=values,
        link=links.trip(trip.reference),
        action_label=phrase("answer_slip", reader),
        action_path=links.slip(facts["decision_id"]),
    )


def _moved(facts: Facts, reader: Reader, now: datetime, *, path_of: Callable[[SaidTrip], str], label: str) -> Letter:
    trip = said_trip(booking_id=facts["booking_id"], reader=reader, now=now)
    if trip.status not in ("confirmed", "completed") or trip.launch_id != facts["to_launch_id"]:
        raise NoLongerApplies("The booking was moved again or cancelled; a later message says so.")
    difference = Decimal(facts["new_price_amount"]) - Decimal(facts["old_price_amount"])
    values = {
        "trip": trip,
        "old_launch": said_launch(launch_id=facts["from_launch_id"], reader=reader),
        "paid": said_money(difference, facts["currency"], reader) if difference > 0 else "",
        "refund": said_money(facts["refund_amount"], facts["currency"], reader)
        if Decimal(facts["refund_amount"])
        else "",
    }
    path = path_of(trip)
    return Letter(values=values, link=path, action_label=label, action_path=path)
