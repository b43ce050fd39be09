"""Django's view of this package."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """The design system of the portals."""

    name = "portals.shared"
    label = "shared"
    verbose_name = "Portals, shared"
