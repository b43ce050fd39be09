"""Out of the queue, to real receivers: order, outcomes, retries, pauses, several workers and workers that die."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import Min
from django_q.models import OrmQ

from common.models import OutboxEvent
from documents.repositories import WebhookSecrets
from notifications.webhooks import policies, services, signing, tasks
from notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.documents.processes import race
from tests.factories import MemberFactory
from tests.notifications.webhooks.builders import NOW, SOON, deliveries, queue, send
from tests.notifications.webhooks.receivers import Call, certificate_for

pytestmark = pytest.mark.django_db(transaction=True)


# --- what a receiver gets -------------------------------------------------------------------------------------------
def test_a_message_arrives_once_signed_and_is_logged(receiver, endpoint):
    receiver.body = b"thank you"
    receiver.status = 200
    target = endpoint(receiver)
    (delivery,) = queue(target)

    outcome = send()

    (call,) = receiver.calls
    delivery.refresh_from_db()
    assert (outcome.delivered, delivery.status, delivery.attempts, delivery.latest_status_code) == (
        1,
        "delivered",
        1,
        200,
    )
    assert call.path == "/hooks?from=astro"
    assert call.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert call.headers["content-type"] == "application/json"
    assert call.id == delivery.message.public_id
    assert call.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert call.headers["webhook-signature"] == signing.signature(
        secret=target.secret, message_id=call.id, timestamp=int(NOW.timestamp()), body=call.body
    )
    assert json.loads(call.body) == {
        "type": "launch.delayed",
        "version": 1,
        "timestamp": "2026-11-22T12:00:00Z",
        "data": {"number": 0},
    }
    (attempt,) = delivery.tries.all()
    assert (attempt.status_code, attempt.answer, attempt.error) == (200, "thank you", "")
    assert attempt.started_at <= attempt.finished_at
    assert send(now=SOON).handled == 0
    assert len(receiver.calls) == 1


def test_messages_go_out_in_order_and_no_more_than_the_limit(receiver, endpoint):
    rows = queue(endpoint(receiver), 5)

    assert send(limit=3).delivered == 3
    assert send(now=SOON).delivered == 2
    assert receiver.ids == [row.message.public_id for row in rows]


def test_after_a_rotation_both_secrets_sign_for_a_day(receiver, endpoint, owner):
    target = endpoint(receiver)
    made = services.endpoint_rotate_secret(actor=owner.user, endpoint_id=target.pk, now=NOW)
    queue(target, 2)

    send(limit=1)
    send(now=NOW + timedelta(hours=24))

    first, second = receiver.calls
    assert first.headers["webhook-signature"].split() == [
        signature_of(first, made.secret),
        signature_of(first, target.secret),
    ]
    assert second.headers["webhook-signature"] == signature_of(second, made.secret)


def signature_of(call: Call, secret: str) -> str:
    return signing.signature(
        secret=secret, message_id=call.id, timestamp=int(call.headers["webhook-timestamp"]), body=call.body
    )


# --- what goes wrong ------------------------------------------------------------------------------------------------
def test_a_receiver_that_was_down_for_an_hour_gets_everything_in_order(receiver, endpoint):
    target = endpoint(receiver)
    rows = queue(target, 4)
    port = receiver.port
    receiver.stop()
    now = NOW

    while now < NOW + timedelta(hours=1):
        assert send(now=now).failed == 1
        now = WebhookEndpoint.objects.get().due_at
    receiver.port = port
    receiver.start()
    outcome = send(now=now)

    assert outcome.delivered == 4
    assert receiver.ids == [row.message.public_id for row in rows]
    assert [row.status for row in deliveries(target)] == ["delivered"] * 4
    assert [row.attempts for row in deliveries(target)] == [5, 1, 1, 1]
    target.refresh_from_db()
    assert (target.failures, target.failing_since, target.latest_error) == (0, None, "")
    assert now - NOW < timedelta(hours=3)


def test_a_receiver_that_never_takes_it_is_tried_for_three_days_then_paused_and_keeps_what_waits(receiver, endpoint):
    target = endpoint(receiver)
    queue(target, 3)
    receiver.status = 500
    now, pauses = NOW, []

    for _ in range(30):
        outcome = send(now=now)
        target.refresh_from_db()
        if target.is_paused:
            break
        ended_at = WebhookAttempt.objects.latest("pk").finished_at
        pauses.append((target.due_at - ended_at).total_seconds())
        now = target.due_at

    assert pauses[:8] == [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000]
    assert now == target.failing_since + timedelta(hours=72)
    assert (outcome.paused, target.pause_cause, target.latest_error) == (1, "failing", "The receiver answered 500.")
    assert [(row.status, bool(row.attempts)) for row in deliveries(target)] == [
        ("waiting", True),
        ("waiting", False),
        ("waiting", False),
    ]
    (told,) = OutboxEvent.objects.filter(name="notifications.webhook.paused")
    assert (told.payload["cause"], told.payload["webhook_id"]) == ("failing", str(target.pk))
    calls = len(receiver.calls)
    assert send(now=now + timedelta(days=5)).handled == 0
    assert len(receiver.calls) == calls


def test_resuming_goes_on_with_what_waited_in_order(receiver, endpoint, owner):
    target = endpoint(receiver)
    rows = queue(target, 3)
    receiver.status = 410
    send()
    receiver.status = 204

    services.endpoint_resume(actor=owner.user, endpoint_id=target.pk, now=NOW + timedelta(hours=1))
    outcome = send(now=NOW + timedelta(hours=1))

    assert outcome.delivered == 3
    assert receiver.ids == [rows[0].message.public_id, *(row.message.public_id for row in rows)]


def test_410_pauses_at_once(receiver, endpoint):
    target = endpoint(receiver)
    queue(target)
    receiver.status = 410

    outcome = send()

    target.refresh_from_db()
    assert (outcome.paused, target.status, target.pause_cause) == (1, "paused", "gone")
    assert OutboxEvent.objects.get(name="notifications.webhook.paused").payload["cause"] == "gone"


def test_a_redirect_is_a_failure_and_is_not_followed(receiver, start, endpoint):
    elsewhere = start()
    receiver.status, receiver.headers = 302, {"Location": elsewhere.url}
    target = endpoint(receiver)
    queue(target)

    send()

    target.refresh_from_db()
    assert "redirects are not followed" in target.latest_error
    assert (target.failures, elsewhere.calls) == (1, [])


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 2", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 999999 X\r\n\r\n"],
)
def test_an_answer_that_is_cut_or_no_http_is_a_failure(receiver, endpoint, answer):
    receiver.answer = answer
    target = endpoint(receiver)
    queue(target)

    send()

    target.refresh_from_db()
    (delivery,) = deliveries(target)
    assert (delivery.status, delivery.latest_status_code, target.failures) == ("waiting", None, 1)
    assert "broken off" in target.latest_error


@pytest.mark.parametrize("rest", [b"Content-", b"Content-Length: 1000\r\n\r\nthank"])
def test_what_breaks_off_after_a_good_status_is_taken(receiver, endpoint, rest):
    receiver.answer = b"HTTP/1.1 200 OK\r\n" + rest
    target = endpoint(receiver)
    queue(target)

    assert send().delivered == 1


def test_of_a_long_answer_only_the_beginning_is_kept(receiver, endpoint):
    receiver.status, receiver.body = 200, b"\xff\x00" + b"x" * 1_000_000
    queue(endpoint(receiver))

    send()

    assert WebhookAttempt.objects.get().answer == "\ufffd\ufffd" + "x" * (policies.ANSWER_SHOWN - 2)


@pytest.mark.parametrize("dripping", [False, True], ids=["says nothing", "says one byte at a time"])
def test_a_slow_receiver_is_given_up_at_the_limit(settings, receiver, endpoint, dripping):
    settings.WEBHOOK_TIMEOUT_S = 1
    target = endpoint(receiver)
    queue(target)
    receiver.on_call, receiver.is_dripping = receiver.hang, dripping

    outcome = send()

    target.refresh_from_db()
    assert (outcome.delivered, outcome.failed) == (0, 1)
    assert target.latest_error == "No answer within 1 seconds."


def test_a_slow_receiver_holds_up_no_other(settings, start, endpoint):
    settings.WEBHOOK_TIMEOUT_S = 60
    slow, quick = start(), start()
    slow_target, quick_target = endpoint(slow), endpoint(quick)
    WebhookEndpoint.objects.filter(pk=slow_target.pk).update(due_at=NOW - timedelta(hours=1))  # it is called first
    queue(slow_target)
    queue(quick_target, 3)
    is_quick_done, in_time = threading.Event(), []
    quick.on_call = lambda _: is_quick_done.set() if len(quick.calls) == 3 else None
    slow.on_call = lambda _: in_time.append(is_quick_done.wait(30))

    assert send().delivered == 4
    assert in_time == [True]


def test_a_turn_that_is_over_leaves_the_rest_to_the_next_and_asks_for_it(receiver, endpoint, monkeypatch):
    cache.clear()
    monkeypatch.setattr(tasks, "TURN_S", 0)
    rows = queue(endpoint(receiver), 3)
    OrmQ.objects.all().delete()

    first = tasks.send_due()
    asked = [task.func() for task in OrmQ.objects.all()]
    rest = [tasks.send_due(), tasks.send_due()]

    assert (first, asked, rest) == (1, ["notifications.webhooks.tasks.send_due"], [1, 1])
    assert receiver.ids == [row.message.public_id for row in rows]


def test_bad_tls_is_a_failure_with_the_reason(start, endpoint, settings, tmp_path):
    context, _ = certificate_for("localhost", tmp_path)
    receiver = start(tls=context, host="localhost")
    target = endpoint(receiver)
    queue(target)

    send()

    target.refresh_from_db()
    assert target.latest_error.startswith("The certificate of localhost is not valid: self-signed certificate")
    assert receiver.calls == []


def test_good_tls_is_checked_against_the_name_and_not_the_address(start, endpoint, settings, tmp_path):
    context, trusted = certificate_for("localhost", tmp_path)
    settings.WEBHOOK_CA_FILE = str(trusted)
    receiver = start(tls=context, host="localhost")
    by_address = start(tls=context, host="127.0.0.1")
    queue(endpoint(receiver))
    other = endpoint(by_address)
    queue(other)

    outcome = send()

    other.refresh_from_db()
    assert (outcome.delivered, outcome.failed) == (1, 1)
    assert [len(receiver.calls), len(by_address.calls)] == [1, 0]
    assert "certificate is not valid for '127.0.0.1'" in other.latest_error


def test_while_the_store_of_secrets_is_away_nothing_is_sent_and_nothing_counts_as_failed(
    receiver, endpoint, mongo_servers
):
    target = endpoint(receiver)
    queue(target, 2)
    mongo_servers.logs.kill()

    outcome = send()

    assert (outcome.is_store_away, outcome.handled, receiver.calls) == (True, 0, [])
    target.refresh_from_db()
    assert (target.failures, target.lease, WebhookAttempt.objects.count()) == (0, None, 0)
    mongo_servers.ensure_running()
    assert send(now=NOW + timedelta(minutes=1)).delivered == 2
    assert [row.attempts for row in deliveries(target)] == [1, 1]


def test_without_its_secret_nothing_is_sent_unsigned(receiver, endpoint):
    target = endpoint(receiver)
    queue(target)
    WebhookSecrets.clear()

    send()

    target.refresh_from_db()
    assert (receiver.calls, target.failures) == ([], 1)
    assert "secret cannot be read" in target.latest_error


def test_whatever_goes_wrong_for_a_while_everything_arrives_in_order_in_72_hours(settings, start, endpoint, owner):
    """Six receivers, each ill in another way for its first three calls (or an hour), twenty messages each."""
    settings.WEBHOOK_TIMEOUT_S = 1
    ills = {
        "down": {},
        "fails": {"status": 500},
        "redirects": {"status": 307, "headers": {"Location": "http://127.0.0.1:1/"}},
        "cuts": {"answer": b"HTTP/1.1 2"},
        "gone": {"status": 410},
        "slow": {"is_dripping": True},
    }
    receivers = {ill: start(**fields) for ill, fields in ills.items()}
    targets = {ill: endpoint(one) for ill, one in receivers.items()}
    expected = {ill: [row.message.public_id for row in queue(target, 20)] for ill, target in targets.items()}
    receivers["down"].stop()

    now = NOW
    while WebhookDelivery.objects.filter(status="waiting").exists():
        assert now < NOW + timedelta(hours=72)
        send(now=now, limit=1000)
        for ill, one in receivers.items():
            is_over = len(one.calls) >= 3 or ill == "gone" or (ill == "down" and now > NOW + timedelta(hours=1))
            if is_over:
                one.get_well()
        if WebhookEndpoint.objects.filter(pk=targets["gone"].pk, status="paused").exists():
            services.endpoint_resume(actor=owner.user, endpoint_id=targets["gone"].pk, now=now)
        waiting = WebhookEndpoint.objects.filter(deliveries__status="waiting")
        now = max(now, waiting.aggregate(at=Min("due_at"))["at"] or now)

    taken = {ill: one.ids[one.calls_while_ill :] for ill, one in receivers.items()}
    assert taken == expected
    refused = {ill: one.ids[: one.calls_while_ill] for ill, one in receivers.items()}
    assert {ill: set(ids) for ill, ids in refused.items()} == {
        ill: set() if ill == "down" else {ids[0]} for ill, ids in expected.items()
    }


# --- receivers that say when -----------------------------------------------------------------------------------------
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


# --- tests, replays, skips ------------------------------------------------------------------------------------------
def test_a_test_event_goes_out_at_once_also_while_paused_and_only_once(receiver, endpoint, owner):
    target = endpoint(receiver)
    queue(target, 2)
    services.endpoint_pause(actor=owner.user, endpoint_id=target.pk, now=NOW)
    receiver.status = 503
    test = services.endpoint_test(actor=owner.user, endpoint_id=target.pk, now=NOW)

    outcome = send()

    test.refresh_from_db()
    target.refresh_from_db()
    assert (outcome.failed, test.status, test.latest_status_code, target.failures) == (1, "failed", 503, 0)
    assert [json.loads(call.body)["type"] for call in receiver.calls] == ["webhook.test"]
    assert send(now=NOW + timedelta(days=1)).handled == 0


def test_a_test_event_that_is_taken_brings_what_waits_out_of_its_pause(receiver, endpoint, owner):
    target = endpoint(receiver)
    rows = queue(target, 2)
    receiver.status = 500
    for _ in range(2):
        send(now=WebhookEndpoint.objects.get().due_at)
    receiver.status = 204
    services.endpoint_test(actor=owner.user, endpoint_id=target.pk, now=NOW + timedelta(seconds=7))

    outcome = send(now=NOW + timedelta(seconds=7))

    assert outcome.delivered == 3
    assert receiver.ids[-2:] == [row.message.public_id for row in rows]


def test_a_replay_has_the_same_id_and_body_and_a_new_timestamp(receiver, endpoint, owner):
    target = endpoint(receiver)
    (row,) = queue(target)
    send()

    services.delivery_replay(actor=owner.user, endpoint_id=target.pk, delivery_id=row.pk, now=NOW)
    send(now=NOW + timedelta(hours=1))

    first, second = receiver.calls
    assert (first.id, first.body) == (second.id, second.body)
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 3600
    assert second.headers["webhook-signature"] == signature_of(second, target.secret)


def test_a_skipped_one_lets_those_behind_it_go_on(receiver, endpoint, owner):
    target = endpoint(receiver)
    poison, good = queue(target, 2)
    receiver.status = 400
    send()
    receiver.status = 204

    services.delivery_skip(actor=owner.user, endpoint_id=target.pk, delivery_id=poison.pk, now=NOW)
    send()

    assert receiver.ids == [poison.message.public_id, good.message.public_id]
    assert [row.status for row in deliveries(target)] == ["skipped", "delivered"]


def test_a_removed_endpoint_gets_nothing_more(receiver, endpoint, owner):
    target = endpoint(receiver)
    queue(target, 2)

    services.endpoint_remove(actor=owner.user, endpoint_id=target.pk, now=NOW)

    assert send().handled == 0
    assert [row.status for row in deliveries(target)] == ["skipped", "skipped"]


# --- several workers, and workers that die --------------------------------------------------------------------------
@pytest.mark.race
def test_processes_that_send_at_once_send_each_once_and_keep_the_order(start, endpoint):
    receivers = [start() for _ in range(3)]
    expected = [
        [row.message.public_id for row in queue(endpoint(one, by=MemberFactory().user), 10)] for one in receivers
    ]
    connection.close()  # a forked child would share it

    handled = race(lambda _: _send_all(), count=3)

    assert sum(handled) == 30
    assert [one.ids for one in receivers] == expected
    assert set(WebhookDelivery.objects.values_list("status", "attempts")) == {("delivered", 1)}


@pytest.mark.race
def test_control_without_the_claim_the_same_processes_send_twice(receiver, endpoint, monkeypatch):
    target = endpoint(receiver)
    rows = queue(target, 10)
    monkeypatch.setattr("notifications.webhooks.services.sending._claim", unguarded(target, rows))
    connection.close()

    race(lambda _: _send_all(), count=3)

    assert len(receiver.calls) == 30


def unguarded(target, rows):
    """Claim from a list in memory, as a queue without locks would."""
    from notifications.webhooks.services import sending

    def claim(*, now):
        return sending._taken(target, rows.pop(0), now) if rows else None

    return claim


def _send_all() -> int:
    try:
        return send(limit=100).delivered
    finally:
        connection.close()


@pytest.mark.race
def test_a_worker_killed_between_send_and_record_sends_the_same_message_again_after_the_lease(receiver, endpoint):
    target = endpoint(receiver)
    WebhookEndpoint.objects.update(due_at=NOW - timedelta(hours=1))
    rows = queue(target, 2)
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=_env())

    def kill(_: Call) -> None:
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    receiver.on_call = kill
    assert worker.wait(60) == -signal.SIGKILL
    receiver.on_call = None

    target.refresh_from_db()
    assert WebhookAttempt.objects.get().finished_at is None
    assert send(now=target.leased_until - timedelta(seconds=1)).handled == 0
    assert send(now=target.leased_until).delivered == 2
    first, second = (row.message.public_id for row in rows)
    assert receiver.ids == [first, first, second]
    assert len({call.body for call in receiver.calls[:2]}) == 1
    assert [(row.status, row.attempts) for row in deliveries(target)] == [("delivered", 2), ("delivered", 1)]


@pytest.mark.race
def test_a_worker_killed_between_claim_and_send_loses_nothing(start, endpoint):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        port = silent.getsockname()[1]
        target = endpoint(f"http://127.0.0.1:{port}/hooks")
        WebhookEndpoint.objects.update(due_at=NOW - timedelta(hours=1))
        (row,) = queue(target)
        worker = subprocess.Popen([sys.executable, "-c", WORKER], env=_env())
        called, _ = silent.accept()  # it has claimed, and connects to send
        worker.send_signal(signal.SIGKILL)
        worker.wait(60)
        called.close()
    receiver = start(port=port)

    target.refresh_from_db()
    assert send(now=target.leased_until).delivered == 1
    assert receiver.ids == [row.message.public_id]
    assert [(one.status, one.attempts) for one in deliveries(target)] == [("delivered", 2)]


WORKER = """
import django
django.setup()
from django.conf import settings
settings.WEBHOOK_ALLOW_LOOPBACK = True
from django.utils import timezone
from notifications.webhooks import services
services.webhooks_send_due(now=timezone.now(), limit=10)
"""


def _env() -> dict[str, str]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return os.environ | {"DJANGO_SETTINGS_MODULE": "astrobookings.settings.test", "DATABASE_URL": urlunsplit(url)}


def test_an_attempt_that_outlived_its_lease_changes_nothing_but_its_own_line(receiver, endpoint):
    target = endpoint(receiver)
    queue(target)

    def somebody_else_takes_over(_: Call) -> None:
        WebhookEndpoint.objects.update(lease="00000000-0000-0000-0000-000000000007", failures=7)
        connection.close()

    receiver.on_call = somebody_else_takes_over
    send()

    target.refresh_from_db()
    assert (target.failures, target.lease.int, deliveries(target)[0].status) == (7, 7, "waiting")
    assert WebhookAttempt.objects.get().status_code == 204
