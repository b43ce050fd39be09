"""Launches and trips in the words of mails: honest dates, amounts with their currency."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bookings import selectors as booking_selectors
from common.dates import Precision, day_text, departure_text, local_date, moment_text
from common.money import format_money
from launches import selectors as launch_selectors
from notifications import policies
from notifications.contents.letter import Reader
from notifications.contents.phrases import said_destination, said_reason, said_title

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
    departure_precision: str


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
    live_total: str
    paid: str
    refunded: str
    has_refund: bool
    policy: tuple[str, ...]


def said_launch(*, launch_id: int, reader: Reader) -> SaidLaunch:
    """Read a launch as it is now."""
    launch: Launch = launch_selectors.launch_get(launch_id=launch_id)
    return SaidLaunch(
        id=launch.pk,
        slug=launch.slug,
        title=said_title(rocket=launch.rocket.name, destination=launch.destination.name, reader=reader),
        mission=launch.mission_name,
        status=launch.status,
        is_on_sale=launch.is_on_sale,
        supplier=launch.supplier.trade_name,
        rocket=launch.rocket.name,
        destination=said_destination(launch.destination.name, reader),
        spaceport=launch.spaceport.name,
        departure=departure_text(
            launch.departure_at, launch.departure_precision, launch.spaceport.time_zone, reader.language
        ),
        departure_for_reader=departure_elsewhere(
            launch.departure_at, launch.departure_precision, launch.spaceport.time_zone, reader
        ),
        price=said_money(launch.price_amount, launch.price_currency, reader),
        reason=said_reason(launch.reason, reader),
        departure_at=launch.departure_at,
        departure_precision=launch.departure_precision,
    )


def said_mission(launch_id: int) -> str:
    """Name a launch as its supplier does."""
    return launch_selectors.launch_get(launch_id=launch_id).mission_name


def said_departure(*, at: str, precision: str, launch_id: int, reader: Reader) -> str:
    """Say a departure that an event carries, in the zone of the launch's spaceport."""
    launch: Launch = launch_selectors.launch_get(launch_id=launch_id)
    return departure_text(datetime.fromisoformat(at), precision, launch.spaceport.time_zone, reader.language)


def departure_elsewhere(at: datetime, precision: str, zone: str, reader: Reader) -> str:
    """Say a departure in the reader's zone, where that adds something: a clock time, and another zone."""
    if not Precision(precision).has_clock_time:
        return ""
    there, here = (departure_text(at, precision, one, reader.language) for one in (zone, reader.time_zone))
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
        title=said_title(rocket=trip.rocket_name, destination=trip.destination_name, reader=reader),
        supplier=trip.supplier_name,
        rocket=trip.rocket_name,
        destination=said_destination(trip.destination_name, reader),
        spaceport=trip.spaceport_name,
        departure=departure_text(trip.departure_at, trip.departure_precision, zone, reader.language),
        departure_for_reader=departure_elsewhere(trip.departure_at, trip.departure_precision, zone, reader),
        seats=tuple(_said_seat(seat, trip.currency, reader) for seat in live),
        cancelled_seats=tuple(_said_seat(seat, trip.currency, reader) for seat in gone),
        total=said_money(trip.total_amount, trip.currency, reader),
        live_total=said_money(sum((seat.price_amount for seat in live), Decimal(0)), trip.currency, reader),
        paid=said_money(trip.paid_amount, trip.currency, reader),
        refunded=said_money(trip.refunded_amount, trip.currency, reader),
        has_refund=trip.refunded_amount > 0,
        policy=tuple(
            policies.refund_sentences(
                tiers=[policies.Tier(months=tier.months_before, percent=tier.refund_percent) for tier in trip.policy],
                prices=[seat.price_amount for seat in live],
                currency=trip.currency,
                departure_at=trip.departure_at,
                zone=zone,
                today=local_date(now, zone),
                language=reader.language,
            )
        ),
    )


def _said_seat(seat: Any, currency: str, reader: Reader) -> SaidSeat:
    return SaidSeat(
        label=seat.label,
        passenger=seat.passenger.full_name if seat.passenger else "",
        price=said_money(seat.price_amount, currency, reader),
    )


def said_money(amount: Decimal | str, currency: str, reader: Reader) -> str:
    """Say an amount, also one that an event carries as text."""
    return format_money(Decimal(amount), currency, reader.language)


def said_day(day: date, reader: Reader) -> str:
    """Say a calendar day."""
    return day_text(day, reader.language)


def said_moment(at: datetime, reader: Reader) -> str:
    """Say an instant in the reader's zone."""
    return moment_text(at, reader.time_zone, reader.language)
