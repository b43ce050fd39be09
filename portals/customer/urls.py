"""The addresses of the customer portal; mounted at the root."""

from django.urls import path, register_converter

from portals.customer.views import (
    account,
    cancelling,
    catalogue,
    changes,
    invoices,
    moving,
    payment,
    people,
    seats,
    slips,
    trips,
    waiting,
)


class _Reference:
    """A booking's reference; anything else in its place is no page of ours."""

    regex = "[A-Za-z0-9]{6}"

    def to_python(self, value: str) -> str:
        """Take it as it stands; the services do not care about case."""
        return value

    def to_url(self, value: str) -> str:
        """Write it as it stands."""
        return value


register_converter(_Reference, "reference")

app_name = "customer"
urlpatterns = [
    path("", catalogue.home, name="home"),
    path("launches/", catalogue.launch_list, name="launch-list"),
    path("launches/<str:slug>/", catalogue.launch_detail, name="launch-detail"),
    path("launches/<str:slug>/seats/", seats.seats_hold, name="seats-hold"),
    path("launches/<str:slug>/waiting/", waiting.waiting_join, name="waiting-join"),
    path("waiting/<id:entry_id>/", waiting.waiting_detail, name="waiting-detail"),
    path("waiting/<id:entry_id>/leave/", waiting.waiting_leave, name="waiting-leave"),
    path("waiting/<id:entry_id>/accept/", waiting.offer_accept, name="offer-accept"),
    path("waiting/<id:entry_id>/decline/", waiting.offer_decline, name="offer-decline"),
    path("suppliers/", catalogue.supplier_list, name="supplier-list"),
    path("help/", catalogue.help_page, name="help"),
    path("book/<uuid:hold_id>/passengers/", seats.hold_passengers, name="hold-passengers"),
    path("book/<uuid:hold_id>/extension/", changes.hold_extend, name="hold-extend"),
    path("book/<uuid:hold_id>/release/", seats.hold_release, name="hold-release"),
    path("book/<uuid:hold_id>/expired/", seats.hold_expired, name="hold-expired"),
    path("book/<reference:reference>/check/", payment.booking_review, name="booking-review"),
    path("book/<reference:reference>/release/", changes.booking_release, name="booking-release"),
    path("book/<reference:reference>/pay/", payment.booking_pay, name="booking-pay"),
    path("book/<reference:reference>/pay/code/", payment.booking_challenge, name="booking-challenge"),
    path("book/<reference:reference>/pay/give-up/", payment.payment_give_up, name="payment-give-up"),
    path("book/<reference:reference>/pay/wait/", payment.booking_wait, name="booking-wait"),
    path("book/<reference:reference>/done/", payment.booking_done, name="booking-done"),
    path("trips/", trips.trip_list, name="trip-list"),
    path("trips/<reference:reference>/", trips.trip_detail, name="trip-detail"),
    path("trips/<reference:reference>/booking.pdf", trips.trip_pdf, name="trip-pdf"),
    path("trips/<reference:reference>/passengers/", changes.trip_passengers, name="trip-passengers"),
    path("trips/<reference:reference>/passengers/<id:passenger_id>/", changes.passenger_edit, name="passenger-edit"),
    path(
        "trips/<reference:reference>/passengers/<id:passenger_id>/replace/",
        changes.passenger_edit,
        {"is_replacement": True},
        name="passenger-replace",
    ),
    path(
        "trips/<reference:reference>/passengers/<id:passenger_id>/seat/", changes.passenger_seat, name="passenger-seat"
    ),
    path("trips/<reference:reference>/cancel/", cancelling.trip_cancel, name="trip-cancel"),
    path("trips/<reference:reference>/cancel/<uuid:quote_id>/", cancelling.trip_cancel_quote, name="trip-cancel-quote"),
    path("trips/<reference:reference>/cancelled/<uuid:quote_id>/", cancelling.trip_cancelled, name="trip-cancelled"),
    path("trips/<reference:reference>/move/", moving.trip_move, name="trip-move"),
    path("trips/<reference:reference>/move/<str:slug>/", moving.trip_move_seats, name="trip-move-seats"),
    path("trips/<reference:reference>/moving/<uuid:rebooking_id>/", moving.trip_move_check, name="trip-move-check"),
    path(
        "trips/<reference:reference>/moving/<uuid:rebooking_id>/pay/give-up/",
        moving.move_payment_give_up,
        name="move-payment-give-up",
    ),
    path(
        "trips/<reference:reference>/moving/<uuid:rebooking_id>/give-up/",
        moving.trip_move_give_up,
        name="trip-move-give-up",
    ),
    path("slips/<str:token>/", slips.slip, name="slip"),
    path("slips/<str:token>/move/<str:slug>/", slips.slip_move_seats, name="slip-move-seats"),
    path("slips/<str:token>/moving/<uuid:rebooking_id>/", slips.slip_move_check, name="slip-move-check"),
    path("slips/<str:token>/moving/<uuid:rebooking_id>/give-up/", slips.slip_move_give_up, name="slip-move-give-up"),
    path("invoices/", invoices.invoice_list, name="invoice-list"),
    path("invoices/<int:invoice_id>/", invoices.invoice_detail, name="invoice-detail"),
    path("invoices/<int:invoice_id>/pdf/", invoices.invoice_pdf, name="invoice-pdf"),
    path("profile/", account.profile, name="profile"),
    path("preferences/", account.preferences, name="preferences"),
    path("profile/passengers/", people.saved_passengers, name="saved-passengers"),
    path("profile/passengers/add/", people.saved_passenger_add, name="saved-passenger-add"),
    path("profile/passengers/forget/", people.saved_passengers_forget, name="saved-passengers-forget"),
    path("profile/passengers/<slug:passenger_id>/", people.saved_passenger_edit, name="saved-passenger-edit"),
    path(
        "profile/passengers/<slug:passenger_id>/remove/", people.saved_passenger_remove, name="saved-passenger-remove"
    ),
    path("inbox/", account.inbox, name="inbox"),
    path("inbox/read/", account.inbox_read, name="inbox-read"),
]
