"""Django's view of the package."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users and credentials."""

    name = "accounts"

    def ready(self) -> None:
        """Register handlers and data sets."""
        from accounts import handlers  # noqa: PLC0415 - models are loaded by now

        handlers.register()
