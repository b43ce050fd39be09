"""
What somebody finds on a restored site, as JSON: `python -m tests.restored EMAIL PASSWORD`, in its environment.

They sign in, read their trips, and book another seat; the worker delivers.
"""

import json
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402 - needs django.setup()

from accounts.backends import EmailBackend  # noqa: E402
from common import outbox_delivery  # noqa: E402
from documents.repositories import AuditTrail, Trips  # noqa: E402
from launches.models import Launch  # noqa: E402
from notifications.models import Notification  # noqa: E402
from tests.factories import make_booking  # noqa: E402


def main(address: str, password: str) -> None:
    """Print it."""
    user = EmailBackend().authenticate(None, username=address, password=password)
    assert user is not None, "nobody can sign in"
    before = told(user)
    deliver()
    late = told(user)
    booking = make_booking(launch=Launch.objects.get(), customer=user, now=timezone.now())
    deliver()
    sys.stdout.write(
        json.dumps(
            {
                "before": before,
                "after delivery": late,
                "new booking": told(user) - late,
                "trip of the new booking": Trips.get(booking.pk).status,
                "audit entries of the new booking": len(AuditTrail.of_object("booking", booking.pk)),
                "trips": len(Trips.of_customer(user.pk)),
            }
        )
    )


def told(user: object) -> int:
    """How many confirmations of bookings the customer was sent."""
    return Notification.objects.filter(receiver=user, template="booking_confirmed").count()


def deliver() -> None:
    """Deliver all that waits."""
    while outbox_delivery.deliver_all():
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
