"""
The system log's way into Logs MongoDB: lines are queued, and a thread of the background writes them in batches.

A request never waits for the store and never fails because of it. While the store is away the lines wait on disk
(`documents.spool`) and go first when it is back. On a clean stop everything queued is stored or put on disk.
"""

import atexit
import contextlib
import itertools
import logging
import os
import queue
import socket
import threading
import time
from datetime import UTC, datetime
from multiprocessing import util as multiprocessing_util
from typing import Any

from django.conf import settings

from common import context, logs
from documents.errors import DocumentRefused, DocumentStoreUnavailable
from documents.records import SystemLogRecord
from documents.redaction import mask_text, mask_value
from documents.repositories import RequestLog, SystemLog
from documents.repositories.by_time import time_key
from documents.repositories.journals import line_of_plain, line_to_plain
from documents.spool import Overflow, Spool

log = logging.getLogger(__name__)

QUEUE_LINES = 10_000
BATCH_LINES = 200
BATCH_WAIT_S = 0.3
REST_S = (1.0, 2.0, 5.0, 10.0)  # pauses while the store is away
IDLE_LOOK_S = 30.0  # how often to look for lines that ended processes left on disk
STOP_WAIT_S = 8.0
MESSAGE_LIMIT = 8_000  # characters
EXCEPTION_LIMIT = 16_000

_HOST = socket.gethostname()[:40]
_numbers = itertools.count()
_OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {
    "message", "asctime", "taskName", "request_id", "origin", "actor_id", "actor_email", logs.KNOWN,
}  # fmt: skip


def line_of(record: logging.LogRecord) -> SystemLogRecord:
    """Return the log line of a record in its present context, free of secrets."""
    now = context.current()
    at = datetime.fromtimestamp(record.created, UTC)
    is_known = hasattr(record, logs.KNOWN)
    exception = logging.Formatter().formatException(record.exc_info) if record.exc_info else record.exc_text or ""
    extra = {name: value for name, value in vars(record).items() if name not in _OWN_FIELDS}
    if not is_known:
        extra = {name: mask_value(name, value) for name, value in extra.items()}
    return SystemLogRecord(
        key=time_key(at, f"{_HOST}-{os.getpid()}-{next(_numbers):09d}"),
        at=at,
        level=record.levelname,
        logger=record.name,
        message=(record.getMessage() if is_known else _clean(record.getMessage()))[:MESSAGE_LIMIT],
        request_id=now.request_id,
        origin=str(now.origin),
        actor_id=now.actor_id,
        actor_email=now.actor_email,
        host=_HOST,
        process_id=os.getpid(),
        exception=_clean(exception)[-EXCEPTION_LIMIT:] if exception else "",
        extra=extra,
    )


def _clean(text: str) -> str:
    return mask_text(text).encode("utf-8", "replace").decode()


class MongoLogHandler(logging.Handler):
    """Queue log lines for the store; see the module."""

    def __init__(self, level: int | str = logging.NOTSET) -> None:
        super().__init__(level)
        self._start_lock = threading.Lock()
        self._writer: _Writer | None = None
        self._is_closed = False
        os.register_at_fork(after_in_child=self._after_fork)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record; never raises."""
        try:
            # What the driver and the writer's own thread say must not feed the writer.
            if record.name.startswith("pymongo") or self._is_closed or isinstance(threading.current_thread(), _Writer):
                return
            self._running().put(line_of(record))
        except Exception:  # noqa: BLE001 - a log line never fails its caller
            self.handleError(record)

    def flush(self) -> None:
        """Wait until every queued line is stored or on disk, some seconds at most."""
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """Store what is queued, or put it on disk, and end the thread."""
        self._is_closed = True
        if self._writer is not None:
            self._writer.stop()
        super().close()

    def _running(self) -> "_Writer":
        with self._start_lock:
            if self._writer is None:
                self._writer = _Writer()
                self._writer.start()
                # Registered now, so that it runs before the driver's own farewell; forked workers know only the second.
                atexit.register(self._writer.stop)
                multiprocessing_util.Finalize(None, self._writer.stop, exitpriority=100)
            return self._writer

    def _after_fork(self) -> None:
        # The parent's thread does not live here, and its lines are its own.
        self._start_lock = threading.Lock()
        self._writer = None


class _Writer(threading.Thread):
    """The thread that empties the queue."""

    def __init__(self) -> None:
        super().__init__(name="system-log-writer", daemon=True)
        self._queue: queue.Queue[SystemLogRecord | None] = queue.Queue(QUEUE_LINES)
        self._spool = Spool(settings.LOG_SPOOL_DIR)  # this thread's alone
        self._overflow = Overflow(settings.LOG_SPOOL_DIR)  # the callers'
        self._hurry = threading.Event()
        self._has_ended = threading.Event()
        self._is_stopping = False
        self._rests = 0
        self._rest_until = 0.0  # monotonic seconds
        self._looked_at = 0.0
        self._lost = 0
        self._lost_lock = threading.Lock()
        self._in_hand: list[SystemLogRecord] = []

    def put(self, line: SystemLogRecord) -> None:
        try:
            self._queue.put_nowait(line)
        except queue.Full:
            # Not the thread's own file, which may be on its way over the network.
            self._lose(self._overflow.append([line_to_plain(line)]))

    def flush(self, wait_s: float = STOP_WAIT_S) -> None:
        if not self.is_alive():
            return
        until = time.monotonic() + wait_s
        self._nudge()
        with self._queue.all_tasks_done:
            while self._queue.unfinished_tasks and (left := until - time.monotonic()) > 0:
                self._queue.all_tasks_done.wait(left)

    def stop(self) -> None:
        self._is_stopping = True
        self._nudge()
        if self._has_ended.wait(STOP_WAIT_S):
            self._spool.close()
        self._rescue()
        self._overflow.close()

    def _rescue(self) -> None:
        """Put on disk what the thread did not get done in time, in a file of its own: the thread may hold the other."""
        lines = list(self._in_hand)
        with contextlib.suppress(queue.Empty):
            while True:
                if (line := self._queue.get_nowait()) is not None:
                    lines.append(line)
                self._queue.task_done()
        if lines:
            rest = Spool(settings.LOG_SPOOL_DIR, part="rest")
            rest.append([line_to_plain(line) for line in lines])
            rest.close()

    def _nudge(self) -> None:
        self._hurry.set()
        with contextlib.suppress(queue.Full):  # then it is awake anyway
            self._queue.put_nowait(None)

    def run(self) -> None:
        try:
            while not self._is_stopping or not self._queue.empty():
                batch, taken = self._batch()
                self._in_hand = batch
                try:
                    self._write(batch)
                except Exception as error:  # noqa: BLE001 - the thread must go on
                    self._to_disk(batch)
                    log.warning("The system log's writer failed: %s", error)
                finally:
                    self._in_hand = []
                    for _ in range(taken):
                        self._queue.task_done()
        finally:
            self._has_ended.set()

    def _batch(self) -> tuple[list[SystemLogRecord], int]:
        """Wait for a line, and for more of them; return them and how many things left the queue."""
        batch: list[SystemLogRecord] = []
        taken = 0
        with contextlib.suppress(queue.Empty):
            line = self._queue.get(timeout=self._idle_s())
            while True:
                taken += 1
                if line is None:
                    self._hurry.clear()
                    break
                batch.append(line)
                if len(batch) == BATCH_LINES:
                    break
                if taken == 1 and not self._is_stopping and self._queue.qsize() < BATCH_LINES:
                    # Not in the queue: each line would wake this thread, which costs its request more than the line.
                    self._hurry.wait(BATCH_WAIT_S)
                line = self._queue.get_nowait()
        return batch, taken

    def _idle_s(self) -> float:
        if self._is_stopping:
            return 0.0
        return max(0.05, self._rest_until - time.monotonic()) if self._rests else IDLE_LOOK_S

    def _write(self, batch: list[SystemLogRecord]) -> None:
        if time.monotonic() < self._rest_until:
            self._to_disk(batch)
            return
        try:
            self._deliver_waiting()
            self._store(batch)
        except DocumentStoreUnavailable as error:
            self._to_disk(batch)
            if not self._rests:
                log.warning("The system log waits on disk: %s", error.reason)
            self._rest_until = time.monotonic() + REST_S[min(self._rests, len(REST_S) - 1)]
            self._rests += 1
            return
        if self._rests:
            log.info("The system log is delivered again.")
        self._rests, self._rest_until = 0, 0.0

    def _deliver_waiting(self) -> None:
        is_due = self._rests or time.monotonic() > self._looked_at + IDLE_LOOK_S
        if self._overflow.close() or self._spool.is_open() or is_due:
            self._looked_at = time.monotonic()
            self._spool.deliver(lambda plain: self._store(_readable(plain)))
        with self._lost_lock:
            lost, self._lost = self._lost, 0
        if lost:
            try:
                self._store([line_of(logging.makeLogRecord(_lost_lines(lost)))])
            except DocumentStoreUnavailable:
                self._lose(lost)
                raise

    def _store(self, lines: list[SystemLogRecord]) -> None:
        of_requests = [line for line in lines if _is_of_request(line)]
        others = [line for line in lines if not _is_of_request(line)]
        try:
            if others:
                SystemLog.add_many(others)
            if of_requests:
                RequestLog.add(of_requests)
        except DocumentRefused as error:  # the others are stored
            log.warning("The store refused a log line: %s", error.reason)

    def _to_disk(self, lines: list[SystemLogRecord]) -> None:
        if lines:
            self._lose(self._spool.append([line_to_plain(line) for line in lines]))

    def _lose(self, count: int) -> None:
        if count:
            with self._lost_lock:
                self._lost += count


def _readable(plain: list[dict[str, Any]]) -> list[SystemLogRecord]:
    """Return the lines of what waited; one that cannot be read is told on stdout, and does not keep back the others."""
    lines = []
    for one in plain:
        try:
            lines.append(line_of_plain(one))
        except (KeyError, TypeError, ValueError) as error:
            log.warning("A log line that waited on disk cannot be read (%r): %s", error, one)
    return lines


def _lost_lines(count: int) -> dict[str, Any]:
    text = f"{count} log lines were lost: the store was away and the disk had no room."
    return {"name": __name__, "levelname": "ERROR", "levelno": logging.ERROR, "msg": text}


def _is_of_request(line: SystemLogRecord) -> bool:
    """Tell whether it is the line of a request that went well."""
    return line.logger == logs.REQUESTS and line.level == "INFO"
