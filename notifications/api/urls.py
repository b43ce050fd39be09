"""Addresses below /api/v1/customer/, /supplier/ and /employee/."""

from django.urls import path

from notifications.api import preferences

customer_urlpatterns = [path("mail-preferences/", preferences.CustomerPreferencesView.as_view())]
supplier_urlpatterns = [path("mail-preferences/", preferences.SupplierPreferencesView.as_view())]
employee_urlpatterns = [path("mail-preferences/", preferences.EmployeePreferencesView.as_view())]
