"""
The lease by which one process at a time delivers to a consumer, kept for as long as that process works.

# Note [A lease is kept by a thread]
One call of a handler may take longer than a lease: a spaceport's new name touches every trip from there. Were the lease
to lapse within it, the next process would begin the same events, and the first could not record that it had done them;
with enough of them taking turns nobody ever would. So a thread renews it while the call runs. A process that dies takes
its thread along, and one that hangs is ended by the worker's time limit.
"""

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connections
from django.db.models.functions import Now

from common.models import OutboxPosition

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
RENEW_EVERY_S = 5.0


@contextmanager
def kept(*, consumer: str, lease: uuid.UUID) -> Iterator[None]:
    """Renew a lease that was taken, until the block ends; see Note [A lease is kept by a thread]."""
    ending = threading.Event()
    keeper = threading.Thread(target=_keep, args=(consumer, lease, ending), name=f"lease-{consumer}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ending.set()
        keeper.join()


def _keep(consumer: str, lease: uuid.UUID, ending: threading.Event) -> None:
    while not ending.wait(RENEW_EVERY_S):
        try:
            held = OutboxPosition.objects.filter(consumer=consumer, lease=lease)
            if not held.update(leased_until=Now() + LEASE):
                log.warning("Consumer %s was taken over by another process.", consumer)
                break
        except (DatabaseError, InterfaceError) as error:
            log.warning("The lease of consumer %s was not renewed: %s", consumer, error)
            connections.close_all()  # the next try is made on a new one
    connections.close_all()
