"""Django's view of the package."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What we tell people."""

    name = "notifications"

    def ready(self) -> None:
        """Hear the events of the packages below."""
        from notifications import handlers  # noqa: PLC0415 - models are loaded by now
        from notifications.webhooks import handlers as webhook_handlers  # noqa: PLC0415

        handlers.register()
        webhook_handlers.register()
