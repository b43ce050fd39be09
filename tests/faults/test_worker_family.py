"""The worker is a family of processes: when one of them is killed none is left behind, and a new worker goes on."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from django_q.tasks import async_task, fetch

from tests.embedded.waiting import descendants, gone
from tests.faults.site import ROOT, environment
from tests.faults.until import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[[], subprocess.Popen]]:
    """`manage.py qcluster` as production starts it, with two processes for jobs."""
    env = environment(place=tmp_path, mail_port=1) | {"WORKERS": "2"}
    started = []

    def qcluster() -> subprocess.Popen:
        with (tmp_path / "worker.log").open("ab") as log:
            command = [sys.executable, "manage.py", "qcluster"]
            started.append(subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True))
        return started[-1]

    yield qcluster
    for one in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)
        one.wait()


def a_job_is_done() -> None:
    with transaction.atomic():
        job = async_task("common.tasks.outbox_sweep")
    until(lambda: fetch(job), "a job is done")


def test_a_killed_worker_leaves_nobody_at_work(start):
    worker = start()
    a_job_is_done()
    family = descendants(worker.pid)

    worker.kill()

    assert len(family) == 5
    assert all(gone(pid) for pid in family)


def test_a_worker_one_of_whose_processes_is_killed_ends_for_a_new_one_to_go_on(start):
    worker = start()
    a_job_is_done()
    family = descendants(worker.pid)
    waiting_for_jobs = family[1]

    os.kill(waiting_for_jobs, signal.SIGKILL)

    assert worker.wait(60) == 1
    assert all(gone(pid) for pid in family)
    start()
    a_job_is_done()


def test_a_worker_that_is_asked_to_stop_does_so_in_good_order(start):
    worker = start()
    a_job_is_done()
    family = descendants(worker.pid)

    worker.terminate()

    assert worker.wait(60) == 0
    assert all(gone(pid) for pid in family)
