"""Both document stores, real, with their indexes and validators, empty at the start of each test."""

import logging
from collections.abc import Iterator

import pytest

from documents import mongo, reconcile, repositories
from documents.logs import MongoLogHandler


@pytest.fixture(scope="session")
def _ensured_stores() -> None:
    for repository in repositories.ALL:
        repository.ensure()


@pytest.fixture
def stores(_ensured_stores) -> None:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, MongoLogHandler):
            handler.flush()  # what earlier tests logged must not arrive in this one
    for repository in repositories.ALL:
        repository.clear()


@pytest.fixture
def short_timeouts(settings) -> Iterator[None]:
    """Have this process find out fast that a store is away."""
    mongo.close()
    settings.MONGODB_TIMEOUT_S = 0.3
    yield
    mongo.close()


@pytest.fixture
def logger(settings, tmp_path):
    """A logger that writes through a handler of its own."""
    settings.LOG_SPOOL_DIR = tmp_path / "spool"
    handler = MongoLogHandler()
    logger = logging.Logger("bookings.services")  # noqa: LOG001 - apart from the registered ones
    logger.addHandler(handler)
    yield logger
    handler.close()


@pytest.fixture
def registry(monkeypatch):
    """No data set but the test's own."""
    monkeypatch.setattr(reconcile, "_registered", {})
