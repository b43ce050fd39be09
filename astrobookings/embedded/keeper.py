"""
A small process between `make run` and a program that forks (the web server, the worker): all end with us.

`python -m astrobookings.embedded.keeper PROGRAM ARGUMENT...`, with a pipe as standard input. When the pipe closes
(the kernel sees to that, however its other end dies) or on SIGTERM, the program gets SIGTERM and some seconds, then all
its descendants get SIGKILL. When the program ends by itself, what it has left running is ended too, and its exit code
is ours.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from types import FrameType

from astrobookings.embedded.processes import follow_parent

PR_SET_CHILD_SUBREAPER = 36
GRACE_S = 8.0


def main(argv: list[str]) -> int:
    """Run the program; return its exit code."""
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)  # out of the terminal's reach: Ctrl-C goes to `make run`, which asks us
    if sys.platform.startswith("linux"):
        # Grandchildren that lose their parent become ours, so that none can leave unseen.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    stops = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    asked_to_stop = False

    def on_signal(number: int, frame: FrameType | None) -> None:
        nonlocal asked_to_stop
        asked_to_stop = asked_to_stop or number in stops

    for number in (*stops, signal.SIGCHLD):
        signal.signal(number, on_signal)
    program = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        preexec_fn=follow_parent(parent_pid=os.getpid(), death_signal=signal.SIGTERM),  # if we are killed
    )
    while program.poll() is None and not asked_to_stop:
        readable, _, _ = select.select([0, wake_read], [], [])
        if wake_read in readable:
            os.read(wake_read, 4096)
        if 0 in readable and not os.read(0, 4096):
            asked_to_stop = True
    if program.poll() is None:
        program.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(timeout=GRACE_S)
    _end_group(program=program)
    return program.returncode if program.returncode >= 0 else 128 - program.returncode


def _end_group(*, program: subprocess.Popen[bytes]) -> None:
    """Kill every process that is left of the program's family, and collect them."""
    deadline = time.monotonic() + GRACE_S
    while time.monotonic() < deadline:
        family = _family(of=os.getpid())
        if not family:
            break
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        program.poll()
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            break
        time.sleep(0.01)
    if program.poll() is None:
        program.kill()
        program.wait()


def _family(*, of: int) -> list[int]:
    """Return all living descendants of a process (Linux lists them; elsewhere none are found)."""
    found: list[int] = []
    todo = [of]
    while todo:
        pid = todo.pop()
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as listed:
                children = [int(text) for text in listed.read().split()]
        except OSError:
            continue
        found += children
        todo += children
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
