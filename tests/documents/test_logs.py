"""The system log: from a logger to the store, packed where it is of a request, without secrets."""

import logging
import os
from datetime import timedelta

import pytest
from django.utils import timezone

from common import context, logs
from common.context import Origin
from documents import mongo
from documents.repositories import RequestLog, SystemLog, journals
from documents.selectors import log_search
from documents.spool import Spool
from tests.documents.builders import make_log
from tests.documents.log_lines import spooled, stored
from tests.documents.processes import race

pytestmark = pytest.mark.usefixtures("stores")


def test_line_carries_its_context_and_its_extra_facts(logger):
    with context.scope(request_id="r-77", origin=Origin.API, actor_id=9, actor_email="nine@example.com"):
        try:
            raise LookupError("no such seat")
        except LookupError:
            logger.exception("Seat %s is gone", "A1", extra={"launch_id": 3, "labels": {"A1"}, "card_number": "4242"})
    logger.handlers[0].flush()

    (line,) = SystemLog.search(
        day_from=timezone.now().date() - timedelta(days=1), day_to=timezone.now().date(), request_id="r-77"
    )
    assert (line.level, line.logger, line.message) == ("ERROR", "bookings.services", "Seat A1 is gone")
    assert (line.origin, line.actor_id, line.actor_email) == ("api", 9, "nine@example.com")
    assert (line.process_id, line.extra) == (
        os.getpid(),
        {"launch_id": 3, "labels": ["A1"], "card_number": "[masked]"},
    )
    assert line.exception.endswith("LookupError: no such seat")
    assert abs(line.at - timezone.now()) < timedelta(minutes=1)


def test_clean_stop_loses_nothing(logger, settings):
    for number in range(500):
        logger.info("line %s", number)

    logger.handlers[0].close()

    # On a busy machine the store may be slower than the stop is patient; then the rest is on disk.
    assert sorted({*stored(), *spooled(settings)}) == sorted(f"line {number}" for number in range(500))


def test_forked_processes_write_their_own_lines(logger):
    logger.info("before")  # the parent's thread runs and does not exist in the children
    logger.handlers[0].flush()

    race(lambda number: logger.info("from %s", number), count=3)  # they end at once: the stop must flush

    assert sorted(stored()) == ["before", "from 0", "from 1", "from 2"]


def test_planted_secrets_reach_neither_store_nor_disk(logger, settings, mongo_servers):
    def log_it() -> None:
        try:
            raise ValueError("card 4242424242424242")
        except ValueError:
            logger.exception("password=%s", "hunter2", extra={"access_token": "tok-123", "url": "/?token=tok-123"})
        logger.handlers[0].flush()

    log_it()
    mongo_servers.logs.stop()
    log_it()

    on_disk = "".join(path.read_text() for path in settings.LOG_SPOOL_DIR.glob("*"))
    mongo_servers.logs.start()
    mongo.close()  # a new client need not find out first that the server is back
    today = timezone.now().date()
    in_store = repr(SystemLog.search(day_from=today - timedelta(days=1), day_to=today, logger="bookings.services"))
    for text in (on_disk, in_store):
        assert "password=[masked]" in text
        assert not any(secret in text for secret in ("hunter2", "4242424242424242", "tok-123"))


def test_requests_that_went_well_are_packed_and_found_by_their_id_alone(logger, settings, mongo_servers):
    logger.name = logs.REQUESTS
    handler = logger.handlers[0]

    def ask(number: int, level: int = logging.INFO) -> None:
        with context.scope(request_id=f"request-{number:04}", origin=Origin.API, actor_id=number):
            logger.log(level, "GET /trips/ %s", number, extra={"status": 200, logs.KNOWN: True})

    def found(number: int, **more) -> list[tuple]:
        today = timezone.now().date()
        days = {"day_from": today - timedelta(days=1), "day_to": today + timedelta(days=1)}
        lines = log_search(request_id=f"request-{number:04}", **days, **more)
        return [(line.message, line.level, line.actor_id, line.extra) for line in lines]

    for number in range(100):
        ask(number)
    handler.flush()
    mongo_servers.logs.stop()
    for number in range(100, 200):
        ask(number)
    handler.flush()
    mongo_servers.logs.start()
    ask(200)
    ask(200, logging.WARNING)
    logger.handlers[0].close()
    Spool(settings.LOG_SPOOL_DIR).deliver(
        lambda plain: RequestLog.add([journals.line_of_plain(line) for line in plain])
    )  # what a process that ended at once left on disk

    for number in (0, 99, 100, 199):
        assert found(number) == [(f"GET /trips/ {number}", "INFO", number, {"status": 200})]
    assert [level for _, level, *_ in found(200)] == ["WARNING", "INFO"]
    assert (found(7, level="WARNING"), len(found(7, level="INFO"))) == ([], 1)
    assert (found(7, text="no such"), len(found(7, text="trips"))) == ([], 1)
    assert RequestLog.count() < 20


def test_lines_behind_one_that_was_stored_before_an_outage_are_kept_too():
    lines = [make_log(second, request_id=f"request-{second}", extra={"status": 200}) for second in range(3)]

    RequestLog.add(lines[:1])  # stored, but the store's answer was lost, so that it comes again, with what followed
    RequestLog.add(lines)

    assert [RequestLog.of_request(f"request-{second}") for second in range(3)] == [[line] for line in lines]
