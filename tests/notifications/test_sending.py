"""Out of the queue: claims, outcomes, retries, against a real SMTP server."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import pytest
from django.core import mail as outbox_of_django
from django.db import connection

from notifications import policies, services
from notifications.models import Notification
from notifications.services import sending
from tests.documents.processes import race
from tests.notifications.builders import NOW, make_row

pytestmark = pytest.mark.django_db(transaction=True)


def send(*, now=NOW, limit=50):
    return services.notifications_send_due(now=now, limit=limit)


def test_a_due_message_is_sent_once_with_all_its_headers(sink):
    row = make_row()

    outcome = send()

    row.refresh_from_db()
    assert (outcome.sent, row.status, row.attempts, row.lease) == (1, "sent", 1, None)
    assert row.subject == "Your password was changed"
    (mail,) = sink.mails
    assert mail["To"] == "reader1@example.org"
    assert mail["From"] == "Astro Bookings <bookings@astrobookings.example>"
    assert mail["Subject"] == "Your password was changed"
    assert mail["Message-ID"] == row.message_id
    assert mail["Date"] == "Sun, 22 Nov 2026 12:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Request-ID"] == "req-1"
    assert mail["Reply-To"] == "support@astrobookings.example"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert send().handled == 0
    assert len(sink.mails) == 1


def test_what_is_not_due_waits(sink):
    make_row(due_at=NOW + timedelta(seconds=5))

    assert send().handled == 0
    assert send(now=NOW + timedelta(seconds=5)).sent == 1


def test_the_oldest_due_goes_first_and_no_more_than_the_limit(sink):
    for number, minutes in ((1, 1), (2, 3), (3, 2)):
        make_row(number, due_at=NOW - timedelta(minutes=minutes))

    assert send(limit=2).sent == 2
    assert [mail["To"] for mail in sink.mails] == ["reader2@example.org", "reader3@example.org"]


def test_while_the_server_is_down_messages_wait_and_go_out_when_it_is_back(sink):
    first, second = make_row(1, due_at=NOW - timedelta(minutes=1)), make_row(2)
    sink.stop()

    outcome = send()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (outcome.postponed, outcome.is_server_away) == (1, True)
    assert (first.status, first.attempts, first.due_at) == ("pending", 1, first.due_at)
    assert NOW + timedelta(seconds=60) <= first.due_at <= NOW + timedelta(seconds=75)
    assert "ConnectionRefusedError" in first.latest_error
    assert (second.status, second.attempts, second.latest_error) == ("pending", 0, "")

    sink.start()
    assert send(now=NOW + timedelta(minutes=2)).sent == 2
    assert {mail["Message-ID"] for mail in sink.mails} == {first.message_id, second.message_id}


def test_a_refused_receiver_fails_at_once_and_holds_up_nobody(sink):
    bad, good = make_row(1), make_row(2)
    sink.refuse["reader1@example.org"] = "550 No such mailbox"

    outcome = send()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (outcome.failed, outcome.sent) == (1, 1)
    assert (bad.status, good.status) == ("failed", "sent")
    assert "No such mailbox" in bad.latest_error


def test_a_receiver_who_is_busy_is_tried_again_with_growing_pauses_for_three_days(sink):
    row = make_row()
    sink.refuse[row.address] = "451 Try again later"
    now, pauses = NOW, []

    for _ in range(50):
        send(now=now)
        row.refresh_from_db()
        if row.status == "failed":
            break
        assert row.status == "pending"
        pauses.append(round((row.due_at - now) / timedelta(minutes=1)))
        now = row.due_at

    assert row.status == "failed"
    assert pauses == sorted(pauses)
    assert pauses[0] == 1
    assert timedelta(hours=60) < now - NOW <= timedelta(hours=72)
    assert "451" in row.latest_error


def test_a_message_that_cannot_be_rendered_waits_and_holds_up_nobody(sink):
    broken, good = make_row(1, template="no_such_template"), make_row(2)

    outcome = send()

    broken.refresh_from_db()
    assert (outcome.postponed, outcome.sent) == (1, 1)
    assert (broken.status, broken.attempts) == ("pending", 1)
    assert broken.latest_error.startswith("KeyError")
    assert [mail["To"] for mail in sink.mails] == [good.address]


def test_an_attempt_that_outlived_its_lease_records_nothing(sink):
    row = make_row()

    def somebody_else_takes_over(step: str) -> None:
        if step == "DATA":
            rival = threading.Thread(target=_take_over)  # Django refuses queries in the server's event loop
            rival.start()
            rival.join()

    sink.on_step = somebody_else_takes_over
    send()

    row.refresh_from_db()
    assert (row.status, row.attempts, row.lease) == ("sending", 7, UUID(int=7))


def _take_over() -> None:
    Notification.objects.update(attempts=7, lease=UUID(int=7))
    connection.close()


# --- several workers, and workers that die --------------------------------------------------------------------------
@pytest.mark.race
def test_processes_that_send_at_once_send_each_message_once(settings, tmp_path):
    settings.EMAIL_BACKEND = "notifications.mail.FileBackend"
    settings.MAIL_DIR = tmp_path
    for number in range(1, 31):
        make_row(number)

    sent = race(lambda _: _send_all(), count=3)

    assert sum(sent) == 30
    assert len(list(tmp_path.glob("*.eml"))) == 30
    assert set(Notification.objects.values_list("status", "attempts")) == {("sent", 1)}


@pytest.mark.race
def test_control_without_the_claim_the_same_processes_send_twice(settings, tmp_path, monkeypatch):
    settings.EMAIL_BACKEND = "notifications.mail.FileBackend"
    settings.MAIL_DIR = tmp_path
    for number in range(1, 31):
        make_row(number)
    rows = list(Notification.objects.order_by("pk"))
    monkeypatch.setattr("notifications.services.sending._claim", lambda *, now: rows.pop() if rows else None)

    sent = race(lambda _: _send_all(), count=3)

    assert sum(sent) == 90


def _send_all() -> int:
    try:
        return send(limit=100).sent
    finally:
        connection.close()


@pytest.mark.race
@pytest.mark.parametrize(
    ("dies_at", "copies"),
    [
        pytest.param("MAIL", 1, id="between claim and send: nothing lost"),
        pytest.param("DATA", 2, id="between the server's yes and the record: the same mail twice"),
    ],
)
def test_a_worker_killed_on_the_way_is_made_good_after_the_lease(sink, dies_at, copies):
    row = make_row(due_at=NOW - timedelta(hours=1))
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=_env(sink.port))

    def kill(step: str) -> None:
        if step == dies_at and worker.returncode is None:
            worker.send_signal(signal.SIGKILL)
            worker.wait()

    sink.on_step = kill
    assert worker.wait(60) == -signal.SIGKILL
    sink.on_step = None

    row.refresh_from_db()
    assert (row.status, row.attempts) == ("sending", 1)
    assert send(now=row.leased_until - timedelta(seconds=1)).handled == 0
    assert send(now=row.leased_until).sent == 1
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("sent", 2)
    assert [mail["Message-ID"] for mail in sink.mails] == [row.message_id] * copies
    assert len({str(mail["Date"]) for mail in sink.mails}) == 1


WORKER = """
import django
django.setup()
from django.conf import settings
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
from django.utils import timezone
from notifications import services
services.notifications_send_due(now=timezone.now(), limit=10)
"""


def _env(smtp_port: int) -> dict[str, str]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "astrobookings.settings.test",
        "DATABASE_URL": urlunsplit(url),
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
    }


def test_the_lease_outlives_the_slowest_mail(settings):
    assert timedelta(seconds=10 * 10) < policies.LEASE


def test_mails_of_tests_stay_in_memory_unless_a_test_says_otherwise():
    make_row()

    assert send().sent == 1
    assert len(outbox_of_django.outbox) == 1


# --- the order -------------------------------------------------------------------------------------------------------
def ids(sink):
    return [mail["Message-ID"] for mail in sink.mails]


def three_to_ada(**fields):
    """Make messages 1 and 3 to ada and 2 to bob, in this order."""
    ada, bob = "ada@example.org", "bob@example.org"
    receiver = make_row(1, address=ada, due_at=NOW - timedelta(minutes=3), **fields).receiver
    make_row(2, address=bob, due_at=NOW - timedelta(minutes=2))
    make_row(3, address=ada, receiver=receiver, due_at=NOW - timedelta(minutes=1))
    return list(Notification.objects.order_by("pk"))


def test_after_an_outage_all_go_at_once_and_each_receivers_in_their_order(sink):
    first, bobs, second = three_to_ada()
    Notification.objects.filter(pk=first.pk).update(attempts=5)  # its pause has grown to hours
    sink.stop()
    send()
    first.refresh_from_db()
    assert first.due_at > NOW + timedelta(hours=2)
    sink.start()

    assert send(now=NOW + timedelta(minutes=1)).sent == 3

    assert ids(sink) == [bobs.message_id, first.message_id, second.message_id]


def test_a_receiver_who_is_busy_holds_up_only_what_is_later_for_the_same_receiver(sink):
    first, bobs, second = three_to_ada()
    sink.refuse["ada@example.org"] = "451 Try again later"

    send()

    second.refresh_from_db()
    assert (ids(sink), second.status, second.attempts) == ([bobs.message_id], "pending", 0)
    del sink.refuse["ada@example.org"]
    assert send(now=NOW + timedelta(minutes=2)).sent == 2
    assert ids(sink)[1:] == [first.message_id, second.message_id]


def test_what_was_refused_for_good_or_cannot_be_made_holds_up_nobody(sink):
    first, bobs, second = three_to_ada(template="no_such_template")

    assert send().sent == 2
    assert ids(sink) == [bobs.message_id, second.message_id]


def test_while_one_worker_sends_to_a_receiver_no_other_takes_what_is_later(sink):
    first, bobs, second = three_to_ada()
    taken = []

    def rival(step: str) -> None:
        if step == "MAIL":
            one = threading.Thread(target=lambda: taken.extend(_claim_all()))
            one.start()
            one.join()

    sink.on_step = rival
    send(limit=1)
    sink.on_step = None

    assert (ids(sink), taken) == ([first.message_id], [bobs.pk])
    assert send().sent == 1
    assert ids(sink)[-1] == second.message_id


def _claim_all() -> list[int]:
    try:
        return [row.pk for row in iter(lambda: sending._claim(now=NOW), None)]
    finally:
        connection.close()


def test_whoever_waits_at_a_page_does_not_wait_behind_news_to_many(sink):
    for number in (1, 2):
        make_row(number, due_at=NOW - timedelta(hours=number))
    urgent = make_row(3, priority=0)

    send(limit=1)

    assert ids(sink) == [urgent.message_id]
