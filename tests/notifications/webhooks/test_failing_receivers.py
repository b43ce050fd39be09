"""Receivers that do not take what they get: outcomes, retries, pauses, and everything in order after it."""

import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db.models import Min
from django_q.models import OrmQ

from common.models import OutboxEvent
from documents import mongo
from documents.repositories import WebhookSecrets
from notifications.webhooks import policies, services, tasks
from notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.notifications.webhooks.builders import NOW, deliveries, queue, send
from tests.notifications.webhooks.receivers import certificate_for

pytestmark = pytest.mark.django_db(transaction=True)


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
    mongo.close()  # a new client need not find out first that the server is back
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
