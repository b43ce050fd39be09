"""The editor of messages: previews on real data, test mails, the list."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail

from notifications import errors, selectors, services
from notifications.models import Notification
from notifications.wordings import shipped
from tests.notifications.builders import NOW, make_row, make_user
from tests.notifications.editing import OURS, break_words, publish, save, send, view

pytestmark = pytest.mark.django_db


def test_a_preview_shows_the_latest_message_that_still_applies(it):
    make_row(1, facts={"occurred_at": "2026-01-02T03:04:00+00:00"}, created_at=NOW - timedelta(days=2))
    closed = make_user("gone@example.org", is_active=False)
    make_row(2, receiver=closed, created_at=NOW)
    save(it)

    shown = selectors.wording_preview(view=view(it), which="draft", now=NOW)

    assert shown.message.address == "reader1@example.org"
    assert shown.said.text == "Changed at 2 January 2026, 03:04 UTC\n"
    assert selectors.wording_preview(view=view(it), which="shipped", now=NOW).said.subject == (
        "Your password was changed"
    )
    with pytest.raises(errors.WordingNotFound):
        selectors.wording_preview(view=view(it), which="in-use", now=NOW)


def test_without_a_message_the_names_stand_for_the_values(it):
    shown = selectors.wording_preview(view=view(it, "booking_confirmed"), which="shipped", now=NOW)

    assert shown.message is None
    assert shown.said.subject == "Booked: ‹trip.title›, reference ‹trip.reference›"


@pytest.mark.parametrize("template", ["password_reset", "email_confirmation"])
def test_a_preview_and_a_test_mail_hold_no_link_that_opens_an_account(it, template):
    ada = make_user("ada@example.org", email_confirmed_at=None)
    make_row(1, template=template, receiver=ada)

    shown = services.wording_test_send(actor=it, template=template, language="en", words=None, now=NOW)

    assert shown.message.receiver == ada
    (mail,) = django_mail.outbox
    for said in (shown.said.text, shown.said.html, mail.body, mail.alternatives[0].content):
        assert "http://testserver/" in said
        assert "/accounts/reset/" not in said
        assert "/accounts/confirm/" not in said


def test_a_test_mail_goes_to_whoever_asked_and_touches_no_queue(it):
    make_row(1)

    services.wording_test_send(actor=it, template="password_changed", language="en", words=OURS, now=NOW)

    (mail,) = django_mail.outbox
    assert (mail.to, mail.subject) == (["it@example.org"], "[Test] Hello Ada Example")
    assert Notification.objects.filter(status="pending").count() == 1


def test_a_mail_server_that_refuses_a_test_is_said(it, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    with pytest.raises(errors.MailNotTaken, match="ConnectionRefusedError"):
        services.wording_test_send(actor=it, template="password_changed", language="en", words=OURS, now=NOW)


def test_the_list_says_what_is_edited_drafted_broken_and_used(it):
    break_words(it)
    make_row(1)
    send()
    save(it, template="booking_confirmed", language="es")

    lines = {line.template: line for line in selectors.template_list(actor=it)}

    changed, booked = lines["password_changed"], lines["booking_confirmed"]
    assert (changed.name, changed.latest_at) == ("Password changed", NOW)
    assert [(s.language, s.number, s.is_broken, s.has_draft) for s in changed.states] == [
        ("en", 1, True, False),
        ("es", None, False, False),
    ]
    assert [(s.language, s.number, s.has_draft) for s in booked.states] == [("en", None, False), ("es", None, True)]
    assert booked.latest_at is None


def test_the_editor_begins_with_the_words_in_use(it):
    assert view(it).words == shipped(template="password_changed", language="en")
    publish(it)
    assert view(it).words.subject == "Hello {{ reader_name }}"
