"""Writes: one public function a business action; pages, API, commands and jobs all call these."""

from bookings.services.booking import booking_complete, booking_create, booking_open
from bookings.services.calling_off import launch_call_off
from bookings.services.cancellation import booking_cancel, booking_cancel_for_supplier, cancellation_quote
from bookings.services.confirming import Confirming, booking_confirm
from bookings.services.crush import crush_check
from bookings.services.expiry import holds_expire
from bookings.services.extension import hold_extend, holds_warn
from bookings.services.giving_up import booking_give_up
from bookings.services.goodwill import goodwill_grant
from bookings.services.holds import hold_release, seats_hold
from bookings.services.offering import seats_on_sale_change, seats_return, seats_withdraw
from bookings.services.passenger_input import PassengerInput
from bookings.services.passengers import passenger_change
from bookings.services.rebooking import (
    rebooking_complete,
    rebooking_confirm,
    rebooking_give_up,
    rebooking_open,
    rebookings_expire,
)
from bookings.services.seat_changes import seat_change
from bookings.services.slip_asking import Announcement, slip_open_late, slips_open
from bookings.services.slips import slip_answer, slip_overtake, slips_lapse, slips_remind
from bookings.services.viability import ViabilityReport, ViabilityVerdict, viability_check
from bookings.services.waiting import (
    offer_accept,
    offer_decline,
    waiting_join,
    waiting_leave,
    waiting_list_close,
    waiting_lists_serve,
    waiting_offers_make,
)

__all__ = [
    "Announcement",
    "Confirming",
    "PassengerInput",
    "ViabilityReport",
    "ViabilityVerdict",
    "booking_cancel",
    "booking_cancel_for_supplier",
    "booking_complete",
    "booking_confirm",
    "booking_create",
    "booking_give_up",
    "booking_open",
    "cancellation_quote",
    "crush_check",
    "goodwill_grant",
    "hold_extend",
    "hold_release",
    "holds_expire",
    "holds_warn",
    "launch_call_off",
    "offer_accept",
    "offer_decline",
    "passenger_change",
    "rebooking_complete",
    "rebooking_confirm",
    "rebooking_give_up",
    "rebooking_open",
    "rebookings_expire",
    "seat_change",
    "seats_hold",
    "seats_on_sale_change",
    "seats_return",
    "seats_withdraw",
    "slip_answer",
    "slip_open_late",
    "slip_overtake",
    "slips_lapse",
    "slips_open",
    "slips_remind",
    "viability_check",
    "waiting_join",
    "waiting_leave",
    "waiting_list_close",
    "waiting_lists_serve",
    "waiting_offers_make",
]
