"""django-q2's cluster as a family that lives and dies together."""

import logging
import os
import signal
import sys
from typing import Any

from django_q import cluster
from django_q.management.commands import qcluster

from astrobookings.embedded.processes import follow_parent

log = logging.getLogger(__name__)
_parent_pid = 0


class Sentinel(cluster.Sentinel):
    """
    Watches the processes for jobs; when one of them was killed, it gives up all of them.

    Whoever waits for the next job holds the lock of the queue that all of them share. Killed, say for want of memory,
    it never lets go: the others, and those started in its place, would wait for ever and no job would run.
    """

    def reincarnate(self, process: Any) -> None:
        """Start a process anew that took too long or had its number of jobs."""
        if process.exitcode is not None and process.exitcode < 0:
            log.critical("A process of the worker was killed (signal %s); the worker ends.", -process.exitcode)
            logging.shutdown()
            os._exit(1)  # the kernel ends the children
        super().reincarnate(process)


class Command(qcluster.Command):
    help = "Run the jobs: starts a django-q2 cluster. Ends with code 1 when one of its processes was killed."

    def handle(self, *args: Any, **options: Any) -> None:
        os.register_at_fork(before=_remember_parent, after_in_child=_end_with_parent)
        cluster.Sentinel = Sentinel
        started: list[cluster.Cluster] = []

        class Cluster(cluster.Cluster):
            def start(self) -> int:
                started.append(self)
                return int(super().start())

        qcluster.Cluster = Cluster
        super().handle(*args, **options)
        sentinel = started[0].sentinel
        sentinel.join()
        sys.exit(1 if sentinel.exitcode else 0)


def _remember_parent() -> None:
    global _parent_pid  # noqa: PLW0603 - what a fork hook can leave to the child
    _parent_pid = os.getpid()


def _end_with_parent() -> None:
    # A killed cluster would leave its children at work, unseen, beside those of the next one.
    follow_parent(parent_pid=_parent_pid, death_signal=signal.SIGKILL)()
