"""Events: in the transaction of their cause, delivered in order, none stepped over, none twice."""

import threading

import pytest
from django.db import connection, connections, transaction

from common import outbox, outbox_consumers, outbox_delivery, outbox_failures
from common.models import OutboxEvent, OutboxFailure, OutboxPosition
from tests.common.happenings import Happened, listen, publish


@pytest.fixture
def heard(monkeypatch):
    """A consumer of its own that notes what it hears."""
    seen: list[int] = []
    listen(monkeypatch, seen.append)
    return seen


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="open transaction"):
        outbox.publish(Happened(1))
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_vanishes_with_its_transaction(heard):
    with transaction.atomic():
        outbox.publish(Happened(1))
        transaction.set_rollback(True)

    outbox_delivery.deliver(consumer="ear")

    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_each_event_is_delivered_once_and_in_order(heard):
    for number in range(250):
        publish(number)

    assert outbox_delivery.deliver(consumer="ear") == 250
    assert outbox_delivery.deliver(consumer="ear") == 0
    assert heard == list(range(250))


@pytest.mark.django_db(transaction=True)
def test_a_late_commit_with_an_early_number_is_not_stepped_over(heard):
    """See common.outbox_delivery, Note [Sequence order is not commit order]."""
    written, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            outbox.publish(Happened(1))
            written.set()
            may_commit.wait(30)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(30)
    publish(2)  # a later number that commits first
    first_look = (outbox_delivery.deliver(consumer="ear"), list(heard))
    control = naive_numbers_beyond(0)
    may_commit.set()
    thread.join()
    outbox_delivery.deliver(consumer="ear")

    assert first_look == (0, [])
    assert heard == [1, 2]
    # The control: who reads by id alone sees the second first, remembers its number, and never gets the first.
    assert control == [2]
    assert naive_numbers_beyond(OutboxEvent.objects.get(payload__number=2).pk) == []


def naive_numbers_beyond(event_id):
    return [e.payload["number"] for e in OutboxEvent.objects.filter(pk__gt=event_id).order_by("pk")]


@pytest.mark.django_db(transaction=True)
def test_a_failing_event_is_set_aside_and_does_not_hold_up_the_others(monkeypatch):
    seen, broken = [], {2}

    def handler(number):
        if number in broken:
            raise ValueError("cannot do this one")
        seen.append(number)

    listen(monkeypatch, handler)
    for number in (1, 2, 3):
        publish(number)

    outbox_delivery.deliver(consumer="ear")
    failure = OutboxFailure.objects.get()
    assert (seen, failure.error, failure.parked_at) == ([1, 3], "ValueError: cannot do this one", None)

    for _ in range(outbox_delivery.PARK_AFTER):
        OutboxFailure.objects.update(retry_at="2020-01-01T00:00:00Z")
        outbox_delivery.deliver(consumer="ear")
    failure.refresh_from_db()
    assert failure.parked_at is not None

    broken.clear()
    outbox_failures.failure_retry_now(failure_id=failure.pk)
    outbox_delivery.deliver(consumer="ear")
    assert (seen, OutboxFailure.objects.count()) == ([1, 3, 2], 0)


@pytest.mark.django_db(transaction=True)
def test_a_consumer_whose_store_is_away_waits_and_skips_nothing(monkeypatch):
    seen, is_away = [], [True]

    def handler(number):
        if is_away[0]:
            raise outbox_consumers.Unavailable("away")
        seen.append(number)

    listen(monkeypatch, handler)
    publish(1)
    publish(2)

    assert outbox_delivery.deliver(consumer="ear") == 0
    assert OutboxPosition.objects.get().retry_at is not None
    is_away[0] = False
    assert outbox_delivery.deliver(consumer="ear") == 0  # it rests
    OutboxPosition.objects.update(retry_at=None)
    assert outbox_delivery.deliver(consumer="ear") == 2
    assert (seen, OutboxFailure.objects.count()) == ([1, 2], 0)


@pytest.mark.django_db(transaction=True)
def test_two_deliverers_at_once_deliver_once(monkeypatch):
    seen, inside, may_go_on = [], threading.Event(), threading.Event()

    def handler(number):
        seen.append(number)
        inside.set()
        may_go_on.wait(30)

    listen(monkeypatch, handler)
    publish(1)

    def deliver():
        outbox_delivery.deliver(consumer="ear")
        connections.close_all()

    first = threading.Thread(target=deliver)
    first.start()
    assert inside.wait(30)
    second = outbox_delivery.deliver(consumer="ear")
    may_go_on.set()
    first.join()

    assert (second, seen) == (0, [1])


@pytest.mark.django_db(transaction=True)
def test_a_dead_deliverers_lease_lapses(heard):
    publish(1)
    OutboxPosition.objects.create(consumer="ear", lease="00000000-0000-0000-0000-000000000001")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE common_outboxposition SET leased_until = now() + interval '1 hour'")
        assert outbox_delivery.deliver(consumer="ear") == 0
        cursor.execute("UPDATE common_outboxposition SET leased_until = now() - interval '1 second'")
    assert outbox_delivery.deliver(consumer="ear") == 1
    assert heard == [1]
