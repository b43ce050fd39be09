"""Events that a consumer cannot handle: parked for IT, who has them tried again or drops them with a reason."""

import pytest

from common import context, outbox_consumers, outbox_delivery, outbox_failures
from common.context import Origin
from common.errors import InvalidInput, said
from common.models import OutboxEvent, OutboxFailure, OutboxPosition
from common.outbox_failures import EventStillRetried, FailureNotFound
from tests.common.happenings import Happened, listen, publish

pytestmark = pytest.mark.django_db(transaction=True)


def refuse(number):
    raise ValueError("cannot do this one")


@pytest.fixture
def parked(monkeypatch):
    """An event that its consumer has given up."""
    listen(monkeypatch, refuse)
    publish(7)
    give_up()
    failure = OutboxFailure.objects.get()
    assert failure.parked_at is not None
    return failure


def give_up() -> None:
    """Deliver until nothing is tried any more."""
    for _ in range(outbox_delivery.PARK_AFTER):
        OutboxFailure.objects.filter(parked_at=None).update(retry_at="2020-01-01T00:00:00Z")
        outbox_delivery.deliver(consumer="ear")


def told(name) -> list[OutboxEvent]:
    return list(OutboxEvent.objects.filter(name=name))


def test_a_dropped_event_is_never_tried_again_and_says_who_and_why(parked, monkeypatch):
    seen = []
    with context.scope(origin=Origin.PORTAL, request_id="request-1", actor_id=5, actor_email="it@example.org"):
        outbox_failures.failure_drop(failure_id=parked.pk, reason="  The launch\n never was\0 ")

    listen(monkeypatch, seen.append)
    outbox_delivery.deliver(consumer="ear")

    (event,) = told("common.event.dropped")
    assert (seen, OutboxFailure.objects.count()) == ([], 0)
    assert event.payload == {
        "event_id": parked.event_id,
        "event": Happened.name,
        "consumer": "ear",
        "error": "ValueError: cannot do this one",
        "reason": "The launch never was",
    }
    assert (event.origin, event.actor_id, event.actor_email, event.request_id) == (
        "portal", 5, "it@example.org", "request-1",
    )  # fmt: skip


@pytest.mark.parametrize("reason", ["", " \0\n", "x" * 301])
def test_dropping_needs_a_reason(parked, reason):
    with pytest.raises(InvalidInput) as refused:
        outbox_failures.failure_drop(failure_id=parked.pk, reason=reason)

    assert refused.value.fields == {"reason": "Say why, in up to 300 characters."}
    assert (OutboxFailure.objects.count(), told("common.event.dropped")) == (1, [])


def test_what_is_still_retried_cannot_be_dropped(parked):
    outbox_failures.failure_retry_now(failure_id=parked.pk)

    with pytest.raises(EventStillRetried):
        outbox_failures.failure_drop(failure_id=parked.pk, reason="Because")

    assert (OutboxFailure.objects.count(), told("common.event.dropped")) == (1, [])
    assert [event.payload["consumer"] for event in told("common.event.retried")] == ["ear"]


def test_what_was_handled_meanwhile_is_no_longer_there(parked):
    OutboxFailure.objects.all().delete()

    with pytest.raises(FailureNotFound):
        outbox_failures.failure_drop(failure_id=parked.pk, reason="Because")
    with pytest.raises(FailureNotFound):
        outbox_failures.failure_retry_now(failure_id=parked.pk)


def test_a_parked_event_is_told_once_for_its_consumer_until_none_is_parked(parked):
    first = [event.payload for event in told("common.event.parked")]
    publish(8)
    give_up()
    assert OutboxFailure.objects.exclude(parked_at=None).count() == 2
    assert [event.payload for event in told("common.event.parked")] == first
    assert first == [
        {
            "event_id": parked.event_id,
            "event_name": Happened.name,
            "consumer": "ear",
            "error": "ValueError: cannot do this one",
        }
    ]

    outbox_failures.failure_retry_now(failure_id=parked.pk)  # the other one is still parked
    give_up()
    assert len(told("common.event.parked")) == 1
    for failure in OutboxFailure.objects.all():
        outbox_failures.failure_drop(failure_id=failure.pk, reason="Because")
    publish(9)
    give_up()

    assert len(told("common.event.parked")) == 2


def test_what_tells_of_a_parked_event_names_its_request_and_no_person(monkeypatch):
    listen(monkeypatch, refuse)
    with context.scope(origin=Origin.PORTAL, request_id="request-1", actor_id=5, actor_email="ada@example.org"):
        publish(7)
    with context.scope(origin=Origin.JOB, request_id="job-1"):
        give_up()

    (event,) = told("common.event.parked")
    assert (event.request_id, event.origin, event.actor_id, event.actor_email) == ("request-1", "job", None, "")


def test_a_consumer_that_fails_on_everything_tells_of_itself_once(monkeypatch):
    """Also on what tells of it, as the notifications would."""

    def hear_nothing(event):
        raise ValueError("cannot do anything")

    monkeypatch.setattr(outbox_consumers, "_handlers", {"ear": [(outbox_consumers.ANY, hear_nothing)]})
    monkeypatch.setattr(outbox_consumers, "_batch_handlers", {})
    publish(7)
    for _ in range(4):
        give_up()

    assert [row.event.name for row in OutboxFailure.objects.exclude(parked_at=None).order_by("pk")] == [
        Happened.name,
        "common.event.parked",
    ]
    assert OutboxFailure.objects.filter(parked_at=None).count() == 0
    assert OutboxEvent.objects.count() == 2


def test_pauses_grow_until_the_event_is_parked(monkeypatch):
    listen(monkeypatch, refuse)
    publish(7)
    pauses = []
    for _ in range(outbox_delivery.PARK_AFTER - 1):
        outbox_delivery.deliver(consumer="ear")
        failure = OutboxFailure.objects.get()
        pauses.append(round((failure.retry_at - OutboxPosition.objects.get().updated_at).total_seconds()))
        assert outbox_delivery.deliver(consumer="ear") == 0  # not before its time
        OutboxFailure.objects.update(retry_at="2020-01-01T00:00:00Z")
    assert pauses == sorted(pauses)
    assert len(set(pauses)) == len(pauses)


def test_neither_a_failing_nor_a_resting_nor_a_slow_consumer_holds_up_another(monkeypatch):
    heard: dict[str, list[int]] = {"good": [], "slow": []}

    def away(event):
        raise outbox_consumers.Unavailable("its store is away")

    def bad(event):
        raise ValueError("no")

    def note(consumer):
        return lambda event: heard[consumer].append(event.payload["number"])

    handlers = {"away": away, "bad": bad, "slow": note("slow"), "good": note("good")}
    monkeypatch.setattr(outbox_consumers, "_handlers", {name: [(Happened.name, one)] for name, one in handlers.items()})
    monkeypatch.setattr(outbox_consumers, "_batch_handlers", {})
    monkeypatch.setattr(outbox_delivery, "TURN_S", 0)  # everybody is slow: one event a turn
    publish(1, 2, 3)

    outbox_delivery.deliver_all()
    first_round = {name: list(numbers) for name, numbers in heard.items()}
    while outbox_delivery.deliver_all():
        pass

    assert first_round == {"good": [1], "slow": [1]}
    assert heard == {"good": [1, 2, 3], "slow": [1, 2, 3]}
    assert OutboxFailure.objects.filter(consumer="bad").count() == 3
    assert OutboxPosition.objects.get(consumer="away").event_id == 0


def test_an_error_whose_words_the_database_cannot_keep_holds_up_no_other(monkeypatch):
    heard = []

    def refuse_the_first(number):
        if number == 7:
            raise ValueError("cannot do \x00 this one")
        heard.append(number)

    listen(monkeypatch, refuse_the_first)
    publish(7, 8)
    give_up()

    assert heard == [8]
    assert OutboxFailure.objects.get().error == "ValueError: cannot do ? this one"
    assert told("common.event.parked")[0].payload["error"] == "ValueError: cannot do ? this one"


def test_half_a_character_is_said_as_a_question_mark():
    # Not through a failing handler: its traceback would stand in the test's report, which cannot be written either.
    assert said(ValueError("cannot do this \ud800 one")) == "ValueError: cannot do this ? one"
