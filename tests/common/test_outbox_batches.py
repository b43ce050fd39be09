"""Handlers that take many events at once keep what holds for one: in order, none lost, a bad one set aside alone."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from common import outbox_consumers, outbox_delivery, outbox_lease
from common.models import OutboxEvent, OutboxFailure, OutboxPosition
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


# --- a slow one by one ---
def bad_batch(monkeypatch, on_event) -> None:
    """Have a consumer that fails on every batch, and calls `on_event` with the number of each single event."""

    def handler(numbers):
        if len(numbers) > 1:
            raise ValueError("not together")
        on_event(numbers[0])

    listen_to_batches(monkeypatch, handler)
    monkeypatch.setattr(outbox_delivery, "SAVE_EVERY_S", 0)  # as if each took as long


def test_one_by_one_the_position_and_the_lease_go_along(monkeypatch):
    seen = []

    def on_event(number):
        row = OutboxPosition.objects.get(consumer="ear")
        seen.append((row.event_id, row.leased_until > timezone.now() + outbox_lease.LEASE / 2))
        OutboxPosition.objects.update(leased_until=timezone.now() + timedelta(seconds=1))  # nearly lapsed

    bad_batch(monkeypatch, on_event)
    publish(1, 2, 3)
    first, second, _ = OutboxEvent.objects.order_by("pk").values_list("pk", flat=True)

    assert outbox_delivery.deliver(consumer="ear") == 3

    assert seen == [(0, True), (first, True), (second, True)]


def test_one_by_one_it_stops_when_another_process_has_taken_over(monkeypatch):
    seen = []

    def on_event(number):
        seen.append(number)
        OutboxPosition.objects.update(lease=uuid4(), leased_until=timezone.now() + outbox_lease.LEASE)

    bad_batch(monkeypatch, on_event)
    publish(1, 2, 3)

    assert outbox_delivery.deliver(consumer="ear") == 1

    assert (seen, reached()) == ([1], 0)


def test_one_by_one_a_turn_ends_between_two_events_and_goes_on_there(monkeypatch):
    seen = []
    bad_batch(monkeypatch, seen.append)
    publish(1, 2, 3)

    assert outbox_delivery.deliver(consumer="ear", for_s=0) == 1
    assert outbox_delivery.deliver(consumer="ear") == 2
    assert seen == [1, 2, 3]


def test_one_by_one_a_store_that_goes_away_keeps_what_is_done(monkeypatch):
    seen = []

    def on_event(number):
        if number == 2 and len(seen) == 1:
            seen.append("away")
            raise outbox_consumers.Unavailable("away")
        seen.append(number)

    bad_batch(monkeypatch, on_event)
    publish(1, 2, 3)

    assert outbox_delivery.deliver(consumer="ear") == 1
    OutboxPosition.objects.update(retry_at=None)
    assert outbox_delivery.deliver(consumer="ear") == 2
    assert seen == [1, "away", 2, 3]
