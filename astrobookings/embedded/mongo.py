"""
SecantusDB, a MongoDB-wire server from its wheel, as a process of its own.

It is a beta with traps of its own: `retryWrites=false` belongs in every URL, and users can only be made on a run
without `--auth` (there is no localhost exception).
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from astrobookings.embedded.processes import (
    EmbeddedError,
    child_start,
    log_open,
    log_tail,
    port_answers,
    port_choose,
)

USER = "astrobookings"
CUSTOMER_DATABASE = "astro_customers"
LOGS_DATABASE = "astro_logs"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0
POLL_S = 0.02
USER_EXISTS = 51003


@dataclass(kw_only=True)
class Mongo:
    """
    One document server on a directory: start, stop, URL. It dies with this process.

    Args:
        data_dir: created when missing, readable by its owner only.
        database: the one database its user may use.
        password: of that user; "" runs the server without authentication (throw-away tests only).
        port: TCP on 127.0.0.1; another free one is taken when it is not free (read `port` after `start`).
        throwaway: do not wait for the disk at each write, which loses the newest ones when the server is killed.
    """

    data_dir: Path
    database: str
    password: str
    log_path: Path
    port: int | None = None
    throwaway: bool = False
    name: str = "document server"
    _process: subprocess.Popen[bytes] | None = None
    _log_from: int = 0
    _is_begun: bool = False

    @property
    def url(self) -> str:
        """The URL of the running server, with its database and the options it needs."""
        login = f"{USER}:{quote(self.password, safe='')}@" if self.password else ""
        source = f"&authSource={self.database}" if self.password else ""
        return f"mongodb://{login}127.0.0.1:{self.port}/{self.database}?directConnection=true&retryWrites=false{source}"

    @property
    def pid(self) -> int:
        """Process id of the server; 0 when it was not started."""
        return self._process.pid if self._process else 0

    def returncode(self) -> int | None:
        """None while the server runs (or was never started)."""
        return self._process.poll() if self._process else None

    def begin(self) -> None:
        """Begin to start without waiting, where that is all there is to do; `start` goes on from there."""
        self._place_ensure()
        if not self.password or self._user_is_current():
            self._spawn(auth=bool(self.password))
            self._is_begun = True

    def start(self) -> None:
        """
        Start the server, making its user first when the data does not have the present one.

        Raises: EmbeddedError with what to do.
        """
        self._place_ensure()
        if self.password and not self._user_is_current():
            self._launch(auth=False)
            try:
                self._user_ensure()
            finally:
                self.stop()
        self._launch(auth=bool(self.password))

    def _place_ensure(self) -> None:
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.data_dir.parent / "secantusd.toml").touch(mode=0o600)
        except OSError as error:
            raise EmbeddedError(
                f"No place for the documents in {self.data_dir}: {error.strerror}. "
                f"Give yourself the directory, or name servers in CUSTOMER_MONGODB_URL and LOGS_MONGODB_URL."
            ) from error

    def stop(self) -> None:
        """Stop cleanly (a checkpoint is written)."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            deadline = time.monotonic() + STOP_TIMEOUT_S
            while self._process.poll() is None and time.monotonic() < deadline:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(timeout=0.1)
                    break
                # Its accept thread sleeps through the closing of the socket; a caller wakes it (else it takes 2 s).
                port_answers(port=self.port or 0)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End it as a crash would (SIGKILL); for tests of recovery."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    # --- steps of start ------------------------------------------------------------------------------------------

    def _launch(self, *, auth: bool) -> None:
        """Start and wait until it listens; waits also for a former copy on the same data that is still stopping."""
        if importlib.util.find_spec("secantus") is None:
            raise EmbeddedError(
                "The package SecantusDB is not installed: run `make install`, "
                "or name servers in CUSTOMER_MONGODB_URL and LOGS_MONGODB_URL."
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        busy_until = time.monotonic() + STOP_TIMEOUT_S
        while True:
            if self._launch_once(auth=auth, deadline=deadline):
                return
            said = log_tail(path=self.log_path, since=self._log_from)
            if "ddress already in use" in said:
                self.port = None
            elif "busy" in said and time.monotonic() > busy_until:
                raise EmbeddedError(
                    f"Another document server is running on {self.data_dir}. "
                    "Stop the `make run` or the tests it belongs to."
                )
            elif "busy" not in said or time.monotonic() > deadline:
                raise EmbeddedError(
                    f"The document server did not start on {self.data_dir}. Its log {self.log_path} ends:\n{said}"
                )

    def _launch_once(self, *, auth: bool, deadline: float) -> bool:
        process = self._process
        if process is None or not self._is_begun:
            process = self._spawn(auth=auth)
        self._is_begun = False
        while time.monotonic() < deadline:
            try:
                process.wait(timeout=POLL_S)
                return False
            except subprocess.TimeoutExpired:
                if port_answers(port=self.port or 0):
                    return True
        self.stop()
        return False

    def _spawn(self, *, auth: bool) -> subprocess.Popen[bytes]:
        self.port = port_choose(wanted=self.port)
        argv = [sys.executable, "-m", "secantus", "--config", str(self.data_dir.parent / "secantusd.toml")]
        argv += ["--host", "127.0.0.1", "--port", str(self.port), "--storage-path", str(self.data_dir)]
        argv += ["--cache-size", "256M", *(["--auth"] if auth else [])]
        argv += [] if self.throwaway else ["--sync-on-commit"]
        with log_open(path=self.log_path) as log:
            self._log_from = log.tell()
            self._process = child_start(
                argv=argv,
                log=log,
                env=_environment(),
                cwd=self.data_dir.parent,
                # Its handler of SIGTERM can wait for itself for ever while it starts. What it has acknowledged
                # survives SIGKILL (--sync-on-commit).
                death_signal=signal.SIGKILL,
            )
        return self._process

    def _marker(self) -> Path:
        return self.data_dir.with_name(self.data_dir.name + ".user")

    def _fingerprint(self) -> str:
        return hashlib.sha256(f"{self.database}:{self.password}".encode()).hexdigest()

    def _user_is_current(self) -> bool:
        try:
            return self._marker().read_text() == self._fingerprint()
        except OSError:
            return False

    def _user_ensure(self) -> None:
        import pymongo  # noqa: PLC0415 - slow to import; only a first start needs it
        from pymongo.errors import OperationFailure  # noqa: PLC0415

        address = f"mongodb://127.0.0.1:{self.port}/?directConnection=true&retryWrites=false"
        roles = [{"role": "dbOwner", "db": self.database}]
        with pymongo.MongoClient[dict[str, object]](address, serverSelectionTimeoutMS=10_000) as client:
            try:
                client[self.database].command("createUser", USER, pwd=self.password, roles=roles)
            except OperationFailure as error:
                if error.code != USER_EXISTS:
                    raise EmbeddedError(f"The document server refused to make its user: {error}") from error
                client[self.database].command("updateUser", USER, pwd=self.password, roles=roles)
        marker = self._marker()
        marker.touch(mode=0o600)
        marker.write_text(self._fingerprint())


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1"}
