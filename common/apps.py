"""Django's view of the package."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """The bottom layer."""

    name = "common"

    def ready(self) -> None:
        """Wake the worker after each commit that wrote an event."""
        from common import outbox, tasks  # noqa: PLC0415 - models are loaded by now

        outbox.on_publish(tasks.outbox_wake)
