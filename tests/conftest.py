"""Fixtures for all tests: documents start empty, the outbox's breaker is closed."""

from collections.abc import Callable, Iterator

import pytest

from common import outbox


@pytest.fixture(autouse=True)
def _fresh_breaker() -> Iterator[None]:
    outbox._documents_rest_until = 0.0
    yield


@pytest.fixture
def deliver() -> Callable[[], int]:
    """Deliver all events to all consumers until nothing is left, as the worker does; needs committed data."""

    def run() -> int:
        handled = 0
        while done := outbox.deliver_all():
            handled += done
        return handled

    return run
