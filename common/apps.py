"""Django's view of the package."""

from django.apps import AppConfig
from django.core.signals import request_finished


class CommonConfig(AppConfig):
    """The bottom layer."""

    name = "common"

    def ready(self) -> None:
        """Have the worker woken after each commit with an event; give every request and job a context of its own."""
        from django_q import signals as worker  # noqa: PLC0415

        from common import context, outbox, tasks  # noqa: PLC0415 - models are loaded by now
        from common.web import converters  # noqa: PLC0415

        converters.register()
        request_finished.connect(context.clear, dispatch_uid="common.context.clear")
        worker.pre_execute.connect(tasks.context_begin, dispatch_uid="common.context.begin")
        worker.post_execute_in_worker.connect(context.clear, dispatch_uid="common.context.clear")
        outbox.on_publish(tasks.outbox_wake)
