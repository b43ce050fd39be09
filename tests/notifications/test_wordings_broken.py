"""Words of IT that break in a real message: it goes out in the shipped ones, and IT hears of it once."""

from datetime import timedelta

import pytest

from common.models import OutboxEvent
from notifications import events, handlers
from notifications.models import MessageWording, Notification
from notifications.wordings import Words
from tests.notifications.builders import NOW, confirmed, event, make_booking, make_row, make_user, make_world
from tests.notifications.editing import break_words, publish, send

pytestmark = pytest.mark.django_db


def test_a_message_whose_words_break_goes_out_in_the_shipped_ones_and_it_is_told_once(it):
    version = break_words(it)
    rows = [make_row(number) for number in (1, 2)]
    OutboxEvent.objects.all().delete()

    mails = send()

    assert [mail.subject for mail in mails] == ["Your password was changed"] * 2
    assert "22 November 2026" in mails[0].body
    for row in rows:
        row.refresh_from_db()
        assert (row.status, row.attempts) == ("sent", 1)
    version.refresh_from_db()
    assert version.broken_at is not None
    (told,) = OutboxEvent.objects.all()
    assert told.name == events.WordingBroke.name
    assert told.payload == {
        "wording_id": version.pk,
        "template": "password_changed",
        "language": "en",
        "number": 1,
        "error": "Text, line 1: a loop needs a list.",
    }


def test_it_gets_a_mail_with_the_error_and_the_way_to_the_editor(it):
    payload = {"wording_id": 1, "template": "password_changed", "language": "en", "number": 3, "error": "Text: no."}
    handlers.event_tell(event(events.WordingBroke.name, **payload))

    (mail,) = send()

    assert (mail.to, mail.subject) == (["it@example.org"], "The words of “Password changed” are broken")
    assert "Version 3 of the English words failed in a real message:\n\nText: no." in mail.body
    assert "http://testserver/employee/templates/password_changed/en/" in mail.body


def test_a_broken_warning_about_broken_words_is_sent_all_the_same_and_starts_no_circle(it):
    break_words(it, template="staff_wording_broke")
    MessageWording.objects.update(text="{% for a in name %}{% endfor %}")
    payload = {"wording_id": 1, "template": "password_changed", "language": "en", "number": 3, "error": "Text: no."}
    for number in (1, 2):
        handlers.event_tell(event(events.WordingBroke.name, id=number, **payload))

    assert [mail.subject for mail in send()] == ["The words of “Password changed” are broken"] * 2
    assert OutboxEvent.objects.filter(name=events.WordingBroke.name).count() == 1


def test_the_next_version_may_break_anew(it):
    break_words(it)
    make_row(1)
    send()
    publish(it, now=NOW + timedelta(hours=1))
    MessageWording.objects.filter(number=2).update(html="{% include 'nowhere' %}")
    make_row(2)
    send()

    assert OutboxEvent.objects.filter(name=events.WordingBroke.name).count() == 2


def test_a_booking_does_not_wait_for_broken_words(it):
    publish(it, Words(subject="x", text="t", html="h"), template="booking_confirmed")
    MessageWording.objects.update(subject="{% for a in trip.reference %}{% endfor %}")
    booking = make_booking(make_world(), make_user("ada@example.org"), reference="QK7M3P")

    handlers.event_tell(confirmed(booking))

    row = Notification.objects.get(template="booking_confirmed")
    assert row.subject == "Booked: New Shepard to the edge of space, reference QK7M3P"
    sent = [mail for mail in send() if mail.to == ["ada@example.org"]]
    assert [mail.subject for mail in sent] == ["Booked: New Shepard to the edge of space, reference QK7M3P"]
