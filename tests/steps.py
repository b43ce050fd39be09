"""
Work in a process of its own that is killed at a numbered step.

Every statement that writes, both sides of every commit, and both sides of every call that is named count as a step, so
that walking over the numbers cuts the work wherever a cut can leave something else behind. KILL_AT_READS=yes counts
every other statement too.
"""

import gc
import os
import re
import signal
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, connections, transaction
from django.db.backends.signals import connection_created

from tests.forks import fork

ALIVE = 20260301  # an advisory lock that every connection of such a process shares, for as long as it lives
_EVERY_STATEMENT = os.environ.get("KILL_AT_READS") == "yes"
_LEAVES_NOTHING = re.compile(r"\s*(SELECT|SAVEPOINT|RELEASE)\b")

Step = Callable[[], None]
Calls = Iterable[tuple[Any, str]]  # of a class, and the method's name


def counter(kill_at: int) -> Step:
    """Return what counts a step, and ends the process at that one."""
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if done == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def begin(step: Step, *, calls: Calls = (), is_torn: bool = False) -> None:
    """
    Have the statements and commits of this process, and the calls named, counted.

    Args:
        is_torn: commit each statement on its own, as if there were no transactions (for a control).
    """
    gc.disable()  # the process lives for one piece of work; collecting would copy all the parent's memory
    connection_created.connect(_show_alive, weak=False)
    connection.ensure_connection()
    commit = connection._commit

    def counted_commit() -> None:
        step()
        commit()
        step()

    def counted_statement(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        if _EVERY_STATEMENT or not _LEAVES_NOTHING.match(str(sql)):
            step()
        done = execute(sql, params, many, context)
        if is_torn and connection.in_atomic_block:
            connection.connection.commit()
        return done

    connection._commit = counted_commit
    connection.execute_wrappers.append(counted_statement)
    for owner, name in calls:
        setattr(owner, name, _counted(getattr(owner, name), step))


def wait_for_end() -> None:
    """Return when the database has noticed the end of the processes: what was not committed is gone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ALIVE])


def killed_at(number: int, work: Callable[[], object], *, calls: Calls = ()) -> bool:
    """Do the work in a process that is killed at that step; false when it had come to its end before."""
    connections.close_all()
    process = fork.Process(target=_work, args=(work, number, calls), daemon=True)
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    wait_for_end()
    return process.exitcode != 0


def _work(work: Callable[[], object], kill_at: int, calls: Calls) -> None:
    begin(counter(kill_at), calls=calls)
    work()
    connections.close_all()


def _show_alive(*, connection: Any, **_: Any) -> None:
    connection.connection.execute("SELECT pg_advisory_lock_shared(%s)", [ALIVE])


def _counted(call: Callable[..., Any], step: Step) -> Callable[..., Any]:
    def counted(*args: Any, **values: Any) -> Any:
        step()
        try:
            return call(*args, **values)
        finally:
            step()

    return counted
