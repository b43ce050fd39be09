"""The addresses below /employee/."""

from django.urls import path

from portals.employee.views import bookings, events, home, launches, logs, messages, people, reconciliation

app_name = "employee"
urlpatterns = [
    path("", home.home, name="home"),
    path("inbox/", home.inbox, name="inbox"),
    path("bookings/", bookings.booking_list, name="booking-list"),
    path("bookings/<str:reference>/", bookings.booking_detail, name="booking-detail"),
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
