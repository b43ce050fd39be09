"""Messages about bookings and their money."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from finance import selectors as finance_selectors
from notifications import links
from notifications.contents.facts import SaidTrip, said_mission, said_money, said_trip
from notifications.contents.letter import Facts, Letter, Paper, Reader
from notifications.contents.papers import booking_paper, invoice_paper
from notifications.contents.phrases import phrase, said_reason
from notifications.errors import NoLongerApplies


def booking_confirmed(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Confirm a booking to its customer; a booking cancelled meanwhile is told by that message alone."""
    return _to_trip({"trip": _sold_trip(facts, reader, now)}, reader, booking_paper(facts, reader))


def supplier_booking_confirmed(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell the launch desk of seats sold."""
    return _to_supplier({"trip": _sold_trip(facts, reader, now)}, reader)


def booking_cancelled(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a customer what was cancelled, by whom, and what comes back."""
    return _to_trip(_cancellation(facts, reader, now), reader, booking_paper(facts, reader))


def supplier_booking_cancelled(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell the launch desk of seats given back or kept empty."""
    return _to_supplier(_cancellation(facts, reader, now), reader)


def invoice_issued(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a customer that the invoice is there."""
    return _to_invoice(facts, reader, now, label=phrase("open_invoice", reader))


def credit_note_issued(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a customer that the credit note is there."""
    return _to_invoice(facts, reader, now, label=phrase("open_credit_note", reader))


def payment_returned(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a customer that a payment came too late for its seats and goes back by itself."""
    values = _money(facts, reader, now) | {"is_rebooking": facts["is_rebooking"]}
    if values["trip"].status == "confirmed":  # paid again meanwhile, or only the move to another launch failed
        return _to_trip(values, reader)
    return Letter(
        values=values, link=links.trips(), action_label=phrase("see_trips", reader), action_path=links.trips()
    )


def refund_succeeded(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a customer that the money went back; also for a payment that came too late to become a trip."""
    values = _money(facts, reader, now)
    if values["trip"].status == "expired":
        return Letter(
            values=values, link=links.trips(), action_label=phrase("see_trips", reader), action_path=links.trips()
        )
    return _to_trip(values, reader)


def staff_payment_returned(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell finance that a payment bought nothing and goes back."""
    values = _money(facts, reader, now) | {"is_rebooking": facts["is_rebooking"]}
    path = links.employee_booking(values["trip"].reference)
    return Letter(values=values, link=path, action_label=phrase("open_booking", reader), action_path=path)


def staff_refund_failed(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell finance that a refund was refused; not when somebody has seen to it by then."""
    if not finance_selectors.refund_is_failed(refund_id=facts["refund_id"]):
        raise NoLongerApplies("The refund was paid, or is tried again.")
    trip = said_trip(booking_id=facts["booking_id"], reader=reader, now=now)
    path = links.refund_failing(facts["refund_id"])
    values = {"trip": trip, "amount": said_money(facts["amount"], facts["currency"], reader), "error": facts["error"]}
    return Letter(values=values, link=path, action_label=phrase("open_refund", reader), action_path=path)


def _sold_trip(facts: Facts, reader: Reader, now: datetime) -> SaidTrip:
    trip = said_trip(booking_id=facts["booking_id"], reader=reader, now=now)
    if trip.status not in ("confirmed", "completed"):
        raise NoLongerApplies(f"The booking is {trip.status} by now.")
    return trip


def _cancellation(facts: Facts, reader: Reader, now: datetime) -> dict[str, Any]:
    trip = said_trip(booking_id=facts["booking_id"], reader=reader, now=now)
    has_refund, frees_seats = Decimal(facts["refund_amount"]) > 0, bool(facts.get("frees_seats"))
    return {
        "trip": trip,
        "is_whole": facts["is_whole"],
        "count": len(facts["passenger_ids"]),
        "cause": facts["cause"],
        "reason": said_reason(facts["reason"], reader),
        # Who leaves after a slip frees the seats; a launch that is off has none to sell.
        "is_leaving": facts["cause"] == "supplier" and frees_seats,
        "frees_seats": frees_seats,
        "refund": said_money(facts["refund_amount"], facts["refund_currency"], reader),
        "has_refund": has_refund,
        # Something was owed, yet there was nothing left to pay back: goodwill had done so before.
        "is_paid_back": not has_refund and (frees_seats or facts["cause"] == "supplier"),
    }


def _money(facts: Facts, reader: Reader, now: datetime) -> dict[str, Any]:
    return {
        "trip": said_trip(booking_id=facts["booking_id"], reader=reader, now=now),
        "amount": said_money(facts["amount"], facts["currency"], reader),
        "code": facts.get("code", ""),
    }


def _to_invoice(facts: Facts, reader: Reader, now: datetime, *, label: str) -> Letter:
    path = links.invoice(facts["invoice_id"])
    return Letter(
        values=_money(facts, reader, now),
        link=path,
        action_label=label,
        action_path=path,
        papers=(invoice_paper(facts, reader),),
    )


def _to_trip(values: dict[str, Any], reader: Reader, *papers: Paper) -> Letter:
    path = links.trip(values["trip"].reference)
    return Letter(values=values, link=path, action_label=phrase("open_trip", reader), action_path=path, papers=papers)


def _to_supplier(values: dict[str, Any], reader: Reader) -> Letter:
    launch_id = values["trip"].launch_id
    path, values = links.supplier_launch(launch_id), values | {"mission": said_mission(launch_id)}
    return Letter(values=values, link=path, action_label=phrase("see_bookings", reader), action_path=path)
