"""Django's view of the package."""

from django.apps import AppConfig


class SupplierConfig(AppConfig):
    """The supplier portal."""

    name = "portals.supplier"
    label = "supplier"
