"""The system log: from a logger to the store, through outages, without secrets."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from common import context, logs
from common.context import Origin
from documents import mongo, tasks
from documents.logs import MongoLogHandler
from documents.repositories import RequestLog, SystemLog, journals
from documents.selectors import log_search
from documents.spool import Spool
from tests.documents.builders import NOW, make_log
from tests.documents.processes import race

pytestmark = pytest.mark.usefixtures("stores")


@pytest.fixture
def logger(settings, tmp_path):
    """A logger that writes through a handler of its own."""
    settings.LOG_SPOOL_DIR = tmp_path / "spool"
    handler = MongoLogHandler()
    logger = logging.Logger("bookings.services")  # noqa: LOG001 - apart from the registered ones
    logger.addHandler(handler)
    yield logger
    handler.close()


def stored(**filters) -> list[str]:
    today = timezone.now().date()
    days = {"day_from": today - timedelta(days=1), "day_to": today + timedelta(days=1)}
    found = SystemLog.search(**{**days, "logger": "bookings.services", "limit": 10_000, **filters})
    return [line.message for line in reversed(found)]


def spooled(settings) -> list[str]:
    lines = [line for path in settings.LOG_SPOOL_DIR.glob("*.jsonl") for line in path.read_text().splitlines()]
    return [json.loads(line)["message"] for line in lines]


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


def test_lines_wait_on_disk_while_the_store_is_away_and_arrive_in_order(logger, settings, mongo_servers):
    handler = logger.handlers[0]
    logger.info("line 0")
    handler.flush()
    mongo_servers.logs.stop()

    for number in range(1, 301):
        logger.info("line %s", number)
    handler.flush()
    assert spooled(settings) == [f"line {number}" for number in range(1, 301)]

    mongo_servers.logs.start()
    mongo.close()  # a new client need not find out first that the server is back
    logger.info("line 301")
    handler.close()
    second = MongoLogHandler()  # what the closing handler still left on disk goes first in the next one
    logger.handlers[:] = [second]
    logger.info("line 302")
    second.flush()
    second.close()

    assert stored() == [f"line {number}" for number in range(303)]
    assert spooled(settings) == []


def test_clean_stop_loses_nothing(logger, settings):
    for number in range(500):
        logger.info("line %s", number)

    logger.handlers[0].close()

    # On a busy machine the store may be slower than the stop is patient; then the rest is on disk.
    assert sorted({*stored(), *spooled(settings)}) == sorted(f"line {number}" for number in range(500))


STOPPING = """
import logging, os, signal, sys
import django
django.setup()
from documents import logs
logs.STOP_WAIT_S = 0.2
log = logging.getLogger("bookings.services")
log.warning("first")
for handler in logging.getLogger().handlers:
    handler.flush()
os.kill(int(sys.argv[1]), signal.SIGSTOP)  # the store hangs: it neither answers nor refuses
for number in range(300):
    log.warning("line %s", number)
"""


def test_process_that_ends_while_the_store_hangs_leaves_its_lines_on_disk_for_the_next(
    logger, settings, mongo_servers, tmp_path
):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "astrobookings.settings.local",
        "SECRET_KEY": "x",
        "VAR_DIR": str(tmp_path),  # the spool of both is below it
    }
    pid = mongo_servers.logs.pid
    try:
        ended = subprocess.run(
            [sys.executable, "-c", STOPPING, str(pid)], env=environment, stdout=subprocess.DEVNULL, check=False
        )
        # What the thread had in hand may be there twice; its keys make it once in the store.
        assert set(spooled(settings)) == {f"line {number}" for number in range(300)}
    finally:
        os.kill(pid, signal.SIGCONT)

    logger.info("next")
    logger.handlers[0].flush()

    assert ended.returncode == 0
    assert stored() == ["first", *(f"line {number}" for number in range(300)), "next"]
    assert spooled(settings) == []


def test_caller_never_waits_nor_fails_with_store_and_disk_away(logger, settings, mongo_servers, tmp_path):
    (tmp_path / "file").write_text("")
    settings.LOG_SPOOL_DIR = tmp_path / "file"  # no directory can be made here
    mongo_servers.logs.stop()

    began = time.thread_time()  # of this thread alone, however busy the machine is
    for number in range(20_000):
        logger.info("line %s", number)

    # More lines than the queue holds, and all of them taken: what had no room was counted, and nobody was told off.
    assert time.thread_time() - began < 15
    logger.handlers[0].flush()


def test_forked_processes_write_their_own_lines(logger):
    logger.info("before")  # the parent's thread runs and does not exist in the children
    logger.handlers[0].flush()

    race(lambda number: logger.info("from %s", number), count=3)  # they end at once: the stop must flush

    assert sorted(stored()) == ["before", "from 0", "from 1", "from 2"]


def test_lines_of_a_process_that_died_are_delivered_by_another(logger, settings):
    settings.LOG_SPOOL_DIR.mkdir()
    line = {**{n: getattr(make_log(), n) for n in type(make_log()).__slots__}, "at": NOW.isoformat()}
    whole = json.dumps({**line, "message": "last words"})
    (settings.LOG_SPOOL_DIR / "system-log-1.jsonl").write_text(f'{whole}\n{{"key": "cut of')

    logger.info("I am here")
    logger.handlers[0].flush()

    (found,) = SystemLog.search(day_from=NOW.date(), day_to=NOW.date())
    assert found.message == "last words"
    assert list(settings.LOG_SPOOL_DIR.iterdir()) == []


def test_spool_of_a_living_process_is_left_alone(tmp_path):
    mine, theirs = Spool(tmp_path), Spool(tmp_path)
    theirs._path = tmp_path / "system-log-2.jsonl"
    theirs.append([{"key": "theirs"}])
    mine.append([{"key": "mine"}])
    sent = []

    mine.deliver(sent.extend)

    assert sent == [{"key": "mine"}]
    theirs.close()
    mine.deliver(sent.extend)
    assert sent == [{"key": "mine"}, {"key": "theirs"}]


def test_spool_keeps_what_could_not_be_handed_over(tmp_path):
    spool = Spool(tmp_path)
    spool.append([{"key": "1"}])

    with pytest.raises(RuntimeError):
        spool.deliver(lambda lines: (_ for _ in ()).throw(RuntimeError))
    sent = []
    spool.append([{"key": "2"}])
    spool.deliver(sent.extend)

    assert sent == [{"key": "1"}, {"key": "2"}]


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


# --- requests that went well
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


# --- ninety days ------------------------------------------------------------------------------------------------------
def test_old_lines_are_forgotten_in_portions_and_younger_ones_kept(monkeypatch):
    monkeypatch.setattr(journals, "_FORGOTTEN_AT_ONCE", 3)
    portions = []
    delete = mongo.Documents.delete_all

    def counted(documents, where):
        portions.append(delete(documents, where))
        return portions[-1]

    monkeypatch.setattr(mongo.Documents, "delete_all", counted)
    SystemLog.add_many([make_log(second) for second in range(12)])
    SystemLog.add_many([make_log(-90_000), make_log(-40 * 86_400)])

    assert SystemLog.forget_before(NOW + timedelta(seconds=10), back=timedelta(days=2)) == 12

    assert max(portions) <= 3
    left = SystemLog.search(day_from=NOW.date(), day_to=NOW.date())
    assert sorted(line.at for line in left) == [make_log(10).at, make_log(11).at]


def test_job_forgets_lines_of_more_than_ninety_days(monkeypatch):
    now = timezone.now()
    ages = (91, 89)  # days; the store's own index would have removed the first within a minute
    lines = [make_log(0, key=f"{age}", at=now - timedelta(days=age)) for age in ages]
    SystemLog.add_many(lines)
    for line in lines:
        RequestLog.add([line])

    tasks.logs_forget()

    assert [line["key"] for line in RequestLog._documents().find({}, sort=[("key", 1)])] == ["89"]

    assert [line["key"] for line in SystemLog._documents().find({}, sort=[("key", 1)])] == ["89"]
