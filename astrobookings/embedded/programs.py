"""The long-running parts of `make run`: each can be started, asked to stop, and looked at."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from astrobookings.embedded.processes import EmbeddedError, child_start, follow_parent, log_open, log_tail

ROOT = Path(__file__).resolve().parents[2]
STOP_TIMEOUT_S = 20.0
READY_TIMEOUT_S = 180.0  # seconds; a busy machine is no failure
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0  # a part that ran this long starts again without the longer pauses


class Part(Protocol):
    """What the supervisor needs to know of a part; the database servers have the same shape."""

    name: str
    log_path: Path

    @property
    def pid(self) -> int:
        """Process id, 0 before the start."""

    def returncode(self) -> int | None:
        """None while it runs."""

    def start(self) -> None:
        """Start it; EmbeddedError says why not."""

    def stop(self) -> None:
        """Stop it and wait for its end."""


@dataclass(kw_only=True)
class Program:
    """A program that forks, run under a keeper (see keeper.py) so that its whole family ends with us."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log_path: Path
    _process: subprocess.Popen[bytes] | None = None
    _log_from: int = 0

    @property
    def pid(self) -> int:
        """Process id of the keeper; 0 when it was not started."""
        return self._process.pid if self._process else 0

    def returncode(self) -> int | None:
        """None while it runs (or was never started)."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it, after the end of an earlier run; whether it works shows later."""
        self.stop()
        with log_open(path=self.log_path) as log:
            self._log_from = log.tell()
            self._process = child_start(
                argv=[sys.executable, "-m", "astrobookings.embedded.keeper", *self.argv],
                log=log,
                env=self.env,
                cwd=ROOT,
                umask=0o022,
                stdin=subprocess.PIPE,  # held open by us alone: its end is the keeper's sign
            )

    def ask_stop(self) -> None:
        """Begin to stop, without waiting."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def stop(self) -> None:
        """Stop the program and everything it started."""
        if self._process is None:
            return
        self.ask_stop()
        try:
            self._process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._remains_end()
        self._process = None

    def _remains_end(self) -> None:
        """End what a keeper that was itself killed has left: it led a process group of its own."""
        if self._process is not None and self._process.poll() is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def said(self) -> str:
        """Return the newest lines of this run's log."""
        return log_tail(path=self.log_path, since=self._log_from)


@dataclass(kw_only=True)
class _Watched:
    part: Part
    started_at: float
    pause_s: float = FIRST_PAUSE_S
    due_at: float | None = None  # when to start again; None while it runs


@dataclass(kw_only=True)
class Supervisor:
    """
    Keep the parts running, in the order they were added; stop them in the opposite order.

    Args:
        say: tells the person at the terminal.
        changed: called after a part was started again, because its process id is another.
    """

    say: Callable[[str], None]
    changed: Callable[[], None]
    _watched: list[_Watched] = field(default_factory=list)

    def start(self, *, part: Part) -> None:
        """Start a part and keep it from now on. It is stopped even when its start fails half-way."""
        self._watched.append(_Watched(part=part, started_at=time.monotonic()))
        part.start()

    def look(self) -> None:
        """Start again, after a pause that grows, what has ended unexpectedly."""
        for watched in self._watched:
            now = time.monotonic()
            code = watched.part.returncode()
            if watched.due_at is None and code is not None:
                if now - watched.started_at > STEADY_AFTER_S:
                    watched.pause_s = FIRST_PAUSE_S
                watched.due_at = now + watched.pause_s
                self.say(
                    f"{_named(watched.part)} ended unexpectedly (code {code}; log: {_short(watched.part.log_path)}). "
                    f"Starting it again in {watched.pause_s:.0f} s."
                )
                watched.pause_s = min(watched.pause_s * 2, LONGEST_PAUSE_S)
            elif watched.due_at is not None and now >= watched.due_at:
                self._start_again(watched=watched)

    def _start_again(self, *, watched: _Watched) -> None:
        try:
            watched.part.start()
        except (EmbeddedError, OSError) as error:
            watched.due_at = time.monotonic() + watched.pause_s
            watched.pause_s = min(watched.pause_s * 2, LONGEST_PAUSE_S)
            self.say(f"{_named(watched.part)} does not start: {error}")
            return
        watched.started_at = time.monotonic()
        watched.due_at = None
        self.changed()
        self.say(f"{_named(watched.part)} runs again.")

    def stop_all(self) -> None:
        """Stop everything that was started: programs first, databases last."""
        parts = [watched.part for watched in self._watched]
        for part in parts:
            if isinstance(part, Program):
                part.ask_stop()
        for part in reversed(parts):
            part.stop()
        self._watched.clear()


def web_wait(*, program: Program, address: str) -> None:
    """
    Wait until the web server answers on /healthz with 200.

    Raises: EmbeddedError with the end of its log.
    """
    deadline = time.monotonic() + READY_TIMEOUT_S
    answer = "nothing"
    while time.monotonic() < deadline:
        if program.returncode() is not None:
            raise EmbeddedError(f"The web server ended. Its log {_short(program.log_path)} ends:\n{program.said()}")
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5) as response:  # noqa: S310 - our own http address
                if response.status == 200:
                    return
                answer = f"status {response.status}"
        except urllib.error.HTTPError as error:
            answer = f"status {error.code}: {error.read(300).decode('utf-8', 'replace')}"
        except OSError as error:
            answer = str(error)
        time.sleep(0.1)
    raise EmbeddedError(
        f"The web server did not become ready in {READY_TIMEOUT_S:.0f} s (/healthz gave {answer}). "
        f"Its log {_short(program.log_path)} ends:\n{program.said()}"
    )


def web_server(*, host: str, port: int, env: Mapping[str, str], log_path: Path) -> Program:
    """Return granian as production runs it: WSGI, a process per core, eight threads each."""
    argv = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", host, "--port", str(port)]
    argv += ["--workers", str(os.cpu_count() or 1), "--blocking-threads", "8", "--no-ws", "--respawn-failed-workers"]
    argv += ["--workers-kill-timeout", "5", "astrobookings.wsgi:application"]
    return Program(name="web server", argv=argv, env={**env, "DATABASE_POOL": "true"}, log_path=log_path)


def worker(*, env: Mapping[str, str], log_path: Path) -> Program:
    """Return the django-q2 cluster; without the connection pool, which does not survive its forks."""
    argv = [sys.executable, str(ROOT / "manage.py"), "qcluster"]
    return Program(name="worker", argv=argv, env={**env, "DATABASE_POOL": "false"}, log_path=log_path)


@dataclass(kw_only=True)
class Preparation:
    """
    The management commands of a start in one process (see prepare.py), which loads Django while the databases start.

    `begin` starts the loading, `finish` lets it work; both are called once.
    """

    env: Mapping[str, str]
    log_path: Path
    _process: subprocess.Popen[bytes] | None = None
    _reports: int = -1

    def begin(self) -> None:
        """Start the process; it waits for `finish` before it touches a database."""
        self._reports, write_end = os.pipe()
        with log_open(path=self.log_path) as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "astrobookings.embedded.prepare", str(write_end)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=dict(self.env),
                cwd=ROOT,
                pass_fds=[write_end],
                process_group=0,
                preexec_fn=follow_parent(parent_pid=os.getpid(), death_signal=signal.SIGTERM),
            )
        os.close(write_end)

    def finish(self, *, on_event: Callable[[dict[str, str]], None]) -> None:
        """
        Let it run the commands, passing on what it reports.

        Raises: EmbeddedError with the sentence of the command that failed.
        """
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("begin() comes first")
        failure = ""
        try:
            with contextlib.suppress(BrokenPipeError):  # it failed while loading; its report says why
                self._process.stdin.write(b"go\n")
                self._process.stdin.close()
            with os.fdopen(self._reports) as reports:
                for line in reports:
                    event = json.loads(line)
                    if "failed" in event:
                        failure = event["failed"]
                    else:
                        on_event(event)
            code = self._process.wait()
        except BaseException:
            self._process.terminate()
            self._process.wait()
            raise
        if code or failure:
            end = log_tail(path=self.log_path)
            raise EmbeddedError(failure or f"The preparation ended with code {code}. Its log ends:\n{end}")


def _named(part: Part) -> str:
    return part.name if part.name[0].isupper() else f"The {part.name}"


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
