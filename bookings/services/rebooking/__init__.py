"""
Moving a booking to another launch of the same supplier and destination.

Two steps, as with a purchase: `rebooking_open` holds the new seats for a quarter of an hour and says what the move
costs or gives back; `rebooking_complete` exchanges the seats in one transaction, when that is confirmed or paid.
Killed anywhere in between, the booking has its old seats; afterwards it has the new ones. See docs/adr/0009.
"""

from bookings.services.rebooking.completing import rebooking_complete, rebooking_confirm
from bookings.services.rebooking.ending import rebooking_end, rebooking_give_up, rebookings_expire
from bookings.services.rebooking.opening import rebooking_open

__all__ = [
    "rebooking_complete",
    "rebooking_confirm",
    "rebooking_end",
    "rebooking_give_up",
    "rebooking_open",
    "rebookings_expire",
]
