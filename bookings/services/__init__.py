"""Writes: one public function a business action; pages, API, commands and jobs all call these."""

from bookings.services.booking import booking_complete, booking_confirm, booking_create, booking_open
from bookings.services.cancellation import booking_cancel, booking_cancel_for_supplier, cancellation_quote
from bookings.services.expiry import holds_expire
from bookings.services.holds import hold_release, seats_hold
from bookings.services.passenger_input import PassengerInput

__all__ = [
    "PassengerInput",
    "booking_cancel",
    "booking_cancel_for_supplier",
    "booking_complete",
    "booking_confirm",
    "booking_create",
    "booking_open",
    "cancellation_quote",
    "hold_release",
    "holds_expire",
    "seats_hold",
]
