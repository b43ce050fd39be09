"""
Throw-away databases for the tests: a pytest plugin, loaded by `-p tests.servers` before the Django settings.

Each test process (each xdist worker) starts a PostgreSQL cluster and two document servers of its own on free ports, and
they die with it. A cluster of its own, because delivery from the outbox looks at transaction ids of the whole cluster.
The variables of the surroundings are replaced, never used: no test can reach a real database.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from astrobookings.embedded.mongo import CUSTOMER_DATABASE, LOGS_DATABASE, Mongo
from astrobookings.embedded.postgres import Postgres

PREFIX = "astrobookings-test-"
NOWHERE = {  # for the xdist controller, which loads the settings and runs no test
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "CUSTOMER_MONGODB_URL": "mongodb://127.0.0.1:1/none",
    "LOGS_MONGODB_URL": "mongodb://127.0.0.1:1/none",
}


@dataclass(kw_only=True)
class MongoServers:
    """The two document servers of this test process; each can be stopped and started alone, and keeps what was
    written with `j: true` even when killed."""

    customer: Mongo
    logs: Mongo

    def ensure_running(self) -> None:
        """Start again, on the same port, whatever a test has stopped or killed."""
        for server in (self.customer, self.logs):
            if server.pid == 0 or server.returncode() is not None:
                server.start()


@dataclass(kw_only=True)
class _Running:
    postgres: Postgres
    mongo: MongoServers
    place: Path
    lock: int
    pid: int


_running: _Running | None = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start the servers before pytest-django reads the settings (a wrapper runs before every plain hook)."""
    options = early_config.known_args_namespace
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    is_controller = not is_worker and bool(getattr(options, "numprocesses", None) or getattr(options, "tx", None))
    if is_controller:
        os.environ.update(NOWHERE)
    else:
        _start()
    return (yield)


def pytest_unconfigure() -> None:
    """Stop the servers at the end of the run (at exit is the second belt, the kernel the third)."""
    _stop()


@pytest.fixture
def mongo_servers() -> Iterator[MongoServers]:
    """Give the real document servers to stop, kill or start; both run again after the test."""
    assert _running is not None
    yield _running.mongo
    _running.mongo.ensure_running()


@pytest.fixture
def postgres_server() -> Iterator[Postgres]:
    """Give the real PostgreSQL cluster to stop, kill or start; it runs again after the test."""
    assert _running is not None
    server = _running.postgres
    yield server
    if server.pid == 0 or server.returncode() is not None:
        server.start()


def _start() -> None:
    global _running
    if _running is not None:
        return
    _sweep()
    place = Path(tempfile.mkdtemp(prefix=PREFIX))
    place.chmod(0o711)  # PostgreSQL's user must be able to pass, when we are root
    lock = os.open(place / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    postgres = Postgres(
        data_dir=place / "postgres",
        socket_dir=place / "s",
        password="throwaway",
        log_path=place / "postgres.log",
        throwaway=True,
    )
    customer, logs = (
        Mongo(
            data_dir=place / database,
            database=database,
            password="",
            log_path=place / f"{database}.log",
            throwaway=True,
        )
        for database in (CUSTOMER_DATABASE, LOGS_DATABASE)
    )
    _running = _Running(
        postgres=postgres, mongo=MongoServers(customer=customer, logs=logs), place=place, lock=lock, pid=os.getpid()
    )
    atexit.register(_stop)
    customer.begin()
    logs.begin()
    postgres.start()
    customer.start()
    logs.start()
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["CUSTOMER_MONGODB_URL"] = customer.url
    os.environ["LOGS_MONGODB_URL"] = logs.url


def _stop() -> None:
    global _running
    if _running is None or _running.pid != os.getpid():  # a forked child ends; the servers are its parent's
        return
    running, _running = _running, None
    running.mongo.customer.kill()  # their files go with them, and a clean stop takes two seconds
    running.mongo.logs.kill()
    running.postgres.stop()
    os.close(running.lock)
    shutil.rmtree(running.place, ignore_errors=True)


def _sweep() -> None:
    """Remove what test processes that were killed left behind: places of ours whose lock nobody holds."""
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if place.lstat().st_uid != os.geteuid():
                continue
            lock = os.open(place / "lock", os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(place, ignore_errors=True)
        except OSError:
            pass
        finally:
            os.close(lock)
