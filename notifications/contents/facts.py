"""Launches and trips in the words of mails: honest dates, amounts with their currency."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bookings import selectors as booking_selectors
from common.dates import Precision, departure_text, local_date
from common.money import format_money
from launches import selectors as launch_selectors
from notifications import policies
from notifications.contents.letter import Reader

if TYPE_CHECKING:
    from documents.records import TripRecord
    from launches.models import Launch


@dataclass(frozen=True, kw_only=True)
class SaidLaunch:
    """A launch as a mail names it."""

    id: int
    slug: str
    title: str
    mission: str
    status: str
    is_on_sale: bool
    supplier: str
    rocket: str
    destination: str
    spaceport: str
    departure: str
    departure_for_reader: str
    price: str
    reason: str
    departure_at: datetime


@dataclass(frozen=True, kw_only=True)
class SaidSeat:
    """A seat and who flies on it."""

    label: str
    passenger: str
    price: str


@dataclass(frozen=True, kw_only=True)
class SaidTrip:
    """A booking as a mail names it."""

    id: int
    reference: str
    status: str
    launch_id: int
    launch_status: str
    title: str
    supplier: str
    rocket: str
    destination: str
    spaceport: str
    departure: str
    departure_for_reader: str
    seats: tuple[SaidSeat, ...]
    cancelled_seats: tuple[SaidSeat, ...]
    total: str
    paid: str
    refunded: str
    policy: tuple[str, ...]


def said_launch(*, launch_id: int, reader: Reader) -> SaidLaunch:
    """Read a launch as it is now."""
    launch: Launch = launch_selectors.launch_get(launch_id=launch_id)
    return SaidLaunch(
        id=launch.pk,
        slug=launch.slug,
        title=launch.title,
        mission=launch.mission_name,
        status=launch.status,
        is_on_sale=launch.is_on_sale,
        supplier=launch.supplier.trade_name,
        rocket=launch.rocket.name,
        destination=launch.destination.name,
        spaceport=launch.spaceport.name,
        departure=launch.departure_text,
        departure_for_reader=departure_elsewhere(
            launch.departure_at, launch.departure_precision, launch.spaceport.time_zone, reader
        ),
        price=format_money(launch.price_amount, launch.price_currency),
        reason=launch.reason,
        departure_at=launch.departure_at,
    )


def said_departure(*, at: str, precision: str, launch_id: int) -> str:
    """Say a departure that an event carries, in the zone of the launch's spaceport."""
    launch: Launch = launch_selectors.launch_get(launch_id=launch_id)
    return departure_text(datetime.fromisoformat(at), precision, launch.spaceport.time_zone)


def departure_elsewhere(at: datetime, precision: str, zone: str, reader: Reader) -> str:
    """Say a departure in the reader's zone, where that adds something: a clock time, and another zone."""
    if not Precision(precision).has_clock_time:
        return ""
    there, here = departure_text(at, precision, zone), departure_text(at, precision, reader.time_zone)
    return "" if there == here else here


def said_trip(*, booking_id: int, reader: Reader, now: datetime) -> SaidTrip:
    """Read a booking as it is now, from PostgreSQL."""
    trip: TripRecord = booking_selectors.trip_record(booking_id=booking_id)
    live = [seat for seat in trip.seats if seat.status != "cancelled"]
    gone = [seat for seat in trip.seats if seat.status == "cancelled"]
    zone = trip.spaceport_time_zone
    return SaidTrip(
        id=trip.booking_id,
        reference=trip.reference,
        status=trip.status,
        launch_id=trip.launch_id,
        launch_status=trip.launch_status,
        title=trip.launch_title,
        supplier=trip.supplier_name,
        rocket=trip.rocket_name,
        destination=trip.destination_name,
        spaceport=trip.spaceport_name,
        departure=departure_text(trip.departure_at, trip.departure_precision, zone),
        departure_for_reader=departure_elsewhere(trip.departure_at, trip.departure_precision, zone, reader),
        seats=tuple(_said_seat(seat, trip.currency) for seat in live),
        cancelled_seats=tuple(_said_seat(seat, trip.currency) for seat in gone),
        total=format_money(trip.total_amount, trip.currency),
        paid=format_money(trip.paid_amount, trip.currency),
        refunded=format_money(trip.refunded_amount, trip.currency),
        policy=tuple(
            policies.refund_sentences(
                tiers=[policies.Tier(months=tier.months_before, percent=tier.refund_percent) for tier in trip.policy],
                prices=[seat.price_amount for seat in live],
                currency=trip.currency,
                departure_at=trip.departure_at,
                zone=zone,
                today=local_date(now, zone),
            )
        ),
    )


def _said_seat(seat: Any, currency: str) -> SaidSeat:
    return SaidSeat(
        label=seat.label,
        passenger=seat.passenger.full_name if seat.passenger else "",
        price=format_money(seat.price_amount, currency),
    )


def said_money(amount: str, currency: str) -> str:
    """Say an amount that an event carries as text."""
    return format_money(Decimal(amount), currency)
