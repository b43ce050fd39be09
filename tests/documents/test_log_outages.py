"""The system log while its store is away, hangs or is slow: lines wait on disk, and callers do not wait at all."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from documents import logs as log_writer
from documents import mongo
from documents.logs import MongoLogHandler
from documents.repositories import SystemLog, journals
from documents.spool import Spool
from tests.documents.builders import NOW, make_log
from tests.documents.log_lines import spooled, stored

pytestmark = pytest.mark.usefixtures("stores")


def left_behind(settings, name: str = "system-log-1.jsonl", **fields) -> Path:
    """Leave the line of a process that ended on disk; return its file."""
    settings.LOG_SPOOL_DIR.mkdir(exist_ok=True)
    file = settings.LOG_SPOOL_DIR / name
    file.write_text(json.dumps(journals.line_to_plain(make_log()) | fields) + "\n")
    return file


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


def test_caller_never_fails_with_store_and_disk_away(logger, settings, mongo_servers, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    settings.LOG_SPOOL_DIR = tmp_path / "file"  # no directory can be made here
    mongo_servers.logs.stop()

    for number in range(20_000):  # more than the queue holds
        logger.info("line %s", number)

    logger.handlers[0].flush()
    assert "Logging error" not in capsys.readouterr().err


def test_caller_with_a_full_queue_does_not_wait_while_what_waited_is_handed_over(logger, settings, monkeypatch):
    monkeypatch.setattr(log_writer, "QUEUE_LINES", 5)
    is_under_way, may_go_on = threading.Event(), threading.Event()
    add_many = SystemLog.add_many

    def slow(lines):
        is_under_way.set()
        assert may_go_on.wait(60)
        return add_many(lines)

    monkeypatch.setattr(SystemLog, "add_many", slow)
    left_behind(settings, message="of an outage")

    logger.info("line 0")  # its batch hands over first what waited
    assert is_under_way.wait(60)
    for number in range(1, 6):
        logger.info("line %s", number)
    callers = [threading.Thread(target=logger.info, args=("line %s", number)) for number in (6, 7)]
    for caller in callers:
        caller.start()
        caller.join(30)
    are_waiting = [caller.is_alive() for caller in callers]
    on_disk = spooled(settings)
    may_go_on.set()
    logger.handlers[0].close()

    assert are_waiting == [False, False]
    assert sorted(on_disk) == ["line 6", "line 7", "of an outage"]
    left = Spool(settings.LOG_SPOOL_DIR)  # a slow machine may have stopped before it took these
    left.deliver(lambda plain: add_many([journals.line_of_plain(line) for line in plain]))
    assert stored() == [f"line {number}" for number in range(8)]
    assert spooled(settings) == []


def test_lines_of_another_version_on_disk_keep_nothing_back(logger, settings, caplog):
    left_behind(settings, "system-log-1.jsonl", message="with a field of before", room="bridge")
    (settings.LOG_SPOOL_DIR / "system-log-2.jsonl").write_text('"no line"\n{"key": "without the rest"}\n')
    left_behind(settings, "system-log-3.jsonl", message="later", key=make_log(1).key)

    logger.info("I am here")
    logger.handlers[0].flush()

    found = SystemLog.search(day_from=NOW.date(), day_to=NOW.date())
    assert sorted(line.message for line in found) == ["later", "with a field of before"]
    assert stored() == ["I am here"]
    assert list(settings.LOG_SPOOL_DIR.iterdir()) == []
    told = [record.message for record in caplog.records if "cannot be read" in record.message]
    assert [text.rpartition(": ")[2] for text in told] == ["no line", "'without the rest'}"]


def test_lines_of_a_process_that_died_are_delivered_by_another(logger, settings):
    file = left_behind(settings, message="last words")
    file.write_text(file.read_text() + '{"key": "cut of')

    logger.info("I am here")
    logger.handlers[0].flush()

    (found,) = SystemLog.search(day_from=NOW.date(), day_to=NOW.date())
    assert found.message == "last words"
    assert list(settings.LOG_SPOOL_DIR.iterdir()) == []


FULL_DISK = """
import logging, resource, sys
import django
django.setup()
from django.conf import settings
from documents.logs import MongoLogHandler
from documents.errors import DocumentStoreUnavailable
from documents.repositories import SystemLog
add_many, is_away = SystemLog.add_many, [True]
def answering(lines):
    if is_away[0]:
        raise DocumentStoreUnavailable("logs", "away")
    return add_many(lines)
SystemLog.add_many = answering
handler = MongoLogHandler()
log = logging.Logger("bookings.services")
log.addHandler(handler)
def say(text):
    log.info(text)
    handler.flush()
say("before")
resource.setrlimit(resource.RLIMIT_FSIZE, (600, resource.RLIM_INFINITY))  # as if the disk had no more room
for number in range(3):
    say(f"line {number}")
is_away[0] = False
handler._writer._rest_until = 0.0
say("the store is back")
say("and goes on")
handler.close()
"""


def test_full_disk_does_not_end_the_log(settings, tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "astrobookings.settings.local",
        "SECRET_KEY": "x",
        "VAR_DIR": str(tmp_path),
        "LOGS_MONGODB_URL": settings.LOGS_MONGODB_URL,
    }
    ended = subprocess.run(
        [sys.executable, "-c", FULL_DISK], env=environment, capture_output=True, text=True, check=False
    )

    assert "Traceback" not in ended.stderr
    assert stored()[-2:] == ["the store is back", "and goes on"]
