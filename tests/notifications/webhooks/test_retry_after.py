"""Receivers that say when to come again."""

from datetime import timedelta

import pytest

from tests.notifications.webhooks.builders import NOW, queue, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("7200", timedelta(hours=2)),
        ("1", timedelta(seconds=5)),
        ("0", timedelta(seconds=5)),
        ("9" * 400, timedelta(hours=72)),
        ("-60", timedelta(seconds=5)),
        ("soon", timedelta(seconds=5)),
        ("", timedelta(seconds=5)),
        ("\xb2", timedelta(seconds=5)),
    ],
    ids=["later", "sooner than we would", "at once", "never", "negative", "a word", "nothing", "no ASCII digit"],
)
def test_a_busy_receiver_says_for_how_long_to_be_left_alone(receiver, endpoint, status, value, pause):
    receiver.status, receiver.headers = status, {"Retry-After": value}
    target = endpoint(receiver)
    (row,) = queue(target)

    send()

    target.refresh_from_db()
    attempt = row.tries.get()
    at_most = attempt.started_at + timedelta(hours=72)  # the end of its time, counted from the first failure
    assert target.due_at == min(attempt.finished_at + pause, at_most)
    assert send(now=target.due_at - timedelta(seconds=1)).handled == 0
    receiver.get_well()
    assert send(now=target.due_at).delivered == 1


@pytest.mark.parametrize(
    ("value", "due_at"),
    [
        ("Sun, 22 Nov 2026 18:30:00 GMT", NOW + timedelta(hours=6, minutes=30)),
        ("Sunday, 22-Nov-26 18:30:00 GMT", NOW + timedelta(hours=6, minutes=30)),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("Sun, 22 Nov 2026 18:30:00 -0000", NOW + timedelta(hours=6, minutes=30)),
    ],
    ids=["as it should be", "as it was once", "never", "without a zone"],
)
def test_a_busy_receiver_may_name_an_instant(receiver, endpoint, value, due_at):
    receiver.status, receiver.headers = 503, {"Retry-After": value}
    target = endpoint(receiver)
    queue(target)

    send()

    target.refresh_from_db()
    assert target.due_at == (due_at or target.failing_since + timedelta(hours=72))


@pytest.mark.parametrize("value", ["Sun, 22 Nov 2026 11:00:00 GMT", "Mon, 1 Jan 0001 00:00:00 +1200"])
def test_an_instant_that_is_over_ends_no_pause(receiver, endpoint, value):
    receiver.status, receiver.headers = 503, {"Retry-After": value}
    target = endpoint(receiver)
    (row,) = queue(target)

    send()

    target.refresh_from_db()
    assert target.due_at == row.tries.get().finished_at + timedelta(seconds=5)


def test_only_a_busy_receiver_is_asked_when_to_come_again(receiver, endpoint):
    receiver.status, receiver.headers = 500, {"Retry-After": "7200"}
    target = endpoint(receiver)
    (row,) = queue(target)

    send()

    target.refresh_from_db()
    assert target.due_at == row.tries.get().finished_at + timedelta(seconds=5)


def test_a_receiver_that_always_wants_more_time_is_paused_when_the_72_hours_end(receiver, endpoint):
    receiver.status, receiver.headers = 429, {"Retry-After": "100000"}
    target = endpoint(receiver)
    queue(target)
    now, hours = NOW, []

    for _ in range(4):
        send(now=now)
        target.refresh_from_db()
        hours.append((now - NOW).total_seconds() // 3600)
        now = target.due_at

    assert hours == [0, 27, 55, 72]
    assert target.pause_cause == "failing"
