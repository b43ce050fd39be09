"""Django's view of the package."""

from django.apps import AppConfig


class CustomerConfig(AppConfig):
    """The customer portal."""

    name = "portals.customer"
    label = "customer"
