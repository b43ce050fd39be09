"""
Trips: what a customer sees of a booking.

Pages and API read them from Customer MongoDB; when it is away, or a document is not there yet, the same record is built
from PostgreSQL, and nobody notices.
"""

import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Prefetch, QuerySet

from bookings import errors
from bookings.enums import BookingStatus
from bookings.models import Booking, Passenger
from bookings.policies import tiers_from
from documents.errors import DocumentStoreUnavailable
from documents.records import TripPassenger, TripPayment, TripPolicyTier, TripRecord, TripSeat
from documents.repositories import Trips

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)
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


def trip_list(*, customer: "User") -> list[TripRecord]:
    """Return a customer's trips, the latest booked first."""
    try:
        trips = Trips.of_customer(customer.pk)
    except DocumentStoreUnavailable:
        log.warning("Trips are read from PostgreSQL: Customer MongoDB is away.")
        trips = [_record(row) for row in _bookings().filter(customer=customer).exclude(status__in=NOT_TRIPS)]
    return sorted(trips, key=lambda trip: (trip.created_at, trip.booking_id), reverse=True)


def trip_get(*, customer: "User", reference: str) -> TripRecord:
    """Return one of a customer's trips. Raises: BookingNotFound."""
    booking_id = (
        Booking.objects.filter(customer=customer, reference=reference.upper())
        .exclude(status__in=NOT_TRIPS)
        .values_list("pk", flat=True)
        .first()
    )
    if booking_id is None:
        raise errors.BookingNotFound
    try:
        trip = Trips.get(booking_id)
    except DocumentStoreUnavailable:
        log.warning("A trip is read from PostgreSQL: Customer MongoDB is away.")
        trip = None
    return trip or trip_record(booking_id=booking_id)


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
        # Both parts only grow, so their sum orders all states of the trip.
        version=booking.version + launch.version,
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
            TripPolicyTier(months_before=tier.months, refund_percent=tier.percent)
            for tier in tiers_from(booking.policy_tiers)
        ),
    )
