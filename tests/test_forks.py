"""Forked children of the test process: each with database connections of its own."""

import asyncio

import pytest
from django.db import connection

from tests.concurrency.processes import contend
from tests.documents.processes import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def session(*_) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    "fork_three", [lambda: race(session, count=3), lambda: contend(count=3, job=session)], ids=["race", "contend"]
)
def test_no_child_speaks_on_a_connection_of_its_parent(fork_three):
    """Also beside an event loop, as Playwright's, which hides what was opened before it."""
    before = session()

    async def with_a_loop():
        within = session()
        children = fork_three()
        is_unharmed = session() == within
        connection.close()
        return {before, within, *children}, is_unharmed

    sessions, is_unharmed = asyncio.run(with_a_loop())

    assert len(sessions) == 5
    assert is_unharmed
    assert session() == before
