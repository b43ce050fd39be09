"""Forked children of the test process: each with database connections of its own."""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.concurrency.processes import contend
from tests.documents.processes import race
from tests.forks import fork

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def session(*_) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def own_session(*_) -> int | None:
    """Return a child's session; None when it would speak on a connection it found, which could hang."""
    return session() if connection.connection is None else None


def fork_beside_a_loop(fork_three) -> tuple[list[int], list[int]]:
    """Return the sessions of three children and its own before, within and after an event loop, which forks them."""
    before = session()

    async def within():
        first, children = session(), fork_three()
        again = session()
        connection.close()
        return [first, again], children

    mine, children = asyncio.run(within())
    mine = [before, *mine, session()]
    connection.close()
    return children, mine


@pytest.mark.parametrize(
    "fork_three",
    [lambda: race(own_session, count=3), lambda: contend(count=3, job=own_session)],
    ids=["race", "contend"],
)
def test_no_child_speaks_on_a_connection_of_its_parent(fork_three):
    """Also beside an event loop, as Playwright's, which hides what was opened before it."""
    with ThreadPoolExecutor(1) as thread:  # in this one Playwright's may be running already
        children, (before, within, again, after) = thread.submit(fork_beside_a_loop, fork_three).result()

    assert None not in children
    assert len({*children, before, within}) == 5
    assert (again, after) == (within, before)


def test_no_child_waits_for_a_line_that_a_thread_of_its_parent_was_writing(tmp_path):
    """The lock of the file's buffer would stay with a thread that does not live in the child."""
    log = logging.getLogger("tests.forks")
    log.propagate = False
    handler = logging.FileHandler(tmp_path / "lines.log")
    log.addHandler(handler)
    is_over = threading.Event()

    def chatter():
        while not is_over.is_set():
            log.warning("x" * 5000)

    writer = threading.Thread(target=chatter)
    writer.start()
    try:
        for _ in range(60):
            child = fork.Process(target=log.warning, args=("from the child",), daemon=True)
            child.start()
            child.join(20)
            assert child.exitcode == 0
    finally:
        is_over.set()
        writer.join()
        log.removeHandler(handler)
        handler.close()
