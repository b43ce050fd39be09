"""What PostgreSQL and the document servers need of the operating system: children that never outlive their parent."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
LOG_LIMIT_BYTES = 8 * 1024 * 1024

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


class EmbeddedError(Exception):
    """A server could not be started or kept; the text says what happened and what to do."""


def follow_parent(*, parent_pid: int, death_signal: int) -> Callable[[], None]:
    """
    Give the function to run in a new child after fork: the kernel then sends it `death_signal` when the parent ends.

    The kernel watches the parent's *thread*: start such children from a thread that lives as long as they should.
    """

    def in_child() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
            if os.getppid() != parent_pid:  # the parent died between fork and prctl
                os._exit(1)

    return in_child


def child_start(
    *,
    argv: Sequence[str],
    log: IO[bytes] | int,
    env: Mapping[str, str] | None = None,
    cwd: str | Path = "/",
    uid: int | None = None,
    gid: int | None = None,
    umask: int = 0o077,
    death_signal: int = signal.SIGTERM,
    stdin: int = subprocess.DEVNULL,
    own_group: bool = True,
) -> subprocess.Popen[bytes]:
    """
    Start a child that gets `death_signal` when this process ends, however it ends.

    `own_group` takes the child out of the terminal's foreground group, so that Ctrl-C reaches only us and the order of
    stopping stays ours.
    """
    return subprocess.Popen(
        list(argv),
        stdin=stdin,
        stdout=log,
        stderr=log,
        env=None if env is None else dict(env),
        cwd=cwd,
        user=uid,
        group=gid,
        extra_groups=[] if uid is not None else None,
        umask=umask,
        process_group=0 if own_group else None,
        preexec_fn=follow_parent(parent_pid=os.getpid(), death_signal=death_signal),
    )


def log_open(*, path: Path) -> IO[bytes]:
    """Open a log for appending; one that has grown past 8 MiB is set aside as `<name>.1` first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def log_tail(*, path: Path, since: int = 0, lines: int = 6) -> str:
    """Return the newest lines a log got after the byte `since`, for the sentence about a failed start."""
    try:
        with path.open("rb") as log:
            log.seek(max(since, path.stat().st_size - 8192))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])


def port_is_free(*, port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def port_choose(*, wanted: int | None = None) -> int:
    """Return `wanted` if it is free on loopback, otherwise any free port."""
    if wanted is not None and port_is_free(port=wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_answers(*, port: int, host: str = "127.0.0.1", timeout_s: float = 0.5) -> bool:
    """Tell whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False


def process_started(*, pid: int) -> str:
    """
    Return a mark of the process that a later process with the same id does not share; "" when it does not run.

    Source: field 22 of /proc/<pid>/stat (start in clock ticks since boot). Without /proc it is just "alive".
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        if Path("/proc/self/stat").exists():
            return ""
        try:
            os.kill(pid, 0)
        except PermissionError:
            return "alive"
        except OSError:
            return ""
        return "alive"
    return "" if fields[0] == "Z" else fields[19]


def free_bytes(*, path: Path) -> int:
    """Return the space an ordinary user has left on the disk of the path (of its nearest existing parent)."""
    while not path.exists() and path != path.parent:
        path = path.parent
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize
