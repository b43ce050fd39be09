"""Django's view of the package."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """MongoDB behind repositories."""

    name = "documents"

    def ready(self) -> None:
        """Have every event audited."""
        from common import outbox_consumers  # noqa: PLC0415 - models are loaded by now
        from documents import audit, handlers  # noqa: PLC0415

        outbox_consumers.register_batch(
            consumer=audit.CONSUMER, event=outbox_consumers.ANY, handler=handlers.audit_write
        )
