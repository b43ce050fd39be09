"""
Forked children of the test process use no database connection of their parent.

Without this a child would speak on its parent's socket, together with all its siblings. Closing the connections before
a fork is not enough: Django keeps them by context while an event loop runs in the thread, else by thread. Playwright's
loop runs from the first browser test to the end, so what was opened before it stays open, out of the parent's sight;
in a child no loop runs, and it would find just that.

Imported by tests/conftest.py, so that it holds for whatever forks.
"""

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


os.register_at_fork(after_in_child=_forget_connections)
