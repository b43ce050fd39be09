"""Journeys start with empty document stores and mails that become files."""

import pytest

from documents.repositories import ALL


@pytest.fixture(autouse=True)
def _empty_stores(settings, tmp_path, transactional_db):
    settings.EMAIL_BACKEND = "notifications.mail.FileBackend"
    settings.MAIL_DIR = tmp_path / "mail"
    for repository in ALL:
        repository.clear()
