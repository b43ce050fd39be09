"""Reads: each starts from the actor and returns only what the actor may see; names without an actor serve services."""

from bookings.selectors.catalogue import (
    CatalogueEntry,
    CataloguePage,
    catalogue_list,
    launch_offer,
    offer_record,
    offers_after,
    offers_of,
)
from bookings.selectors.lists import (
    BookingFilters,
    booking_for_invoice,
    booking_get_for_customer,
    booking_get_for_employee,
    booking_list_for_employee,
    booking_list_for_supplier,
    hold_get,
    launch_takings,
    quote_get,
)
from bookings.selectors.people import customer_ids_of_launch, is_vip, seat_limit, vip_customer_ids
from bookings.selectors.seats import (
    SeatState,
    booking_glance,
    claims_of_hold,
    seat_ids_taken,
    seat_map,
    seats_free,
    seats_sold,
)
from bookings.selectors.trips import trip_get, trip_list, trip_record, trips_after, trips_of

__all__ = [
    "BookingFilters",
    "CatalogueEntry",
    "CataloguePage",
    "SeatState",
    "booking_for_invoice",
    "booking_get_for_customer",
    "booking_get_for_employee",
    "booking_glance",
    "booking_list_for_employee",
    "booking_list_for_supplier",
    "catalogue_list",
    "claims_of_hold",
    "customer_ids_of_launch",
    "hold_get",
    "is_vip",
    "launch_offer",
    "launch_takings",
    "offer_record",
    "offers_after",
    "offers_of",
    "quote_get",
    "seat_ids_taken",
    "seat_limit",
    "seat_map",
    "seats_free",
    "seats_sold",
    "trip_get",
    "trip_list",
    "trip_record",
    "trips_after",
    "trips_of",
    "vip_customer_ids",
]
