"""Handlers that take many events at once keep what holds for one: in order, none lost, a bad one set aside alone."""

import pytest

from common import outbox_consumers, outbox_delivery
from common.models import OutboxFailure, OutboxPosition
from tests.common.happenings import listen_to_batches, publish

pytestmark = pytest.mark.django_db(transaction=True)


def reached() -> int:
    return OutboxPosition.objects.get(consumer="ear").event_id


def test_a_batch_handler_gets_many_events_at_once_and_in_order(monkeypatch):
    monkeypatch.setattr(outbox_delivery, "BATCH", 4)
    calls = []
    listen_to_batches(monkeypatch, calls.append)
    publish(*range(10))

    assert outbox_delivery.deliver(consumer="ear") == 10

    assert calls == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_one_bad_event_of_a_batch_is_set_aside_alone(monkeypatch):
    calls = []

    def handler(numbers):
        calls.append(numbers)
        if 2 in numbers:
            raise ValueError("cannot do this one")

    listen_to_batches(monkeypatch, handler)
    publish(1, 2, 3)

    assert outbox_delivery.deliver(consumer="ear") == 3

    failure = OutboxFailure.objects.get()
    assert calls == [[1, 2, 3], [1], [2], [3]]
    assert (failure.event.payload["number"], failure.error) == (2, "ValueError: cannot do this one")


def test_a_batch_whose_store_is_away_is_given_again_whole(monkeypatch):
    written, is_away = [], [True]

    def handler(numbers):
        if is_away[0]:
            raise outbox_consumers.Unavailable("away")
        written.extend(numbers)

    listen_to_batches(monkeypatch, handler)
    publish(1, 2)

    assert outbox_delivery.deliver(consumer="ear") == 0
    assert (reached(), OutboxFailure.objects.count()) == (0, 0)
    is_away[0] = False
    OutboxPosition.objects.update(retry_at=None)
    assert outbox_delivery.deliver(consumer="ear") == 2
    assert written == [1, 2]


def test_the_position_stays_when_a_process_dies_within_a_batch(monkeypatch):
    class Killed(BaseException):
        pass

    written = []

    def handler(numbers):
        written.append(numbers)
        if len(written) == 1:
            raise Killed

    listen_to_batches(monkeypatch, handler)
    publish(1, 2)

    with pytest.raises(Killed):
        outbox_delivery.deliver(consumer="ear")
    assert reached() == 0
    outbox_delivery.deliver(consumer="ear")

    assert written == [[1, 2], [1, 2]]


def test_a_turn_ends_between_two_events_and_the_next_goes_on(monkeypatch):
    calls = []
    listen_to_batches(monkeypatch, calls.append)
    monkeypatch.setattr(outbox_delivery, "BATCH", 2)
    publish(1, 2, 3)

    assert outbox_delivery.deliver(consumer="ear", for_s=0) == 2
    assert outbox_delivery.deliver(consumer="ear", for_s=60) == 1

    assert calls == [[1, 2], [3]]
