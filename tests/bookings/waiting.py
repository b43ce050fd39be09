"""Launches without a free seat, and those who wait for one."""

from bookings import services
from bookings.models import WaitingEntry
from common.models import OutboxEvent
from tests.factories import NOW, LaunchFactory, UserFactory, make_booking


def full_launch(seats=2, **fields):
    """A launch without a free seat, and the bookings that have them (one a seat)."""
    launch = LaunchFactory(seats=seats, **fields)
    return launch, [make_booking(launch=launch) for _ in range(seats)]


def join(launch, party=1, *, customer=None, now=NOW):
    return services.waiting_join(customer=customer or UserFactory(), launch_id=launch.pk, party=party, now=now)


def give_back(booking, *, now=NOW):
    """Cancel a whole booking early enough for a refund, so that its seats are free."""
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=now)
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=now)


def offered_to(launch):
    rows = WaitingEntry.objects.filter(launch=launch, status="offered").order_by("pk")
    return [(entry.party, entry.hold.claims.filter(status="held").count()) for entry in rows]


def names():
    return list(
        OutboxEvent.objects.filter(name__startswith="bookings.waiting").order_by("pk").values_list("name", flat=True)
    )
