"""Addresses below /api/v1/customer/, /supplier/ and /employee/."""

from django.urls import path

from notifications.api import inbox, preferences, queue

customer_urlpatterns = [
    path("mail-preferences/", preferences.CustomerPreferencesView.as_view()),
    path("inbox/", inbox.CustomerInboxView.as_view()),
    path("inbox/read/", inbox.CustomerInboxReadView.as_view()),
    path("inbox/<int:message_id>/read/", inbox.CustomerMessageReadView.as_view()),
]
supplier_urlpatterns = [
    path("mail-preferences/", preferences.SupplierPreferencesView.as_view()),
    path("inbox/", inbox.SupplierInboxView.as_view()),
    path("inbox/read/", inbox.SupplierInboxReadView.as_view()),
    path("inbox/<int:message_id>/read/", inbox.SupplierMessageReadView.as_view()),
]
employee_urlpatterns = [
    path("mail-preferences/", preferences.EmployeePreferencesView.as_view()),
    path("inbox/", inbox.EmployeeInboxView.as_view()),
    path("inbox/read/", inbox.EmployeeInboxReadView.as_view()),
    path("inbox/<int:message_id>/read/", inbox.EmployeeMessageReadView.as_view()),
    path("messages/", queue.QueueView.as_view()),
    path("messages/<id:message_id>/", queue.QueuedMessageView.as_view()),
    path("messages/<id:message_id>/retry/", queue.MessageRetryView.as_view()),
    path("messages/<id:message_id>/cancel/", queue.MessageCancelView.as_view()),
    path("messages/<id:message_id>/mark-sent/", queue.MessageMarkSentView.as_view()),
]
