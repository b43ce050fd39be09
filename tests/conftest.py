"""Fixtures for all tests: documents start empty, the stores' breakers are closed."""

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from bookings.selectors import offers
from common import outbox_delivery
from documents import mongo
from documents.logs import MongoLogHandler
from tests import emptying, forks, outside
from tests.browser import browser_type_launch_args

# The browser's here, and not as a plugin, so that it wins over pytest-playwright's own; forks, so that it always holds.
__all__ = ["browser_type_launch_args", "forks"]
# Playwright keeps an event loop in this thread until the end; Django would take our plain calls for asynchronous ones.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
emptying.install()
outside.install()
# How long an example takes says how busy the machine is; no test fails for that.
hypothesis_settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("ours")


@pytest.fixture(autouse=True)
def _fresh_breaker() -> None:
    mongo.forget_failures()
    offers.forget()


@pytest.fixture(autouse=True)
def _no_gateway_in_a_transaction() -> Iterator[None]:
    outside.found.clear()
    yield
    assert not outside.found, f"Asked inside a transaction: {', '.join(outside.found)}."


@pytest.fixture
def deliver() -> Callable[[], int]:
    """Deliver all events to all consumers until nothing is left, as the worker does; needs committed data."""

    def run() -> int:
        handled = 0
        while done := outbox_delivery.deliver_all():
            handled += done
        return handled

    return run


def pytest_unconfigure() -> None:
    """
    Let the log end, and have its console's handler let go of pytest's stream, which is closed before the process ends.

    That handler took hold of it when logging was set up; the last words of a thread would go to a closed file.
    """
    handlers = logging.getLogger().handlers
    for handler in handlers:
        if type(handler) is logging.StreamHandler:
            with contextlib.suppress(ValueError):  # it flushes the old one, which a run that broke has closed already
                handler.setStream(sys.__stderr__)
    for handler in handlers:
        if isinstance(handler, MongoLogHandler):
            handler.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables of figures that tests recorded as `table`; here, so that xdist's workers are heard too."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name == "table" and report.when == "call":
                terminalreporter.section(report.nodeid.rpartition("::")[2], sep="-")
                terminalreporter.line(value)
