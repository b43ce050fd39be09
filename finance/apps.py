"""Django's view of the package."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    """Money."""

    name = "finance"

    def ready(self) -> None:
        """Listen to events."""
        from finance import handlers  # noqa: PLC0415 - models are loaded by now

        handlers.register()
