"""The addresses below /supplier/."""

from django.urls import path

from portals.supplier.views import bookings, home, launches, money, moves, planning, seats, webhooks

app_name = "supplier"
urlpatterns = [
    path("", home.home, name="home"),
    path("inbox/", home.inbox, name="inbox"),
    path("preferences/", home.preferences, name="preferences"),
    path("statements/", money.statement_list, name="statement-list"),
    path("statements/<int:statement_id>/", money.statement_detail, name="statement-detail"),
    path("statements/<int:statement_id>/pdf/", money.statement_pdf, name="statement-pdf"),
    path("invoices/", money.invoice_list, name="invoice-list"),
    path("invoices/<int:invoice_id>/", money.invoice_detail, name="invoice-detail"),
    path("invoices/<int:invoice_id>/pdf/", money.invoice_pdf, name="invoice-pdf"),
    path("launches/", launches.launch_list, name="launch-list"),
    path("launches/new/", planning.launch_new, name="launch-new"),
    path("launches/<int:launch_id>/", launches.launch_detail, name="launch-detail"),
    path("launches/<int:launch_id>/seats/", seats.launch_seats, name="launch-seats"),
    path("launches/<int:launch_id>/edit/", planning.launch_edit, name="launch-edit"),
    path("launches/<int:launch_id>/delete/", planning.launch_delete, name="launch-delete"),
    path("launches/<int:launch_id>/manifest/", bookings.manifest, name="manifest"),
    path("launches/<int:launch_id>/manifest.csv", bookings.manifest_csv, name="manifest-csv"),
    path("launches/<int:launch_id>/delay/", moves.launch_delay, name="launch-delay"),
    path("launches/<int:launch_id>/schedule/", moves.launch_schedule, name="launch-schedule"),
    path("launches/<int:launch_id>/confirm/", moves.launch_confirm, name="launch-confirm"),
    path("launches/<int:launch_id>/abort/", moves.launch_abort, name="launch-abort"),
    path("launches/<int:launch_id>/launched/", moves.launch_launched, name="launch-launched"),
    path("launches/<int:launch_id>/failed/", moves.launch_failed, name="launch-failed"),
    *webhooks.patterns,
]
