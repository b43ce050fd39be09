"""Addresses below /api/v1/customer/, /supplier/ and /employee/."""

from django.urls import path

from bookings.api import changes, offering, rebooking, slips, trips, views, waiting

customer_urlpatterns = [
    path("launches/", views.LaunchListView.as_view()),
    path("launches/<id:launch_id>/", views.LaunchView.as_view()),
    path("holds/", views.HoldListView.as_view()),
    path("holds/<uuid:hold_id>/", views.HoldView.as_view()),
    path("holds/<uuid:hold_id>/extension/", changes.ExtensionView.as_view()),
    path("bookings/", views.BookingListView.as_view()),
    path("bookings/<slug:reference>/", views.BookingView.as_view()),
    path("bookings/<slug:reference>/cancellation-quotes/", views.QuoteListView.as_view()),
    path("bookings/<slug:reference>/cancellation/", views.CancellationView.as_view()),
    path("bookings/<slug:reference>/passengers/<id:passenger_id>/", changes.PassengerView.as_view()),
    path("bookings/<slug:reference>/passengers/<id:passenger_id>/replacement/", changes.ReplacementView.as_view()),
    path("bookings/<slug:reference>/passengers/<id:passenger_id>/seat/", changes.SeatView.as_view()),
    path("bookings/<slug:reference>/rebookings/", rebooking.RebookingListView.as_view()),
    path("rebookings/<uuid:rebooking_id>/", rebooking.RebookingView.as_view()),
    path("rebookings/<uuid:rebooking_id>/confirmation/", rebooking.RebookingConfirmationView.as_view()),
    path("trips/", trips.TripListView.as_view()),
    path("trips/<slug:reference>/", trips.TripView.as_view()),
    path("slips/", slips.SlipListView.as_view()),
    path("slips/<uuid:decision_id>/answer/", slips.SlipAnswerView.as_view()),
    path("waiting/", waiting.WaitingListView.as_view()),
    path("waiting/<id:entry_id>/", waiting.WaitingEntryView.as_view()),
    path("waiting/<id:entry_id>/accept/", waiting.OfferAcceptView.as_view()),
    path("waiting/<id:entry_id>/decline/", waiting.OfferDeclineView.as_view()),
]
supplier_urlpatterns = [
    path("launches/<id:launch_id>/bookings/", views.SupplierBookingListView.as_view()),
    path("launches/<id:launch_id>/seats/", offering.SeatListView.as_view()),
    path("launches/<id:launch_id>/seats/withdrawals/", offering.WithdrawalView.as_view()),
    path("launches/<id:launch_id>/seats/returns/", offering.ReturnView.as_view()),
    path("launches/<id:launch_id>/seats/on-sale/", offering.SeatsOnSaleView.as_view()),
    path("launches/<id:launch_id>/delay/preview/", slips.DelayPreviewView.as_view()),
    path("launches/<id:launch_id>/waiting/", waiting.SupplierWaitingView.as_view()),
]
employee_urlpatterns = [
    path("launches/<id:launch_id>/waiting/", waiting.EmployeeWaitingView.as_view()),
    path("bookings/", views.EmployeeBookingListView.as_view()),
    path("bookings/<slug:reference>/", views.EmployeeBookingView.as_view()),
    path("bookings/<slug:reference>/passengers/<id:passenger_id>/", changes.EmployeePassengerView.as_view()),
    path(
        "bookings/<slug:reference>/passengers/<id:passenger_id>/replacement/", changes.EmployeeReplacementView.as_view()
    ),
]
