"""Django's view of the package."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """What customers take."""

    name = "bookings"
