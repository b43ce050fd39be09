"""Django's view of the package."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """MongoDB behind repositories."""

    name = "documents"

    def ready(self) -> None:
        """Have every event audited."""
        from common import outbox  # noqa: PLC0415 - models are loaded by now
        from documents import handlers  # noqa: PLC0415

        outbox.register(consumer="audit", event=outbox.ANY, handler=handlers.audit_record)
