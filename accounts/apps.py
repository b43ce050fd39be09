"""Django's view of the package."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users and credentials."""

    name = "accounts"
