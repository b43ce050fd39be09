"""A whole site for measuring: real servers on a scratch folder, the web server with production's settings."""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from astrobookings.embedded.mongo import CUSTOMER_DATABASE, LOGS_DATABASE, Mongo
from astrobookings.embedded.postgres import Postgres
from astrobookings.embedded.processes import port_choose
from astrobookings.embedded.programs import Program, web_server, web_wait, worker

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = 32


@dataclass(kw_only=True)
class Site:
    """Where the servers are, and what a process of ours needs in its environment to reach them."""

    place: Path
    postgres: Postgres
    env: dict[str, str]
    port: int = 0
    web: Program | None = None
    jobs: Program | None = None

    def manage(self, *arguments: str) -> None:
        """Run a management command against the site."""
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.env, check=True, stdout=subprocess.DEVNULL)

    def web_start(self) -> None:
        """Start the web server as production runs it: a process per core."""
        self.port = port_choose()
        self.web = web_server(host="127.0.0.1", port=self.port, env=self.env, log_path=self.place / "web.log")
        self.web.start()
        web_wait(program=self.web, address=f"http://127.0.0.1:{self.port}")

    def worker_start(self) -> None:
        """Start the worker for background jobs."""
        self.jobs = worker(env=self.env, log_path=self.place / "worker.log")
        self.jobs.start()

    def worker_stop(self) -> None:
        """Stop the worker."""
        if self.jobs is not None:
            self.jobs.stop()
            self.jobs = None


@contextlib.contextmanager
def site(*, is_empty: bool = False) -> Iterator[Site]:
    """
    Start databases with the safety of production (every commit is flushed), make the tables, and clean up after.

    Args:
        is_empty: make no tables.
    """
    place = Path(tempfile.mkdtemp(prefix="astrobookings-bench-"))
    place.chmod(0o711)  # PostgreSQL's user must be able to pass, when we are root
    postgres = Postgres(
        data_dir=place / "postgres", socket_dir=place / "s", password="bench", log_path=place / "postgres.log"
    )
    documents = [
        Mongo(data_dir=place / name, database=name, password="bench", log_path=place / f"{name}.log")
        for name in (CUSTOMER_DATABASE, LOGS_DATABASE)
    ]
    here = Site(place=place, postgres=postgres, env={})
    try:
        for server in documents:
            server.begin()
        postgres.start()
        for server in documents:
            server.start()
        here.env = {
            **os.environ,
            "DATABASE_URL": postgres.url,
            "CUSTOMER_MONGODB_URL": documents[0].url,
            "LOGS_MONGODB_URL": documents[1].url,
            "DJANGO_SETTINGS_MODULE": "astrobookings.settings.production",
            "SECRET_KEY": secrets.token_urlsafe(40),
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": "https://bench.example",
            "SECURE_SSL_REDIRECT": "false",  # TLS ends before the web server
            "CSRF_TRUSTED_ORIGINS": "https://bench.example",
            "VAR_DIR": str(place),
            # One address stands for all customers here.
            "HOLDS_PER_ADDRESS": "100000",
        }
        if not is_empty:
            here.manage("migrate", "--verbosity", "0")
            here.manage("createcachetable")
            here.manage("documents", "ensure")
            here.manage("collectstatic", "--no-input", "--verbosity", "0")
        yield here
    finally:
        for program in (here.jobs, here.web):
            if program is not None:
                program.stop()
        for server in documents:
            server.stop()
        postgres.stop()
        shutil.rmtree(place, ignore_errors=True)
