"""A real django-q2 cluster in a process of its own, on the databases of the running test."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

WITHIN_S = 180  # on a busy machine the worker alone takes a minute to start


@contextmanager
def running_worker(
    mail_dir: Path, *, command: tuple[str, ...] = ("manage.py", "qcluster"), **variables: str
) -> Iterator[None]:
    """Start `manage.py qcluster`, or another program that is a cluster, and stop all its processes at the end."""
    database = connection.settings_dict
    url = (
        f"postgresql://{quote(database['USER'])}:{quote(database['PASSWORD'], safe='')}"
        f"@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "astrobookings.settings.local",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": url,
        "VAR_DIR": str(mail_dir.parent),
        "MAIL_DIR": str(mail_dir),
        "SITE_URL": settings.SITE_URL,
        "DEMO": "false",
        "WORKERS": "1",
        **variables,
    }
    log = (mail_dir.parent / "worker.log").open("ab")
    worker = subprocess.Popen(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        try:
            worker.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        log.close()


def within(look: Callable[[], bool], what: str) -> None:
    """Look again and again until it is so."""
    deadline, pause = time.monotonic() + WITHIN_S, threading.Event()
    while not look():
        assert time.monotonic() < deadline, f"Not within {WITHIN_S} s: {what}"
        pause.wait(0.05)


def eventually(page, look: Callable[[], bool], what: str) -> None:
    """Look again and again, with the browser's own clock in between, until it is so."""
    for _ in range(WITHIN_S * 4):
        if look():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"Not within {WITHIN_S} s: {what}")
