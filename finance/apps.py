"""Django's view of the package."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    """Money."""

    name = "finance"
