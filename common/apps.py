"""Django's view of the package."""

from django.apps import AppConfig
from django.core.signals import request_finished


class CommonConfig(AppConfig):
    """The bottom layer."""

    name = "common"

    def ready(self) -> None:
        """Have the worker woken after each commit with an event; clear the context when an answer is closed."""
        from common import context, outbox, tasks  # noqa: PLC0415 - models are loaded by now
        from common.web import converters  # noqa: PLC0415

        converters.register()
        request_finished.connect(context.clear, dispatch_uid="common.context.clear")
        outbox.on_publish(tasks.outbox_wake)
