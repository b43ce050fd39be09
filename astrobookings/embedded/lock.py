"""One `make run` at a time on a directory of local data: the file it holds locked tells others where it is."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from astrobookings.embedded.preflight import var_ready
from astrobookings.embedded.processes import EmbeddedError, process_started

STOP_WAIT_S = 45.0


class RunLock:
    """The file that a running `make run` holds locked: its process id, and its address once it is ready."""

    def __init__(self, *, path: Path) -> None:
        self.path = path
        self.handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self) -> bool:
        """Lock it, if nobody holds it."""
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def note(self, *, text: str) -> None:
        """Write who holds it: process id, and the address once that answers."""
        os.ftruncate(self.handle, 0)
        os.pwrite(self.handle, text.encode(), 0)

    def holder(self) -> tuple[int, str]:
        """Return process id and address ("" while it starts) of who holds it."""
        words = os.pread(self.handle, 300, 0).decode().split()
        return (int(words[0]) if words else 0), (words[1] if len(words) > 1 else "")

    def close(self) -> None:
        """Let it go."""
        os.close(self.handle)


@contextlib.contextmanager
def only_one(*, var: Path) -> Iterator[RunLock]:
    """Hold the lock while the block runs. Raises: EmbeddedError when another run holds it."""
    var_ready(var=var)
    lock = RunLock(path=var / "run" / "lock")
    try:
        if not lock.take():
            pid, address = lock.holder()
            where = f" at {address}" if address else ", still starting"
            raise EmbeddedError(
                f"Astro Bookings runs already (process {pid}{where}). "
                "Stop it with Ctrl-C in its terminal, or with: make stop"
            )
        yield lock
        lock.note(text="")
    finally:
        lock.close()


def stop_other(*, var: Path) -> str:
    """Stop the run that holds the lock, wait for its end, and say what was done."""
    path = var / "run" / "lock"
    if not path.exists():
        return "Nothing is running."
    lock = RunLock(path=path)
    if lock.take():
        return "Nothing is running."
    pid, _ = lock.holder()
    mark = process_started(pid=pid)
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_WAIT_S
    while mark and process_started(pid=pid) == mark:
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Process {pid} has not stopped after {STOP_WAIT_S:.0f} s; `kill -9 {pid}` ends it.")
        time.sleep(0.05)
    return "Stopped."
