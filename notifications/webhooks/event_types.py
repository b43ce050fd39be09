"""
The published catalogue: which of our events receivers may choose, under which name, with which payload.

A name is a promise. A payload that must change in a way that breaks receivers gets a new version, and the old one goes
on beside it for as long as somebody takes it; so far all are version 1.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from notifications.webhooks import payloads

TEST = "webhook.test"
VERSION = 1


@dataclass(frozen=True, kw_only=True)
class EventType:
    """
    A published event.

    source: the name of ours that it is made from. is_money: it carries amounts that are not everybody's to see.
    """

    name: str
    source: str
    description: str
    data: Callable[[Mapping[str, Any]], dict[str, Any]]
    is_money: bool = False


ALL: tuple[EventType, ...] = (
    EventType(
        name="launch.scheduled",
        source="launches.launch.scheduled",
        description="A launch is published: its seats are on sale.",
        data=payloads.launch,
    ),
    EventType(
        name="launch.confirmed",
        source="launches.launch.confirmed",
        description="The supplier will fly it.",
        data=payloads.launch,
    ),
    EventType(
        name="launch.delayed",
        source="launches.launch.delayed",
        description="It leaves later; bookings stay.",
        data=payloads.launch_delayed,
    ),
    EventType(
        name="launch.changed",
        source="launches.launch.changed",
        description="Something else that people see has changed, such as the price.",
        data=payloads.launch_changed,
    ),
    EventType(
        name="launch.aborted",
        source="launches.launch.aborted",
        description="It will not leave; every booking is refunded in full.",
        data=payloads.launch_with_reason,
    ),
    EventType(
        name="launch.launched",
        source="launches.launch.launched",
        description="It has flown.",
        data=payloads.launch,
    ),
    EventType(
        name="launch.failed",
        source="launches.launch.failed",
        description="It left and failed; every booking is refunded in full.",
        data=payloads.launch_with_reason,
    ),
    EventType(
        name="launch.viability_warned",
        source="launches.launch.viability_warned",
        description="Too few seats are sold; it is aborted on a day unless that changes.",
        data=payloads.launch_viability_warned,
    ),
    EventType(
        name="booking.confirmed",
        source="bookings.booking.confirmed",
        description="Seats are sold.",
        data=payloads.booking,
    ),
    EventType(
        name="booking.changed",
        source="bookings.booking.changed",
        description="Details of passengers, or their seats, are others.",
        data=payloads.booking_changed,
    ),
    EventType(
        name="booking.cancelled",
        source="bookings.booking.cancelled",
        description="A booking is cancelled, wholly or for some passengers.",
        data=payloads.booking_cancelled,
    ),
    EventType(
        name="booking.moved",
        source="bookings.booking.moved",
        description="A booking flies on another launch.",
        data=payloads.booking_moved,
    ),
    EventType(
        name="booking.completed",
        source="bookings.booking.completed",
        description="A booking's passengers have flown.",
        data=payloads.booking,
    ),
    EventType(
        name="supplier.approved",
        source="launches.supplier.approved",
        description="The supplier may sell.",
        data=payloads.supplier,
    ),
    EventType(
        name="supplier.suspended",
        source="launches.supplier.suspended",
        description="The supplier may not sell for now.",
        data=payloads.supplier,
    ),
    EventType(
        name="invoice.issued",
        source="finance.supplier_invoice.issued",
        description="The supplier is invoiced for a launch.",
        data=payloads.invoice,
        is_money=True,
    ),
    EventType(
        name="invoice.overdue",
        source="finance.supplier_invoice.overdue",
        description="The supplier's invoice was due and is not paid.",
        data=payloads.invoice,
        is_money=True,
    ),
    EventType(
        name="statement.issued",
        source="finance.statement.issued",
        description="A launch is settled: what its supplier gets.",
        data=payloads.statement,
        is_money=True,
    ),
    EventType(
        name="statement.paid_out",
        source="finance.statement.paid_out",
        description="The payout left our bank account.",
        data=payloads.statement,
        is_money=True,
    ),
)
_BY_NAME = {one.name: one for one in ALL}
_BY_SOURCE = {one.source: one for one in ALL}


def is_published(name: str) -> bool:
    """Tell whether one of our events is told outside at all."""
    return name in _BY_SOURCE


def of_source(name: str) -> EventType:
    """Return the published event that is made from one of ours."""
    return _BY_SOURCE[name]


def unknown(names: Iterable[str]) -> list[str]:
    """Return those of the names that are not published, sorted."""
    return sorted(set(names) - set(_BY_NAME))


def money(names: Iterable[str]) -> list[str]:
    """Return those of the names that carry amounts, sorted."""
    return sorted(name for name in set(names) if _BY_NAME[name].is_money)


def choices(*, with_money: bool) -> list[EventType]:
    """Return what may be chosen, in the order of the catalogue."""
    return [one for one in ALL if with_money or not one.is_money]
