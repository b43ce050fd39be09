"""
Trips: what a customer sees of a booking.

PostgreSQL says which bookings are the customer's, and as of which version; what a trip says is read from Customer
MongoDB, or built from PostgreSQL where that is away or behind (`documents.copies`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch, QuerySet

from bookings import errors
from bookings.enums import BookingStatus
from bookings.models import Booking, Passenger
from bookings.policies import tiers_from
from common import keyset
from documents.copies import Built, Copies, Stored
from documents.records import PolicyTier, TripPassenger, TripPayment, TripRecord, TripSeat
from documents.repositories import Trips

if TYPE_CHECKING:
    from accounts.models import User

# A booking becomes a trip when it is paid; before that it is only an intent.
NOT_TRIPS = (BookingStatus.PENDING, BookingStatus.EXPIRED)


def _bookings() -> QuerySet[Booking]:
    return Booking.objects.select_related(
        "launch__supplier", "launch__rocket", "launch__destination", "launch__spaceport"
    ).prefetch_related(Prefetch("passengers", Passenger.objects.order_by("seat_label", "pk")))


def trip_record(*, booking_id: int) -> TripRecord:
    """Build a trip from PostgreSQL. Raises: BookingNotFound. Two queries."""
    booking = _bookings().filter(pk=booking_id).first()
    if booking is None:
        raise errors.BookingNotFound
    return _record(booking)


def trips_after(*, after: int, limit: int) -> list[TripRecord]:
    """Build trips in booking order, for reconciliation."""
    rows = _bookings().exclude(status__in=NOT_TRIPS).filter(pk__gt=after).order_by("pk")
    return [_record(row) for row in rows[:limit]]


def trips_of(*, booking_ids: Collection[int]) -> list[TripRecord]:
    """Build the trips of some bookings; those that are none (yet) are left out."""
    rows = _bookings().exclude(status__in=NOT_TRIPS).filter(pk__in=booking_ids).order_by("pk")
    return [_record(row) for row in rows]


def trip_count() -> int:
    """Count trips."""
    return Booking.objects.exclude(status__in=NOT_TRIPS).count()


def booking_ids_after(*, launch_ids: Collection[int], after: int, limit: int) -> list[int]:
    """Return bookings of launches with ids above `after`, in order."""
    rows = Booking.objects.filter(launch_id__in=launch_ids, pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


# What a customer sees first: of the coming trips the next to leave, of the past ones the latest.
_COMING = ("launch__departure_at", "id")
_PAST = ("-launch__departure_at", "-id")
_BY_BOOKING = ("-created_at", "-id")


@dataclass(frozen=True)
class TripPage:
    """Trips of one page, and the cursor of the next ('' when this is the last)."""

    trips: list[TripRecord]
    next_cursor: str


def trip_list(*, customer: "User", cursor: str = "", limit: int) -> TripPage:
    """Return a customer's trips, the latest booked first. One query. Raises: InvalidInput (cursor)."""
    return _page(_own(customer), order=_BY_BOOKING, cursor=cursor, limit=limit)


def trips_coming(*, customer: "User", limit: int) -> TripPage:
    """Return a customer's trips that will fly, the next to leave first. One query."""
    return _page(_own(customer).filter(status=BookingStatus.CONFIRMED), order=_COMING, limit=limit)


def trips_past(*, customer: "User", cursor: str = "", limit: int) -> TripPage:
    """Return a customer's other trips, the latest to leave first. One query. Raises: InvalidInput (cursor)."""
    return _page(_own(customer).exclude(status=BookingStatus.CONFIRMED), order=_PAST, cursor=cursor, limit=limit)


def trip_get(*, customer: "User", reference: str) -> TripRecord:
    """Return one of a customer's trips. One query. Raises: BookingNotFound."""
    found = _read(_own(customer).filter(reference=reference.upper()))
    if not found:
        raise errors.BookingNotFound
    return found[0]


def _own(customer: "User") -> "QuerySet[Booking]":
    rows = Booking.objects.filter(customer=customer).exclude(status__in=NOT_TRIPS).select_related("launch")
    return rows.only("version", "created_at", "launch__version", "launch__departure_at")


def _page(rows: "QuerySet[Booking]", *, order: tuple[str, ...], limit: int, cursor: str = "") -> TripPage:
    found = keyset.page(rows=rows, order=order, cursor=cursor, limit=limit)
    return TripPage(_read(found.rows), found.next_cursor)


def _read(rows: "Iterable[Booking]") -> list[TripRecord]:
    wanted = {row.pk: _version(row) for row in rows}
    found = _trips.read(wanted)
    return [found[key] for key in wanted if key in found]


def _version(booking: Booking) -> int:
    # Both parts only grow, so their sum orders all states of the trip.
    return booking.version + booking.launch.version


def _record(booking: Booking) -> TripRecord:
    launch = booking.launch
    is_confirmed = booking.status == BookingStatus.CONFIRMED
    payments = []
    if booking.confirmed_at:
        payments.append(TripPayment(kind="charge", amount=booking.price_amount, status="paid", at=booking.confirmed_at))
    if booking.refund_amount:
        ends = [one.cancelled_at for one in booking.passengers.all() if one.cancelled_at]
        at = booking.cancelled_at or max(ends, default=booking.confirmed_at or booking.created_at)
        payments.append(TripPayment(kind="refund", amount=booking.refund_amount, status="owed", at=at))
    return TripRecord(
        booking_id=booking.pk,
        customer_id=booking.customer_id,
        version=_version(booking),
        reference=booking.reference,
        status=booking.status,
        launch_id=launch.pk,
        launch_slug=launch.slug,
        launch_title=launch.title,
        launch_status=launch.status,
        supplier_name=launch.supplier.trade_name,
        rocket_name=launch.rocket.name,
        rocket_range=launch.rocket.range,
        destination_name=launch.destination.name,
        destination_range=launch.destination.required_range,
        spaceport_name=launch.spaceport.name,
        spaceport_time_zone=launch.spaceport.time_zone,
        departure_at=launch.departure_at,
        departure_precision=launch.departure_precision,
        currency=booking.price_currency,
        total_amount=booking.price_amount,
        paid_amount=booking.price_amount if booking.confirmed_at else booking.price_amount * 0,
        refunded_amount=booking.refund_amount,
        is_cancellable=is_confirmed,
        created_at=booking.created_at,
        confirmed_at=booking.confirmed_at,
        cancelled_at=booking.cancelled_at,
        seats=tuple(
            TripSeat(
                label=one.seat_label,
                price_amount=one.price_amount,
                status="cancelled" if one.cancelled_at else "booked",
                passenger=TripPassenger(
                    full_name=one.full_name, email=one.email, phone=one.phone, birth_date=one.birth_date
                ),
            )
            for one in booking.passengers.all()
        ),
        payments=tuple(payments),
        policy=tuple(
            PolicyTier(months_before=tier.months, refund_percent=tier.percent)
            for tier in tiers_from(booking.policy_tiers)
        ),
    )


def _of_ids(booking_ids: Collection[int]) -> list[TripRecord]:
    return trips_of(booking_ids=booking_ids)


_trips: Copies[TripRecord] = Copies(
    stored=Stored(Trips), built=Built(_of_ids, key=lambda trip: trip.booking_id), version=lambda trip: trip.version
)
