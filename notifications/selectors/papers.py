"""Documents of messages, for who wants one again."""

from datetime import datetime
from typing import TYPE_CHECKING

from bookings import selectors as booking_selectors
from notifications.contents import Reader, papers
from notifications.contents.facts import said_trip

if TYPE_CHECKING:
    from accounts.models import User


def booking_confirmation(*, customer: "User", reference: str, now: datetime) -> tuple[str, bytes]:
    """
    Print one of a customer's bookings as it stands, in the customer's language.

    Returns: the file's name and its content. Raises: BookingNotFound.
    """
    own = booking_selectors.trip_get(customer=customer, reference=reference)
    reader = Reader(
        user_id=customer.pk,
        name=customer.get_full_name(),
        time_zone=customer.time_zone,
        language=customer.language,
    )
    trip = said_trip(booking_id=own.booking_id, reader=reader, now=now)
    return papers.file_name(own.reference, reader), papers.booking_pdf(trip, reader)
