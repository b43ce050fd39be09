"""Several workers that send at once, and workers that die over it."""

import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.documents.processes import race
from tests.factories import MemberFactory
from tests.notifications.webhooks.builders import NOW, deliveries, queue, send
from tests.notifications.webhooks.receivers import Call

pytestmark = pytest.mark.django_db(transaction=True)


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
