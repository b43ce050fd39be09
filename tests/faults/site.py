"""
A whole site of real processes, each of which can be killed and started again: databases, mail server, web, worker.

The databases are those of the running test process (tests/servers.py), for that time with the safety of production:
what they have acknowledged survives SIGKILL.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now
from django_q.models import Schedule

from astrobookings.embedded.mongo import Mongo
from astrobookings.embedded.postgres import Postgres
from astrobookings.embedded.processes import child_start, port_answers, port_choose
from astrobookings.embedded.programs import Program, web_server, web_wait, worker
from documents import mongo
from documents import services as document_services
from documents.repositories import ALL
from tests.embedded.waiting import descendants
from tests.faults.until import until
from tests.servers import MongoServers

REPAIRERS = ("reconcile", "reconcile money")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(kw_only=True)
class Sink:
    """The mail server; its port and its journal stay the same."""

    place: Path
    port: int = field(default_factory=port_choose)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def journal(self) -> Path:
        return self.place / "mails"

    def start(self) -> None:
        with (self.place / "sink.log").open("ab") as log:
            argv = [sys.executable, "-m", "tests.faults.sink", str(self.port), str(self.journal)]
            self._process = child_start(argv=argv, log=log, env=os.environ, cwd=ROOT, death_signal=signal.SIGKILL)
        until(lambda: port_answers(port=self.port), "the mail server listens")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def taken(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        return Counter(line.split()[0] for line in lines)


@dataclass(kw_only=True)
class Site:
    """The parts, by name, and how to reach the web server."""

    place: Path
    postgres: Postgres
    customer: Mongo
    logs: Mongo
    sink: Sink
    env: dict[str, str]
    port: int
    web: Program
    worker: Program

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def web_start(self) -> None:
        self.web.start()
        web_wait(program=self.web, address=self.address)

    def kill_group(self, program: Program) -> None:
        """Kill a program with all that it has started, as when its container is taken away."""
        family = [program.pid, *descendants(program.pid)]
        os.killpg(program.pid, signal.SIGKILL)
        until(lambda: not any(_lives(pid) for pid in family) or program.returncode() is not None, "the family is gone")

    def kill_child(self, program: Program, choose: random.Random) -> str:
        """Kill one process of a program that is not its first, as the kernel does when memory is short; say which."""
        family = descendants(program.pid)[1:]  # the first is the program itself, its parent the keeper
        pid = choose.choice(family)
        os.kill(pid, signal.SIGKILL)
        return f"child {family.index(pid) + 1} of {len(family)}"

    def keep(self) -> None:
        """Start again what has ended, as a supervisor does."""
        for program in (self.web, self.worker):
            if program.returncode() is not None:
                program.start()


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def running_site(*, postgres: Postgres, documents: MongoServers) -> Iterator[Site]:
    """Start the site on empty document stores; stop it at the end, and leave the databases as they were before."""
    for repository in ALL:
        repository.clear()
    with tempfile.TemporaryDirectory(prefix="astrobookings-site-") as name, _safe(postgres, documents):
        place = Path(name)
        sink, port = Sink(place=place), port_choose()
        env = environment(place=place, mail_port=sink.port)
        site = Site(
            place=place,
            postgres=postgres,
            customer=documents.customer,
            logs=documents.logs,
            sink=sink,
            env=env,
            port=port,
            web=web_server(host="127.0.0.1", port=port, env=env, log_path=place / "web.log"),
            worker=worker(env=env, log_path=place / "worker.log"),
        )
        try:
            sink.start()
            document_services.stores_ensure()
            call_command("sync_schedules", stdout=StringIO())
            # Every job is due at once. Those that repair must not: what the judge finds whole nobody has mended.
            Schedule.objects.filter(name__in=REPAIRERS).update(next_run=Now() + timedelta(days=1))
            site.worker.start()
            site.web_start()
            yield site
        finally:
            site.worker.stop()
            site.web.stop()
            sink.kill()


@contextmanager
def _safe(postgres: Postgres, documents: MongoServers) -> Iterator[None]:
    """Have the databases write to disk before they acknowledge."""
    servers = (documents.customer, documents.logs)
    try:
        _restart(postgres, *servers, is_throwaway=False)
        yield
    finally:
        _restart(postgres, *servers, is_throwaway=True)


def _restart(postgres: Postgres, *documents: Mongo, is_throwaway: bool) -> None:
    connection.close()
    mongo.close()
    for server in (postgres, *documents):
        server.stop()
        server.throwaway = is_throwaway
    for server in documents:
        server.begin()
    for server in (postgres, *documents):
        server.start()


def environment(*, place: Path, mail_port: int) -> dict[str, str]:
    """Return what a process of the site needs to reach the databases of this test, and that mail server."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": urlunsplit(database),
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "https://faults.example",
        "CSRF_TRUSTED_ORIGINS": "https://faults.example",
        "SECURE_SSL_REDIRECT": "false",  # TLS ends before the web server
        "VAR_DIR": str(place),
        "HOLDS_PER_ADDRESS": "100000",  # one address stands for all customers here
    }
