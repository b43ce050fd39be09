"""The worker's wake-ups: few, and none that keeps its processes from the other jobs."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone
from django_q.models import OrmQ

from common import outbox_consumers, outbox_delivery, tasks
from common.models import IdempotencyRecord, OutboxPosition
from tests.common.happenings import listen, publish

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rush_of_events_leaves_one_wake_up_waiting(monkeypatch):
    listen(monkeypatch, lambda number: None)

    for number in range(5):
        publish(number)

    assert [task.name() for task in OrmQ.objects.all()] == ["deliver events"]


def test_who_publishes_after_a_delivery_has_begun_wakes_the_worker_again(monkeypatch):
    listen(monkeypatch, lambda number: publish(number + 1) if number < 3 else None)
    publish(1)
    OrmQ.objects.all().delete()

    assert tasks.outbox_deliver() == 3
    assert OrmQ.objects.count() == 1


def test_a_delivery_that_never_ends_makes_room_for_other_jobs_and_goes_on_later(monkeypatch):
    monkeypatch.setattr(tasks, "DELIVER_FOR_S", 0.0)
    heard = []
    listen(monkeypatch, lambda number: (heard.append(number), publish(number + 1)))
    publish(1)
    OrmQ.objects.all().delete()

    handled = tasks.outbox_deliver()

    assert handled == len(heard)
    assert [task.name() for task in OrmQ.objects.all()] == ["deliver events"]


def test_a_delivery_waits_for_the_older_transaction_that_keeps_an_event_back(monkeypatch):
    """It wakes nobody when it ends, so else the event would wait for the sweep."""
    heard, written, may_commit = [], threading.Event(), threading.Event()
    listen(monkeypatch, heard.append)

    def slow():
        with transaction.atomic():
            IdempotencyRecord.objects.create(actor_id=1, key="x", operation="x", locked_until=timezone.now())
            written.set()
            may_commit.wait(30)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(30)
    publish(1)
    kept_back = outbox_delivery.deliver_all()  # the control: one look finds nothing
    monkeypatch.setattr(tasks, "LINGER_S", 30.0)
    is_behind = outbox_delivery.is_behind

    def looked():
        may_commit.set()
        return is_behind()

    monkeypatch.setattr(outbox_delivery, "is_behind", looked)
    handled = tasks.outbox_deliver()
    thread.join()

    assert (kept_back, handled, heard) == (0, 1, [1])


def test_a_delivery_does_not_wait_for_ever_nor_for_a_consumer_that_rests(monkeypatch):
    def away(number):
        raise outbox_consumers.Unavailable("away")

    listen(monkeypatch, away)
    publish(1)
    OutboxPosition.objects.create(
        consumer="ear", lease=uuid.uuid4(), leased_until=timezone.now() + timedelta(minutes=1)
    )
    monkeypatch.setattr(tasks, "LINGER_S", 0.1)

    assert tasks.outbox_deliver() == 0  # somebody else is at it, for long
    OutboxPosition.objects.update(lease=None, leased_until=None)
    monkeypatch.setattr(tasks, "LINGER_S", 3600.0)
    assert tasks.outbox_deliver() == 0
    assert not outbox_delivery.is_behind()
