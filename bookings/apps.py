"""Django's view of the package."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """What customers take."""

    name = "bookings"

    def ready(self) -> None:
        """Listen to events."""
        from bookings import handlers  # noqa: PLC0415 - models are loaded by now

        handlers.register()
        handlers.register_datasets()
