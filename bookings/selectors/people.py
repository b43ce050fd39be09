"""Who is a VIP, who flies."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count

from bookings.enums import BookingStatus
from bookings.models import Booking

if TYPE_CHECKING:
    from accounts.models import User

_KEPT = (BookingStatus.CONFIRMED, BookingStatus.COMPLETED)


def is_vip(*, customer: "User", launch_id: int | None = None, moving_booking_id: int | None = None) -> bool:
    """
    Whether a customer has `settings.VIP_TRIPS` or more earlier trips booked and not cancelled.

    Args:
        launch_id: the launch that is being booked: what the customer has on it is no earlier trip, and neither is
        moving_booking_id: a booking that is about to move to it.
    """
    trips = Booking.objects.filter(customer=customer, status__in=_KEPT)
    if launch_id is not None:
        trips = trips.exclude(launch_id=launch_id)
    if moving_booking_id is not None:
        trips = trips.exclude(pk=moving_booking_id)
    return trips.count() >= settings.VIP_TRIPS


def seat_limit(*, customer: "User", launch_id: int | None = None, moving_booking_id: int | None = None) -> int:
    """Return how many seats of a launch, or of one that is not chosen yet, a customer may have; as `is_vip`."""
    is_one = is_vip(customer=customer, launch_id=launch_id, moving_booking_id=moving_booking_id)
    return settings.SEAT_LIMIT_VIP if is_one else settings.SEAT_LIMIT


def vip_customer_ids() -> list[int]:
    """Return all VIPs."""
    return list(
        Booking.objects.filter(status__in=_KEPT)
        .values("customer_id")
        .annotate(trips=Count("pk"))
        .filter(trips__gte=settings.VIP_TRIPS)
        .values_list("customer_id", flat=True)
        .order_by("customer_id")
    )


def customer_ids_of_launch(*, launch_id: int) -> list[int]:
    """Return the customers with a confirmed or flown booking on a launch; who left hears no more of it."""
    return list(
        Booking.objects.filter(launch_id=launch_id, confirmed_at__isnull=False)
        .exclude(status=BookingStatus.CANCELLED)
        .values_list("customer_id", flat=True)
        .distinct()
        .order_by("customer_id")
    )
