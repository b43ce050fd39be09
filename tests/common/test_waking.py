"""The worker's wake-ups: few, and none that keeps its processes from the other jobs."""

import pytest
from django_q.models import OrmQ

from common import tasks
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
