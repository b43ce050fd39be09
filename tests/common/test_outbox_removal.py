"""Old events go in batches, and never one that somebody still needs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common import outbox_consumers, outbox_delivery, outbox_removal, tasks
from common.models import OutboxEvent, OutboxFailure, OutboxPosition
from tests.common.happenings import Happened, publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ears(monkeypatch):
    """Two consumers; one fails on number 3."""

    def picky(event):
        if event.payload["number"] == 3:
            raise ValueError("no")

    handlers = {"one": [(Happened.name, picky)], "two": [(Happened.name, lambda event: None)]}
    monkeypatch.setattr(outbox_consumers, "_handlers", handlers)
    monkeypatch.setattr(outbox_consumers, "_batch_handlers", {})


def left() -> list[int]:
    return [event.payload["number"] for event in OutboxEvent.objects.order_by("pk")]


def remove() -> int:
    return outbox_removal.events_remove(before=timezone.now() + timedelta(seconds=1))


def test_what_every_consumer_has_had_is_removed_in_batches(ears, monkeypatch):
    monkeypatch.setattr(outbox_removal, "BATCH", 2)
    publish(1, 2, 4, 5, 6)
    outbox_delivery.deliver_all()

    assert remove() == 5
    assert left() == []
    publish(7)
    assert outbox_delivery.deliver_all() == 2  # delivery goes on where it was


def test_what_one_consumer_has_not_passed_stays(ears):
    publish(1)
    outbox_delivery.deliver_all()
    publish(2)
    outbox_delivery.deliver(consumer="two")

    assert remove() == 1
    assert left() == [2]


def test_nothing_goes_while_a_consumer_has_never_begun(ears):
    publish(1)
    outbox_delivery.deliver(consumer="two")
    assert not OutboxPosition.objects.filter(consumer="one").exists()

    assert remove() == 0
    assert left() == [1]


def test_what_failed_stays_until_it_is_handled_or_dropped(ears):
    publish(1, 3, 4)
    outbox_delivery.deliver_all()

    assert remove() == 2
    assert left() == [3]
    OutboxFailure.objects.all().delete()
    assert remove() == 1


def test_a_consumer_that_is_gone_from_the_code_holds_nothing_up(ears):
    OutboxPosition.objects.create(consumer="retired")
    publish(1)
    outbox_delivery.deliver_all()

    assert remove() == 1


def test_the_job_keeps_events_for_as_long_as_the_setting_says(ears, settings):
    publish(1)
    publish(2)
    outbox_delivery.deliver_all()
    settings.EVENTS_KEPT_DAYS = 30
    old = timezone.now() - timedelta(days=30, minutes=1)
    young = timezone.now() - timedelta(days=29)
    OutboxEvent.objects.filter(payload__number=1).update(occurred_at=old)
    OutboxEvent.objects.filter(payload__number=2).update(occurred_at=young)

    assert tasks.events_remove() == 1
    assert left() == [2]
