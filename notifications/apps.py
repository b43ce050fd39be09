"""Django's view of the package."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What we tell people."""

    name = "notifications"

    def ready(self) -> None:
        """Hear the events of the packages below."""
        from notifications import handlers  # noqa: PLC0415 - models are loaded by now

        handlers.register()
