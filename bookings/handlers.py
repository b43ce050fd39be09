"""What this package does when something happened: documents follow, launches' fates reach their bookings."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from bookings import selectors, services
from bookings.enums import BookingStatus
from bookings.models import Booking
from common import clock, outbox_consumers, outbox_delivery, outbox_reading
from common.outbox_consumers import Delivered
from documents import reconcile
from documents.errors import DocumentStoreUnavailable
from documents.records import OfferRecord, TripRecord
from documents.repositories import Offers, Trips

_LAUNCH_CHANGED = frozenset(
    f"launches.launch.{name}"
    for name in ("scheduled", "confirmed", "delayed", "aborted", "launched", "failed", "changed")
)
# Every way a seat gets free, or a launch stops selling. A hold that lapses makes no event at its instant: the job
# looks each minute, and whoever wants the seat counts it as free.
_SEATS_FREED = (
    "bookings.hold.released",
    "bookings.booking.cancelled",
    "bookings.booking.expired",
    "bookings.booking.moved",
    "bookings.seats.freed",
    "launches.launch.changed",
    "launches.launch.aborted",
    "launches.launch.launched",
    "launches.launch.failed",
)


_OFFER_CHANGED = frozenset(
    [f"bookings.hold.{name}" for name in ("opened", "released")]
    + [
        f"bookings.booking.{name}"
        for name in ("created", "confirmed", "changed", "cancelled", "expired", "completed", "moved")
    ]
    + list(_LAUNCH_CHANGED)
)
_TRIP_CHANGED = frozenset(
    f"bookings.booking.{name}"
    for name in (
        "created", "confirmed", "changed", "cancelled", "expired", "completed", "moved", "goodwill_granted",
    )
)  # fmt: skip
_AT_ONCE = 100  # documents built together


def documents_write(events: Sequence[Delivered]) -> None:
    """
    Write the offers and trips that events touched, each once however often; never an older over a newer.

    Raises: Unavailable while the document store is away.
    """
    launches = {event.payload["launch_id"] for event in events if event.name in _OFFER_CHANGED}
    launches |= {event.payload["from_launch_id"] for event in events if event.name == "bookings.booking.moved"}
    trips = {event.payload["booking_id"] for event in events if event.name in _TRIP_CHANGED}
    # All trips of a launch whose date, status or names changed.
    changed = {event.payload["launch_id"] for event in events if event.name in _LAUNCH_CHANGED}
    if changed:
        trips |= set(Booking.objects.filter(launch_id__in=changed).values_list("pk", flat=True))
    try:
        for ids in _chunks(launches):
            Offers.put_newer(selectors.offers_of(launch_ids=ids))
        for ids in _chunks(trips):
            Trips.put_newer(selectors.trips_of(booking_ids=ids))
    except DocumentStoreUnavailable as error:
        raise outbox_consumers.Unavailable(str(error)) from error


def _chunks(keys: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def launch_off(event: Delivered) -> None:
    """End everything that hangs on an aborted or failed launch; paid bookings with everything back."""
    services.launch_call_off(launch_id=event.payload["launch_id"], reason=event.payload["reason"], now=clock.now())


def waiting_list_serve(event: Delivered) -> None:
    """Offer what became free to those who wait; where nobody does this is one query."""
    for field in ("launch_id", "from_launch_id"):
        if launch_id := event.payload.get(field):
            services.waiting_offers_make(launch_id=launch_id, now=clock.now())


def slips_ask(event: Delivered) -> None:
    """Ask everybody who booked what they want, when a launch is delayed far."""
    if event.payload["slip_days"] >= settings.SLIP_DAYS:
        services.slips_open(announcement=_announcement(event))


def slip_ask_late(event: Delivered) -> None:
    """
    Ask who paid for seats after a far delay was announced, of a purchase or move that was begun before it.

    One query where the departure stayed, as nearly always.
    """
    told = event.payload
    launch_id = told["launch_id"]
    began_at = selectors.sale_before_new_date(booking_id=told["booking_id"], rebooking_id=told.get("rebooking_id"))
    if began_at is None:
        return
    for delay in outbox_reading.events_about(name="launches.launch.delayed", field="launch_id", subject=launch_id):
        announcement = _announcement(delay)
        if announcement.announced_at >= began_at and delay.payload["slip_days"] >= settings.SLIP_DAYS:
            services.slip_open_late(booking_id=told["booking_id"], announcement=announcement, now=clock.now())
            return


def _announcement(event: Delivered) -> services.Announcement:
    told = event.payload
    return services.Announcement(
        launch_id=told["launch_id"],
        event_id=event.id,
        announced_at=datetime.fromisoformat(told["announced_at"]),
        old_departure_at=datetime.fromisoformat(told["old_departure_at"]),
        old_departure_precision=told["old_departure_precision"],
        departure_at=datetime.fromisoformat(told["departure_at"]),
        reason=told["reason"],
    )


def slip_end(event: Delivered) -> None:
    """Close the question of a booking that is over."""
    services.slip_overtake(booking_id=event.payload["booking_id"], now=clock.now())


def launch_flown(event: Delivered) -> None:
    """Complete every booking of a launch that flew."""
    for booking_id in _confirmed_ids(event):
        services.booking_complete(booking_id=booking_id, now=clock.now())


def _confirmed_ids(event: Delivered) -> list[Any]:
    rows = Booking.objects.filter(launch_id=event.payload["launch_id"], status=BookingStatus.CONFIRMED)
    return list(rows.values_list("pk", flat=True).order_by("pk"))


def offers_in_flight(launch_ids: Collection[int]) -> set[int]:
    """Return the launches with an event that the documents have not seen yet."""
    return outbox_delivery.subjects_in_flight(consumer="documents", field="launch_id", values=launch_ids)


def trips_in_flight(booking_ids: Collection[int]) -> set[int]:
    """Return the bookings with an event, or on a launch with one, that the documents have not seen yet."""
    launches = dict(Booking.objects.filter(pk__in=booking_ids).values_list("pk", "launch_id"))
    moving = outbox_delivery.subjects_in_flight(consumer="documents", field="launch_id", values=set(launches.values()))
    return {booking_id for booking_id, launch_id in launches.items() if launch_id in moving}


def _offer_rows(offers: Sequence[OfferRecord]) -> list[tuple[int, int, OfferRecord]]:
    return [(offer.launch_id, offer.version, offer) for offer in offers]


def _trip_rows(trips: Sequence[TripRecord]) -> list[tuple[int, int, TripRecord]]:
    return [(trip.booking_id, trip.version, trip) for trip in trips]


def _offers_changed(mark: int) -> Iterator[Collection[int]]:
    for field in ("launch_id", "from_launch_id"):
        yield from outbox_reading.subjects_since(mark=mark, field=field)


def _trips_changed(mark: int) -> Iterator[Collection[int]]:
    yield from outbox_reading.subjects_since(mark=mark, field="booking_id")
    for launch_ids in outbox_reading.subjects_since(mark=mark, field="launch_id", event="launches.launch."):
        after = 0
        while ids := selectors.booking_ids_after(launch_ids=launch_ids, after=after, limit=500):
            yield ids
            after = ids[-1]


def register_datasets() -> None:
    """Tell the reconciliation which documents are copies of our rows."""
    reconcile.register(
        reconcile.copies(
            name="offers",
            label="Launch offers",
            source=lambda after, limit: _offer_rows(selectors.offers_after(after=after, limit=limit)),
            repository=Offers,
            fresh=lambda keys: _offer_rows(selectors.offers_of(launch_ids=keys)),
            changed=_offers_changed,
            size=selectors.offer_count,
            in_flight=offers_in_flight,
        )
    )
    reconcile.register(
        reconcile.copies(
            name="trips",
            label="Trips",
            source=lambda after, limit: _trip_rows(selectors.trips_after(after=after, limit=limit)),
            repository=Trips,
            fresh=lambda keys: _trip_rows(selectors.trips_of(booking_ids=keys)),
            changed=_trips_changed,
            size=selectors.trip_count,
            in_flight=trips_in_flight,
        )
    )


def register() -> None:
    """Tell the outbox who hears what."""
    outbox_consumers.register_batch(consumer="documents", event=outbox_consumers.ANY, handler=documents_write)
    for name in ("aborted", "failed"):
        outbox_consumers.register(consumer="bookings", event=f"launches.launch.{name}", handler=launch_off)
    outbox_consumers.register(consumer="bookings", event="launches.launch.launched", handler=launch_flown)
    outbox_consumers.register(consumer="bookings", event="launches.launch.delayed", handler=slips_ask)
    for name in ("confirmed", "moved"):
        outbox_consumers.register(consumer="bookings", event=f"bookings.booking.{name}", handler=slip_ask_late)
    for name in ("cancelled", "completed"):
        outbox_consumers.register(consumer="bookings", event=f"bookings.booking.{name}", handler=slip_end)
    for name in _SEATS_FREED:
        outbox_consumers.register(consumer="bookings", event=name, handler=waiting_list_serve)
