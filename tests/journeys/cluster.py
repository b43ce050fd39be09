"""
A real django-q2 cluster with the chores of the tests for jobs, whose scheduler looks five times a second.

Django-q2 looks at its schedules every 30 seconds; here the same function is called more often, so that a test of ticks
takes seconds, and two clusters meet at every tick.
"""

import signal
import threading


def main() -> None:
    """Run until SIGTERM."""
    import django

    django.setup()
    from django.conf import settings
    from django_q.cluster import Cluster
    from django_q.scheduler import scheduler

    from tests.common import chores

    settings.SCHEDULES = chores.SCHEDULES
    stopped = threading.Event()
    cluster = Cluster()
    cluster.start()  # takes SIGTERM for itself
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    while not stopped.wait(0.2):
        scheduler()
    cluster.stop()


if __name__ == "__main__":
    main()
