"""
Log lines that wait on disk while their store is away.

Each process appends to a file of its own, which it keeps locked; a file whose lock is free was left by a process that
ended, and whoever finds it delivers it. Delivered twice is once, because every line carries its key.
"""

import contextlib
import fcntl
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

LIMIT_BYTES = 256 * 1024 * 1024
_LINES_AT_ONCE = 200  # a busy store takes half a second for them

Line = dict[str, Any]


class Spool:
    """The waiting lines of this process, and of those that ended before it."""

    def __init__(self, directory: Path, *, part: str = "") -> None:
        self._directory = directory
        # In a container each start has the same process id, and the file of the one before may be locked for minutes.
        parts = ("system-log", str(os.getpid()), secrets.token_hex(4), part)
        self._path = directory / f"{'-'.join(filter(None, parts))}.jsonl"
        self._file: IO[str] | None = None

    def append(self, lines: Sequence[Line]) -> int:
        """Keep the lines, the newest last; return how many had no room (the disk or the file is full)."""
        try:
            if self._file is None:
                self._file = self._open()
            if self._file.tell() > LIMIT_BYTES:
                return len(lines)
            self._file.writelines(json.dumps(line) + "\n" for line in lines)
            self._file.flush()
        except OSError:
            return len(lines)
        return 0

    def is_open(self) -> bool:
        """Tell whether this process has put lines here since the latest delivery."""
        return self._file is not None

    def deliver(self, send: Callable[[list[Line]], None]) -> None:
        """
        Hand over what waits, file by file in order, and remove each file that was handed over whole.

        Whatever `send` raises leaves the file as it is, for the next time.
        """
        self.close()
        for path in self._paths():
            try:
                file = path.open(errors="replace")  # of a line that cannot be read the others are none the worse
            except OSError:
                continue
            with file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    continue  # its process lives and delivers it
                if not _is_at(path, file):
                    continue  # another one delivered it between our two steps, and its process may have begun anew
                for batch in _batches(file):
                    send(batch)
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of this process's file; it stays."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):  # a full disk: what it has no room for was counted as lost
                file.close()

    def _open(self) -> IO[str]:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "a")
            fcntl.flock(file, fcntl.LOCK_EX)
            # Whoever held the lock may have delivered and removed the file while we waited.
            if _is_at(self._path, file):
                size = file.tell()
                if size and os.pread(file.fileno(), 1, size - 1) != b"\n":  # the disk was full within a line
                    file.write("\n")
                return file
            file.close()

    def _paths(self) -> list[Path]:
        return sorted(self._directory.glob("system-log-*.jsonl"), key=_age)


def _is_at(path: Path, file: IO[str]) -> bool:
    """Tell whether an open file is still the one of that name."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except FileNotFoundError:  # another process has handed it over meanwhile
        return 0.0, path.name


class Overflow:
    """
    Lines that callers put on disk themselves, because nobody empties their queue.

    A file of its own under a lock that is never held over the network, for handing over all that waits takes minutes
    after a long outage; and a new file after each `close`, because the one before is locked while it is handed over.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._spool: Spool | None = None

    def append(self, lines: Sequence[Line]) -> int:
        """Keep the lines, the newest last; return how many had no room."""
        with self._lock:
            if self._spool is None:
                self._spool = Spool(self._directory, part="overflow")
            return self._spool.append(lines)

    def close(self) -> bool:
        """Let go of the file, so that it can be handed over; tell whether there was one."""
        with self._lock:
            spool, self._spool = self._spool, None
            if spool is not None:
                spool.close()
        return spool is not None


def _batches(file: IO[str]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    for text in file:
        try:
            batch.append(json.loads(text))
        except ValueError:  # the process was killed in the middle of a line
            continue
        if len(batch) == _LINES_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
