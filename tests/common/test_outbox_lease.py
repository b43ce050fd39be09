"""A consumer stays with the process that works for it, however long one call takes."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from common import outbox_delivery, outbox_lease
from common.models import OutboxPosition
from tests.common.happenings import listen, listen_to_batches, publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _renewed_often(monkeypatch):
    monkeypatch.setattr(outbox_lease, "RENEW_EVERY_S", 0.01)


def is_renewed_after(lapse) -> bool:
    """Have the lease lapse, and wait until it is renewed; false when that does not happen for a long time."""
    lapse()
    for _ in range(3000):
        if OutboxPosition.objects.filter(leased_until__gt=timezone.now() + outbox_lease.LEASE / 2).exists():
            return True
        threading.Event().wait(0.01)
    return False


def lapse() -> None:
    OutboxPosition.objects.update(leased_until=timezone.now() - timedelta(seconds=1))


def deliver_elsewhere() -> int:
    """Deliver from another thread with a connection of its own, as another worker would."""
    done = []

    def work():
        done.append(outbox_delivery.deliver(consumer="ear"))
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return done[0]


@pytest.mark.usefixtures("_renewed_often")
def test_nobody_begins_a_batch_whose_call_outlasts_the_lease(monkeypatch):
    calls, elsewhere = [], []

    def slow(numbers):
        calls.append(numbers)
        if len(calls) == 1 and is_renewed_after(lapse):
            elsewhere.append(deliver_elsewhere())

    listen_to_batches(monkeypatch, slow)
    publish(1, 2)

    assert outbox_delivery.deliver(consumer="ear") == 2

    assert (calls, elsewhere) == ([[1, 2]], [0])
    assert OutboxPosition.objects.get().leased_until is None
    assert outbox_delivery.deliver(consumer="ear") == 0  # the position has moved


@pytest.mark.usefixtures("_renewed_often")
def test_what_was_set_aside_is_retried_by_one_process_too(monkeypatch):
    tries, elsewhere = [], []

    def handler(number):
        tries.append(number)
        if len(tries) == 1:
            raise ValueError("not yet")
        if is_renewed_after(lapse):
            elsewhere.append(deliver_elsewhere())

    listen(monkeypatch, handler)
    publish(1)
    outbox_delivery.deliver(consumer="ear")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE common_outboxfailure SET retry_at = now()")

    assert outbox_delivery.deliver(consumer="ear") == 1

    assert (tries, elsewhere) == ([1, 1], [0])


@pytest.mark.usefixtures("_renewed_often")
def test_who_keeps_a_lease_leaves_it_to_another_and_leaves_nothing_behind(monkeypatch):
    theirs = "00000000-0000-0000-0000-000000000001"
    before = connections_open()

    def taken_over(numbers):
        OutboxPosition.objects.update(lease=theirs, leased_until=None)
        for thread in threading.enumerate():
            if thread.name == "lease-ear":
                thread.join()  # it has learned of it

    listen_to_batches(monkeypatch, taken_over)
    publish(1)

    assert outbox_delivery.deliver(consumer="ear") == 1

    row = OutboxPosition.objects.get()
    assert (str(row.lease), row.leased_until, row.event_id) == (theirs, None, 0)
    assert connections_open() == before
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lease-")]


def connections_open() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


def test_many_slow_failures_take_no_more_than_a_turn(monkeypatch):
    seen, is_broken = [], [True]

    def handler(number):
        if is_broken[0]:
            raise ValueError("not yet")
        seen.append(number)

    listen(monkeypatch, handler)
    publish(1, 2, 3)
    outbox_delivery.deliver(consumer="ear")
    is_broken[0] = False
    with connection.cursor() as cursor:
        cursor.execute("UPDATE common_outboxfailure SET retry_at = now()")

    assert outbox_delivery.deliver(consumer="ear", for_s=0) == 1
    assert outbox_delivery.deliver(consumer="ear", for_s=60) == 2
    assert seen == [1, 2, 3]
