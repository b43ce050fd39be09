"""Django's view of the package."""

from django.apps import AppConfig


class LaunchesConfig(AppConfig):
    """What suppliers offer."""

    name = "launches"
