"""What a move of a launch would do to those who booked, and the day's figures for employees."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum

from bookings import access
from bookings.enums import BookingStatus
from bookings.models import Booking, Passenger
from bookings.selectors.refundable import comes_back

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, kw_only=True)
class LaunchEffect:
    """Bookings that a change of a launch touches; `refundable` is what would go back if it were called off."""

    bookings: int
    passengers: int
    pending: int
    refundable: Decimal


def launch_effect(*, launch_id: int) -> LaunchEffect:
    """Count who is touched; the caller has checked that the actor may see the launch. Two queries."""
    confirmed = Q(status=BookingStatus.CONFIRMED)
    money = (
        Booking.objects.filter(launch_id=launch_id)
        .annotate(comes_back=comes_back())
        .aggregate(
            bookings=Count("pk", filter=confirmed),
            pending=Count("pk", filter=Q(status=BookingStatus.PENDING)),
            refundable=Sum("comes_back", filter=confirmed),
        )
    )
    passengers = Passenger.objects.filter(
        booking__launch_id=launch_id, booking__status=BookingStatus.CONFIRMED, cancelled_at=None
    ).count()
    return LaunchEffect(
        bookings=money["bookings"],
        passengers=passengers,
        pending=money["pending"],
        refundable=money["refundable"] or Decimal(0),
    )


def launches_refundable(*, launch_ids: Collection[int]) -> dict[int, Decimal]:
    """Sum what would go back if launches were called off; the caller has checked who asks. One query."""
    rows = Booking.objects.filter(launch_id__in=launch_ids, status=BookingStatus.CONFIRMED)
    sums = rows.annotate(comes_back=comes_back()).order_by().values_list("launch_id").annotate(Sum("comes_back"))
    found = dict(sums)
    return {launch_id: found.get(launch_id, Decimal(0)) for launch_id in launch_ids}


def manifest(*, launch_id: int) -> list[Passenger]:
    """
    Return who flies: the passengers of confirmed and flown bookings, by seat, with their bookings.

    The caller has checked that the actor may see their particulars. One query.
    """
    rows = Passenger.objects.filter(
        booking__launch_id=launch_id,
        booking__status__in=(BookingStatus.CONFIRMED, BookingStatus.COMPLETED),
        cancelled_at=None,
    ).select_related("booking", "claim__launch_seat")
    return list(rows.order_by("claim__launch_seat__row", "claim__launch_seat__column", "pk"))


@dataclass(frozen=True, kw_only=True)
class BookingFigures:
    """How business goes: paid bookings since an instant, and those that wait for payment now."""

    confirmed: int
    pending: int


def booking_figures(*, actor: "User", since: datetime) -> BookingFigures:
    """Count bookings for an employee. Raises: Forbidden. One query."""
    access.employee_check(actor)
    counted = Booking.objects.aggregate(
        confirmed=Count("pk", filter=Q(confirmed_at__gte=since)),
        pending=Count("pk", filter=Q(status=BookingStatus.PENDING)),
    )
    return BookingFigures(**counted)
