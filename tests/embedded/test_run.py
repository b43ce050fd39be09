"""The whole of `make run` after the installation: started, killed, started again."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from astrobookings.embedded import state
from astrobookings.embedded.processes import port_choose
from tests.embedded.waiting import ROOT, descendants, gone, line_of

READY_WITHIN_S = 300  # seconds; on a machine that does other things too


@pytest.fixture
def surroundings(place):
    clean = {name: value for name, value in os.environ.items() if name not in {*state.URL_NAMES, "MAKELEVEL"}}
    return {
        **clean,
        "VAR_DIR": str(place / "var"),
        "PORT": str(port_choose()),
        "DJANGO_SETTINGS_MODULE": "astrobookings.settings.local",
        "PYTHONUNBUFFERED": "1",
    }


@contextlib.contextmanager
def _start(surroundings):
    with subprocess.Popen(
        [sys.executable, "-m", "astrobookings.embedded.run"],
        cwd=ROOT,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
    ) as run:
        try:
            yield run
        finally:
            run.kill()


def _welcome(run):
    """Read what it prints up to the last line of the welcome."""
    text = ""
    deadline = time.monotonic() + READY_WITHIN_S
    while "Ctrl-C stops everything" not in text:
        line = line_of(run, within_s=deadline - time.monotonic())
        assert line, f"it ended:\n{text}"
        text += line
    return text


def _count_users(surroundings):
    question = "from accounts.models import User; print(User.objects.count())"
    asked = subprocess.run(
        [
            sys.executable,
            "manage.py",
            "shell",
            "-v0",
            "-c",
            question,
        ],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(asked.stdout.split()[-1])


def test_it_starts_is_found_dies_whole_and_goes_on_with_its_data(surroundings):
    address = f"http://127.0.0.1:{surroundings['PORT']}"
    with _start(surroundings) as run:
        welcome = _welcome(run)
        for path in ("/", "/supplier/", "/employee/", "/admin/", "/api/docs/"):
            assert f"{address}{path}\n" in welcome
        with urllib.request.urlopen(f"{address}/healthz", timeout=20) as answer:  # noqa: S310
            assert answer.status == 200
        users = _count_users(surroundings)  # manage.py alone finds the databases
        family = descendants(run.pid)
        run.send_signal(signal.SIGKILL)
    assert users > 0
    assert len(family) >= 8
    assert [pid for pid in family if not gone(pid)] == []
    with _start(surroundings) as run:
        _welcome(run)
        assert _count_users(surroundings) == users
        family = descendants(run.pid)
        run.send_signal(signal.SIGTERM)
        rest = run.stdout.read().decode()
        run.wait(60)
    assert run.returncode == 0
    assert "Stopped. The data stay" in rest
    assert [pid for pid in family if not gone(pid)] == []
