"""
Forked children of the test process use no database connection of their parent, and no lock that its threads hold.

Without this a child would speak on its parent's socket, together with all its siblings. Closing the connections before
a fork is not enough: Django keeps them by context while an event loop runs in the thread, else by thread. Playwright's
loop runs from the first browser test to the end, so what was opened before it stays open, out of the parent's sight;
in a child no loop runs, and it would find just that.

A thread of the parent that writes a log line at the moment of the fork holds the lock of the file's buffer. No thread
lives in the child to give it back, and the child's first line would wait for ever. So a fork waits until no line is
being written, and lets none begin.

Imported by tests/conftest.py, so that it holds for whatever forks.
"""

import logging
import multiprocessing
import os
from typing import Any

from asgiref.local import Local
from django.db import connections

fork = multiprocessing.get_context("fork")

_inherited: list[Any] = []  # kept: a connection that is collected would end its session, which is the parent's


def _forget_connections() -> None:
    _inherited.append(connections._connections)
    connections._connections = Local(connections.thread_critical)


_held: list[Any] = []  # locks of log handlers, from before a fork until after it


def _hold_log() -> None:
    for reference in list(logging._handlerList):
        handler = reference()
        if handler is not None and handler.lock is not None:
            handler.lock.acquire()
            _held.append(handler.lock)


def _release_log() -> None:
    while _held:
        _held.pop().release()


os.register_at_fork(after_in_child=_forget_connections)
# In the child logging itself makes its handlers' locks anew.
os.register_at_fork(before=_hold_log, after_in_parent=_release_log, after_in_child=_held.clear)
