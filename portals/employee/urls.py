"""The addresses below /employee/."""

from django.urls import path

from portals.employee.views import (
    bookings,
    events,
    home,
    launches,
    logs,
    messages,
    money,
    people,
    reconciliation,
    refunds,
)

app_name = "employee"
urlpatterns = [
    path("", home.home, name="home"),
    path("inbox/", home.inbox, name="inbox"),
    path("bookings/", bookings.booking_list, name="booking-list"),
    path("bookings/<str:reference>/", bookings.booking_detail, name="booking-detail"),
    path("bookings/<str:reference>/goodwill/", refunds.booking_goodwill, name="booking-goodwill"),
    path("refunds/", refunds.refund_list, name="refund-list"),
    path("refunds/<uuid:refund_id>/retry/", refunds.refund_retry, name="refund-retry"),
    path("refunds/<uuid:refund_id>/paid-by-hand/", refunds.refund_paid_by_hand, name="refund-paid-by-hand"),
    path("invoices/", money.invoice_list, name="invoice-list"),
    path("invoices/<int:invoice_id>/", money.invoice_detail, name="invoice-detail"),
    path("invoices/<int:invoice_id>/pdf/", money.invoice_pdf, name="invoice-pdf"),
    path("statements/", money.statement_list, name="statement-list"),
    path("statements/<int:statement_id>/", money.statement_detail, name="statement-detail"),
    path("statements/<int:statement_id>/pdf/", money.statement_pdf, name="statement-pdf"),
    path("statements/<int:statement_id>/payout/", money.statement_payout, name="statement-payout"),
    path("launches/", launches.launch_list, name="launch-list"),
    path("launches/<int:launch_id>/", launches.launch_detail, name="launch-detail"),
    path("suppliers/", people.supplier_list, name="supplier-list"),
    path("suppliers/<int:supplier_id>/approve/", people.supplier_approve, name="supplier-approve"),
    path("suppliers/<int:supplier_id>/suspend/", people.supplier_suspend, name="supplier-suspend"),
    path("people/", people.user_list, name="user-list"),
    path("messages/", messages.notification_list, name="notification-list"),
    path("messages/<int:notification_id>/<str:action>/", messages.notification_act, name="notification-act"),
    path("mails/", messages.mail_list, name="mail-list"),
    path("mails/<str:name>/", messages.mail_detail, name="mail-detail"),
    path("mails/<str:name>/attachments/<int:index>/", messages.mail_attachment, name="mail-attachment"),
    path("log/", logs.log_list, name="log-list"),
    path("audit/", logs.audit_list, name="audit-list"),
    path("reconciliation/", reconciliation.reconciliation, name="reconciliation"),
    path("reconciliation/<int:run_id>/", reconciliation.run_detail, name="reconciliation-run"),
    path("reconciliation/<int:run_id>/cancel/", reconciliation.run_cancel, name="reconciliation-cancel"),
    path("events/", events.event_list, name="event-list"),
    path("events/<int:failure_id>/retry/", events.event_retry, name="event-retry"),
]
