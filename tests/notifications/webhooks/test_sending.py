"""Out of the queue, to real receivers: what they get, in which order; tests, replays and skips."""

import json
from datetime import timedelta

import pytest

from notifications.webhooks import services, signing
from notifications.webhooks.models import WebhookEndpoint
from tests.notifications.webhooks.builders import NOW, SOON, deliveries, queue, send
from tests.notifications.webhooks.receivers import Call

pytestmark = pytest.mark.django_db(transaction=True)


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
