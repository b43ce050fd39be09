"""Django's view of the package."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """MongoDB behind repositories."""

    name = "documents"
