"""Waiting for real processes without sleeping: the kernel tells when one ends."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def gone(pid: int, *, within_s: float = 30) -> bool:
    """Tell whether the process ends within the time (or was gone already)."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], within_s)[0])
    finally:
        os.close(handle)


def line_of(process: subprocess.Popen, *, within_s: float = 60) -> str:
    """Return the next line of the process's standard output; fail when none comes in time."""
    text = b""
    deadline = time.monotonic() + within_s
    while not text.endswith(b"\n"):
        assert select.select([process.stdout], [], [], max(0, deadline - time.monotonic()))[0], f"only {text!r} came"
        piece = os.read(process.stdout.fileno(), 1)
        if not piece:
            break
        text += piece
    return text.decode()


def python(code: str, *arguments: str, **kwargs) -> subprocess.Popen:
    """Start a Python that runs the code; its standard output is a pipe."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, bufsize=0, cwd=ROOT, **kwargs
    )


def descendants(pid: int) -> list[int]:
    """Return all living descendants of a process."""
    found = []
    todo = [pid]
    while todo:
        one = todo.pop()
        try:
            children = [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        except OSError:
            continue
        found += children
        todo += children
    return found
