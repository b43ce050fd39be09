"""Django's view of the package."""

from django.apps import AppConfig


class EmployeeConfig(AppConfig):
    """The employee portal."""

    name = "portals.employee"
    label = "employee"
