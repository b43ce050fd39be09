"""The copies in Customer MongoDB, as the worker would have written them, or gone."""

from bookings import selectors
from bookings.selectors import offers
from documents.repositories import Offers, Trips


def copies_written() -> None:
    """Write every offer and trip as it is now; this process remembers none."""
    offers.forget()
    for offer in selectors.offers_after(after=0, limit=1000):
        Offers.put(offer)
    for trip in selectors.trips_after(after=0, limit=1000):
        Trips.put(trip)


def copies_gone() -> None:
    """Remove every offer and trip; this process remembers none."""
    offers.forget()
    Offers.clear()
    Trips.clear()
