"""PostgreSQL from the wheel: keeps data, recovers, and never outlives its parent."""

import os
import signal

import psycopg
import pytest

from astrobookings.embedded import postgres as postgres_module
from astrobookings.embedded.postgres import Postgres
from astrobookings.embedded.processes import EmbeddedError
from tests.embedded.waiting import gone, line_of, python


@pytest.fixture
def server(place):
    made = Postgres(
        data_dir=place / "pg", socket_dir=place / "s", password="it's secret", log_path=place / "pg.log", throwaway=True
    )
    yield made
    made.stop()


def _rows(server):
    with psycopg.connect(server.url) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM kept ORDER BY number")]


def _keep(server, number):
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def test_rows_and_port_survive_a_stop_a_crash_and_a_new_password(server):
    server.throwaway = False
    server.start()
    port = server.port
    _keep(server, 1)
    server.stop()
    server.start()
    _keep(server, 2)
    server.kill()
    server.start()
    assert _rows(server) == [1, 2]
    assert server.port == port
    server.stop()
    server.password = "the secrets file was lost"
    server.start()
    assert _rows(server) == [1, 2]


def test_a_wrong_password_is_refused(server):
    server.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url.replace("secret", "guess"))


def test_it_dies_with_a_killed_parent_and_starts_again_at_once(place, server):
    parent = python(
        "import sys; from pathlib import Path; from astrobookings.embedded.postgres import Postgres\n"
        "p = Path(sys.argv[1])\n"
        "s = Postgres(data_dir=p/'pg', socket_dir=p/'s', password=\"it's secret\", log_path=p/'l', throwaway=True)\n"
        "s.start(); print(s.pid, flush=True); sys.stdin.read()",
        str(place),
        stdin=-1,
    )
    with parent:
        pid = int(line_of(parent))
        parent.send_signal(signal.SIGKILL)
        server.start()  # waits for the copy that is still stopping
    assert gone(pid)
    assert server.returncode() is None


def test_a_second_copy_on_the_same_data_is_refused_by_name(place, server, monkeypatch):
    server.start()
    monkeypatch.setattr(postgres_module, "STOP_TIMEOUT_S", 0.2)
    second = Postgres(data_dir=server.data_dir, socket_dir=place / "s", password="x", log_path=place / "second.log")
    with pytest.raises(EmbeddedError, match=rf"process {server.pid}\) is running on .*kill -INT {server.pid}"):
        second.start()
    assert server.returncode() is None


def test_a_lock_file_with_the_number_of_a_stranger_does_not_stop_the_start(server):
    server.start()
    server.stop()
    lock = server.data_dir / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{server.data_dir}\n0\n{server.port}\n")
    server.start()
    assert server.returncode() is None


def test_a_taken_port_is_replaced(place, server):
    server.start()
    other = Postgres(
        data_dir=place / "pg2", socket_dir=place / "s2", password="x", log_path=place / "pg2.log", throwaway=True
    )
    other.port = server.port
    try:
        other.start()
        assert other.port != server.port
    finally:
        other.stop()
