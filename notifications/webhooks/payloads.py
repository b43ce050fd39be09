"""
What receivers are told: each function makes the `data` of a published event from one of ours.

Published means promised: fields are added, never renamed or removed, within a version. Nothing here names a passenger
or a customer; a booking is its reference and its seats, which is what a supplier's desk works with.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bookings import selectors as booking_selectors
from common.money import round_money
from launches import selectors as launch_selectors
from notifications import links

Payload = Mapping[str, Any]
Data = dict[str, Any]


def launch(payload: Payload) -> Data:
    """Tell of a launch."""
    return {"launch": _launch(payload["launch_id"])}


def launch_with_reason(payload: Payload) -> Data:
    """Tell of a launch that was called off or failed, and why."""
    return {**launch(payload), "reason": payload["reason"]}


def launch_delayed(payload: Payload) -> Data:
    """Tell of a later departure."""
    names = ("reason", "slip_days", "old_departure_at", "old_departure_precision")
    return {**launch(payload), **_picked(payload, names)}


def launch_changed(payload: Payload) -> Data:
    """Tell which of a launch's facts are others now."""
    return {**launch(payload), "fields": sorted(payload["fields"])}


def launch_viability_warned(payload: Payload) -> Data:
    """Tell that too few seats are sold."""
    return {**launch(payload), **_picked(payload, ("seats_sold", "seats_needed", "seats_on_sale", "check_on"))}


def booking(payload: Payload) -> Data:
    """Tell of a booking by its reference and the seats that are its own now."""
    found = launch_selectors.launch_get(launch_id=payload["launch_id"])
    return {
        "booking": {
            "reference": payload["reference"],
            "seats": booking_selectors.seat_labels_of(booking_id=payload["booking_id"]),
        },
        "launch": {"id": found.pk, "slug": found.slug, "mission_name": found.mission_name},
    }


def booking_cancelled(payload: Payload) -> Data:
    """Tell that a booking, or some of its seats, are given up."""
    return {**booking(payload), **_picked(payload, ("is_whole", "cause")), "frees_seats": payload.get("frees_seats")}


def booking_changed(payload: Payload) -> Data:
    """Tell that a booking's passengers or seats are others; not who."""
    return {**booking(payload), "fields": sorted(payload["fields"]), "is_replacement": payload["is_replacement"]}


def booking_moved(payload: Payload) -> Data:
    """Tell that a booking flies on another launch of the same supplier."""
    return {**booking(payload), **_picked(payload, ("from_launch_id", "to_launch_id"))}


def supplier(payload: Payload) -> Data:
    """Tell of a supplier."""
    found = launch_selectors.supplier_get(supplier_id=payload["supplier_id"])
    said = {"id": found.pk, "slug": found.slug, "trade_name": found.trade_name}
    return {"supplier": said, "reason": payload.get("reason", "")}


def invoice(payload: Payload) -> Data:
    """Tell of an invoice to a supplier."""
    currency = payload["currency"]
    return {
        "invoice": {
            "id": payload["invoice_id"],
            "code": payload["code"],
            "launch_id": payload["launch_id"],
            "amount": str(round_money(Decimal(payload["amount"]), currency)),
            "open_amount": str(round_money(Decimal(payload["open_amount"]), currency)),
            "currency": currency,
            "due_on": payload["due_on"],
        }
    }


def statement(payload: Payload) -> Data:
    """Tell of a launch's statement."""
    currency = payload["currency"]
    return {
        "statement": {
            "id": payload["statement_id"],
            "launch_id": payload["launch_id"],
            "payout_amount": str(round_money(Decimal(payload["payout_amount"]), currency)),
            "currency": currency,
        }
    }


def _launch(launch_id: int) -> Data:
    found = launch_selectors.launch_get(launch_id=launch_id)
    return {
        "id": found.pk,
        "version": found.version,
        "slug": found.slug,
        "url": links.absolute(links.launch(found.slug)),
        "mission_name": found.mission_name,
        "title": found.title,
        "status": found.status,
        "supplier": {"id": found.supplier_id, "trade_name": found.supplier.trade_name},
        "rocket": found.rocket.name,
        "destination": {"code": found.destination.code, "name": found.destination.name},
        "spaceport": {
            "code": found.spaceport.code,
            "name": found.spaceport.name,
            "time_zone": found.spaceport.time_zone,
        },
        "departure_at": found.departure_at.isoformat().replace("+00:00", "Z"),
        "departure_precision": found.departure_precision,
        "departure_text": found.departure_text,
        "price_amount": str(round_money(found.price_amount, found.price_currency)),
        "price_currency": found.price_currency,
        "seats_on_sale": found.seats_on_sale,
    }


def _picked(payload: Payload, names: tuple[str, ...]) -> Data:
    return {name: payload[name] for name in names}
