"""Django's view of the package."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What we tell people."""

    name = "notifications"
