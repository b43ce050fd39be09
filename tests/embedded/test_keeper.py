"""Programs that fork end as a family, whoever of it dies first."""

import os
import signal
import sys

import pytest

from astrobookings.embedded.programs import Program, Supervisor
from tests.embedded.waiting import gone, line_of, python

# A program with a child that ignores polite signals, as a stuck worker would.
STUBBORN = (
    "import os, signal, sys\n"
    "child = os.fork()\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN if child == 0 else signal.SIG_DFL)\n"
    "if child: print('family', os.getpid(), child, file=open(sys.argv[1], 'w') if sys.argv[1:] else None, flush=True)\n"
    "signal.pause()"
)
PARENT = (
    "import subprocess, sys\n"
    "k = subprocess.Popen([sys.executable, '-m', 'astrobookings.embedded.keeper', sys.executable, '-c', sys.argv[1]],"
    " stdin=subprocess.PIPE)\n"
    "print('keeper', k.pid, flush=True)\n"
    "k.wait()"
)


@pytest.mark.parametrize("victim", ["parent", "program"])
def test_nobody_is_left_when_one_is_killed(victim):
    with python(PARENT, STUBBORN, stdin=-1) as parent:
        keeper = int(line_of(parent).split()[1])
        program, child = (int(word) for word in line_of(parent).split()[1:])
        os.kill({"parent": parent.pid, "program": program}[victim], signal.SIGKILL)
        assert gone(program)
        assert gone(child)
        assert gone(keeper)


@pytest.mark.parametrize("victim", ["keeper", "program"])
def test_the_supervisor_starts_again_what_was_killed_and_ends_what_it_left(place, victim):
    said = []
    changes = []
    news = place / "news"
    os.mkfifo(news)
    program = Program(
        name="sleeper",
        argv=[sys.executable, "-c", STUBBORN, str(news)],
        env=dict(os.environ),
        log_path=place / "sleeper.log",
    )
    supervisor = Supervisor(say=said.append, changed=lambda: changes.append(program.pid))
    try:
        supervisor.start(part=program)
        first = program.pid
        first_family = [int(word) for word in news.read_text().split()[1:]]
        os.kill(first if victim == "keeper" else first_family[0], signal.SIGKILL)
        program._process.wait(30)
        supervisor.look()
        supervisor._watched[0].due_at = 0  # the pause is over
        supervisor.look()
        assert all(gone(pid) for pid in first_family)
        assert changes == [program.pid]
        assert program.pid != first
        assert "The sleeper ended unexpectedly" in said[0]
        assert said[1] == "The sleeper runs again."
        second_family = [program.pid, *(int(word) for word in news.read_text().split()[1:])]
    finally:
        supervisor.stop_all()
    assert all(gone(pid) for pid in second_family)
