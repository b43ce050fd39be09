"""No more mails a minute than the provider takes."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.db import connection

from notifications import errors, services, tasks
from notifications.models import MailSlot, Notification
from notifications.services.limits import Full, Slot, slot_give_back, slot_take
from notifications.wordings import Words
from tests.documents.processes import race
from tests.notifications.builders import NOW, make_it, make_row, make_user

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _limit(settings):
    settings.MAIL_PER_MINUTE = 3
    settings.MAIL_PROVIDER = "mail.example.org"


def send(now=NOW):
    return services.notifications_send_due(now=now, limit=50)


def statuses():
    return sorted(Notification.objects.values_list("status", "attempts"))


def test_what_exceeds_the_limit_waits_without_losing_an_attempt():
    for number in range(1, 6):
        make_row(number)

    first = send()

    assert (first.sent, first.handled) == (3, 3)
    assert NOW + MINUTE <= first.limited_until < NOW + MINUTE + timedelta(seconds=30)
    assert statuses() == [("pending", 0)] * 2 + [("sent", 1)] * 3
    assert send(now=NOW + MINUTE - timedelta(seconds=1)).sent == 0

    assert send(now=first.limited_until + MINUTE).sent == 2
    assert statuses() == [("sent", 1)] * 5


def test_no_minute_of_any_has_more_than_the_limit():
    taken = []
    for second in range(0, 240, 7):
        now = NOW + timedelta(seconds=second)
        while isinstance(slot_take(now=now), Slot):
            taken.append(second)

    assert len(taken) >= 9
    assert all(sum(start <= one < start + 60 for one in taken) <= 3 for start in range(240))


def test_a_message_that_is_not_mailed_uses_nothing_up():
    closed = make_user("gone@example.org", is_active=False)
    for number in range(1, 5):
        make_row(number, receiver=closed)
    for number in range(5, 8):
        make_row(number)

    outcome = send()

    assert (outcome.cancelled, outcome.sent) == (4, 3)
    slot = slot_take(now=NOW + MINUTE * 2)
    slot_give_back(slot=slot, now=NOW + MINUTE * 2)
    assert MailSlot.objects.filter(free_at__lte=NOW + MINUTE * 2).count() == 3


def test_each_provider_has_its_own_limit_and_a_lower_one_holds_at_once(settings):
    assert [isinstance(slot_take(now=NOW), Slot) for _ in range(4)] == [True, True, True, False]

    settings.MAIL_PROVIDER = "other.example.org"
    assert isinstance(slot_take(now=NOW), Slot)

    settings.MAIL_PER_MINUTE = 1
    later = NOW + MINUTE * 2
    assert [isinstance(slot_take(now=later), Slot) for _ in range(2)] == [True, False]
    assert slot_take(now=later) == Full(free_at=later + MINUTE)


def test_without_a_limit_nothing_is_asked(settings, django_assert_num_queries):
    settings.MAIL_PER_MINUTE = 0

    with django_assert_num_queries(0):
        slot_give_back(slot=slot_take(now=NOW), now=NOW)

    assert MailSlot.objects.count() == 0


def test_a_test_mail_keeps_within_the_limit_too():
    for _ in range(3):
        slot_take(now=NOW)

    with pytest.raises(errors.MailNotTaken, match="takes no more mails this minute"):
        services.wording_test_send(
            actor=make_it(), template="slip_kept", language="en", words=Words(subject="s", text="t", html="h"), now=NOW
        )

    assert django_mail.outbox == []


def test_the_job_goes_on_by_itself_where_the_limit_is_a_matter_of_seconds(monkeypatch):
    from notifications.services import limits

    monkeypatch.setattr(limits, "WINDOW", timedelta(milliseconds=80))
    for number in range(1, 8):
        make_row(number)

    assert tasks.send_due() == 7


# --- several workers -------------------------------------------------------------------------------------------------
@pytest.mark.race
def test_processes_that_send_at_once_keep_within_one_limit(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.MAIL_DIR = "notifications.mail.FileBackend", tmp_path
    settings.MAIL_PER_MINUTE = 10
    for number in range(1, 31):
        make_row(number)
    connection.close()  # a forked child would share it

    assert sum(race(lambda _: _send_all(NOW), count=3)) == 10
    assert len(list(tmp_path.glob("*.eml"))) == 10
    assert statuses().count(("pending", 0)) == 20
    connection.close()
    assert sum(race(lambda _: _send_all(NOW + MINUTE * 2), count=3)) == 10


@pytest.mark.race
def test_control_without_the_slots_the_same_processes_send_more(settings, tmp_path, monkeypatch):
    settings.EMAIL_BACKEND, settings.MAIL_DIR = "notifications.mail.FileBackend", tmp_path
    settings.MAIL_PER_MINUTE = 10
    for number in range(1, 31):
        make_row(number)
    allowed = iter([Slot()] * 10 + [Full(free_at=NOW)] * 100)  # a count that each process keeps for itself
    monkeypatch.setattr("notifications.services.sending.slot_take", lambda *, now: next(allowed))
    connection.close()

    assert sum(race(lambda _: _send_all(NOW), count=3)) == 30


def _send_all(now) -> int:
    try:
        return send(now).sent
    finally:
        connection.close()
