"""Launches to move between, and the two steps of a move."""

from datetime import UTC, datetime

from bookings import services
from bookings.models import Booking, SeatClaim, SlipDecision
from common.models import OutboxEvent
from tests.factories import NOW, LaunchFactory

LATER = datetime(2028, 6, 1, 14, 30, tzinfo=UTC)


def sister(launch, **changes):
    """Another launch of the same supplier and destination."""
    values = {
        "rocket": launch.rocket,
        "destination": launch.destination,
        "spaceport": launch.spaceport,
        "departure_at": LATER,
        "price_amount": launch.price_amount,
        **changes,
    }
    return LaunchFactory(**values)


def open_move(booking, target, *, now=NOW, **arguments):
    return services.rebooking_open(
        customer=booking.customer, reference=booking.reference, launch_id=target.pk, now=now, **arguments
    )


def confirm(move, *, now=NOW):
    return services.rebooking_confirm(customer=move.booking.customer, rebooking_id=move.pk, now=now)


def live_seats(launch):
    rows = SeatClaim.objects.filter(launch=launch, status__in=["held", "sold"])
    return sorted(rows.values_list("launch_seat__label", "status"))


def moved_event():
    return OutboxEvent.objects.get(name="bookings.booking.moved").payload


def priced(target, amount):
    target.price_amount = amount
    target.save()


def seat_ids(target, *labels):
    return list(target.seats.filter(label__in=labels).values_list("pk", flat=True))


def state():
    """What stands in the tables of bookings, to be compared."""
    return (
        list(Booking.objects.order_by("pk").values_list("launch_id", "status", "version")),
        list(SeatClaim.objects.order_by("pk").values_list("status", flat=True)),
        list(SlipDecision.objects.values_list("status", flat=True)),
        OutboxEvent.objects.count(),
    )
