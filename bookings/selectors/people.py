"""Who is a VIP, who flies."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count

from bookings.enums import BookingStatus
from bookings.models import Booking

if TYPE_CHECKING:
    from accounts.models import User

VIP_TRIPS = 2  # earlier trips booked and not cancelled (domain.md, Roles)
_KEPT = (BookingStatus.CONFIRMED, BookingStatus.COMPLETED)


def is_vip(*, customer: "User") -> bool:
    """Whether a customer has two or more trips booked and not cancelled."""
    return Booking.objects.filter(customer=customer, status__in=_KEPT).count() >= VIP_TRIPS


def seat_limit(*, customer: "User", now: datetime) -> int:
    """Return how many seats of one launch a customer may have."""
    return settings.SEAT_LIMIT_VIP if is_vip(customer=customer) else settings.SEAT_LIMIT


def vip_customer_ids() -> list[int]:
    """Return all VIPs."""
    return list(
        Booking.objects.filter(status__in=_KEPT)
        .values("customer_id")
        .annotate(trips=Count("pk"))
        .filter(trips__gte=VIP_TRIPS)
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
