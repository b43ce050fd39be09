"""Django's view of the package."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """The bottom layer."""

    name = "common"

    def ready(self) -> None:
        """Have the worker woken after each commit that wrote an event; make the address parts known."""
        from common import outbox, tasks  # noqa: PLC0415 - models are loaded by now
        from common.web import converters  # noqa: PLC0415

        converters.register()
        outbox.on_publish(tasks.outbox_wake)
