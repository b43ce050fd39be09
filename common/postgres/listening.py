"""
Hearing of changes in PostgreSQL at once (LISTEN): for what a process remembers between requests.

# Note [Only who hears may remember]
A connection can be dead for minutes before its reader learns of it. So a listener says something itself every few
seconds, and counts as hearing only while its own words come back.

# Note [No pooler between]
A pooler that hands out server connections by transaction leaves LISTEN behind on one of them. What the listener says
itself comes back with the answer of that statement, and everything else is swallowed, for it comes when nobody has that
connection. A pooler invents the process id that it tells its clients, so the server's own answer tells whether there
is one.
"""

import contextlib
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import sql

log = logging.getLogger(__name__)

SPEAK_EVERY_S = 4.0
HEARS_FOR_S = 2 * SPEAK_EVERY_S  # after its own words came back
RETRY_EVERY_S = 5.0
_OWN = "listener:"


class Listener:
    """Listens to a channel, in a thread of its own, from the first question whether it does; forked children anew."""

    def __init__(self, channel: str, *, heard: Callable[[str], None], begun: Callable[[], None]) -> None:
        """
        Know what to do, and do nothing yet.

        Args:
            heard: called with what was said, from the listening thread.
            begun: called when it begins to hear: whatever was said before, it may have missed.
        """
        self._channel = channel
        self._heard = heard
        self._begun = begun
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._connection: psycopg.Connection[Any] | None = None
        self._ending = threading.Event()
        self._hears_until = 0.0  # monotonic seconds
        self._why_deaf = ""  # as logged last
        os.register_at_fork(after_in_child=self._after_fork)

    def is_hearing(self) -> bool:
        """Tell whether what is said on the channel arrives here; at first, and after a failure, it does not."""
        if self._thread is None:
            self._start()
        return time.monotonic() < self._hears_until

    def stop(self) -> None:
        """End the thread and its connection; the next question begins anew."""
        with self._lock:
            if self._thread is not None:
                self._ending.set()
                if self._connection is not None:
                    with (
                        contextlib.suppress(OSError, psycopg.Error),
                        socket.socket(fileno=os.dup(self._connection.fileno())) as its_socket,
                    ):
                        its_socket.shutdown(socket.SHUT_RDWR)  # which ends its wait
                self._thread.join()
                self._thread = None

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._ending.clear()
                self._thread = threading.Thread(target=self._run, name=f"listener-{self._channel}", daemon=True)
                self._thread.start()

    def _after_fork(self) -> None:
        # The event too: its own lock may have been held by the thread that the child does not have.
        self._lock, self._ending = threading.Lock(), threading.Event()
        self._thread, self._connection, self._hears_until = None, None, 0.0

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                with psycopg.connect(**_parameters(), autocommit=True) as connection:
                    self._connection = connection
                    _refuse_pooler(connection)
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
                    self._listen(connection)
            except (psycopg.Error, OSError) as error:
                if str(error) != self._why_deaf:  # once an outage, not at each try
                    self._why_deaf = str(error)
                    log.info("Nothing is heard on %s, so nothing is remembered: %s", self._channel, error)
            self._connection, self._hears_until = None, 0.0
            self._ending.wait(RETRY_EVERY_S)

    def _listen(self, connection: "psycopg.Connection[Any]") -> None:
        own = f"{_OWN}{secrets.token_hex(8)}"
        while not self._ending.is_set():
            connection.execute("SELECT pg_notify(%s, %s)", [self._channel, own])
            has_heard_itself = False
            for notice in connection.notifies(timeout=SPEAK_EVERY_S):
                if notice.payload == own:
                    has_heard_itself = True
                    if time.monotonic() >= self._hears_until:
                        self._begun()
                        self._why_deaf = ""
                    self._hears_until = time.monotonic() + HEARS_FOR_S
                elif not notice.payload.startswith(_OWN):
                    self._heard(notice.payload)
            if not has_heard_itself:
                raise psycopg.OperationalError("what the listener said did not come back")


def _refuse_pooler(connection: "psycopg.Connection[Any]") -> None:
    """See Note [No pooler between]. Raises: psycopg.OperationalError."""
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    if row is None or row[0] != connection.info.backend_pid:
        raise psycopg.OperationalError("a pooler stands before the server, and may swallow what is said")


def _parameters() -> dict[str, Any]:
    parameters = connections[DEFAULT_DB_ALIAS].get_connection_params()
    parameters.pop("pool", None)
    return parameters
