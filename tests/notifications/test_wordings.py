"""The words of messages that IT wrote: drafts, versions, and what becomes of broken ones."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.db import connection

from common.errors import InvalidInput
from common.models import OutboxEvent
from notifications import errors, events, handlers, selectors, services
from notifications.models import MessageWording, Notification
from notifications.wordings import Words, shipped
from tests.documents.processes import race
from tests.notifications.builders import NOW, confirmed, event, make_booking, make_it, make_row, make_user, make_world

pytestmark = pytest.mark.django_db
OURS = Words(subject="Hello {{ reader_name }}", text="Changed at {{ changed_at }}", html="<p>At {{ changed_at }}</p>")


@pytest.fixture
def it():
    return make_it()


def save(actor, words=OURS, *, template="password_changed", language="en", note="", seen="", now=NOW):
    return services.wording_draft_save(
        actor=actor, template=template, language=language, words=words, note=note, seen=seen, now=now
    )


def publish(actor, words=OURS, *, template="password_changed", language="en", **more):
    draft = save(actor, words, template=template, language=language, **more)
    return services.wording_publish(actor=actor, template=template, language=language, seen=draft.stamp, now=NOW)


def send(now=NOW):
    django_mail.outbox.clear()
    Notification.objects.filter(status="pending").update(due_at=now)
    services.notifications_send_due(now=now, limit=50)
    return django_mail.outbox


def view(actor, template="password_changed", language="en"):
    return selectors.wording_view(actor=actor, template=template, language=language)


# --- into use --------------------------------------------------------------------------------------------------------
def test_a_draft_changes_no_mail_and_a_published_one_every_next_mail(it):
    make_row(1)
    save(it)
    (before,) = send()

    services.wording_publish(actor=it, template="password_changed", language="en", seen=view(it).draft.stamp, now=NOW)
    row = make_row(2)
    (after,) = send()

    assert before.subject == "Your password was changed"
    assert (after.subject, after.body) == ("Hello Ada Example", "Changed at 22 November 2026, 12:00 UTC\n")
    assert after.alternatives[0].content == "<p>At 22 November 2026, 12:00 UTC</p>\n"
    row.refresh_from_db()
    assert row.subject == "Hello Ada Example"


def test_words_are_those_of_the_readers_language(it):
    publish(it, Words(subject="Hola", text="Hola", html="<p>Hola</p>"), language="es")
    make_row(1, receiver=make_user("eva@example.org", language="es"))
    make_row(2, receiver=make_user("ada@example.org", language="en"))

    assert sorted(mail.subject for mail in send()) == ["Hola", "Your password was changed"]


def test_the_queue_and_the_inbox_show_the_subject_that_it_wrote(it):
    publish(it, Words(subject="Yours: {{ trip.reference }}", text="t", html="h"), template="booking_confirmed")
    booking = make_booking(make_world(), make_user("ada@example.org"), reference="QK7M3P")

    handlers.event_tell(confirmed(booking))

    assert Notification.objects.get(template="booking_confirmed").subject == "Yours: QK7M3P"


def test_versions_are_numbered_kept_and_audited(it):
    first = publish(it, note="Shorter")
    second = publish(it, Words(subject="Second", text="t", html="h"), now=NOW + timedelta(minutes=1))

    shown = view(it)

    assert (first.number, second.number) == (1, 2)
    assert [(row.number, row.subject, row.note) for row in shown.history] == [
        (2, "Second", ""),
        (1, "Hello {{ reader_name }}", "Shorter"),
    ]
    assert (shown.published, shown.draft) == (second, None)
    assert [(one.name, one.payload["number"]) for one in OutboxEvent.objects.order_by("id")] == [
        ("notifications.wording.published", 1),
        ("notifications.wording.published", 2),
    ]


def test_going_back_to_the_shipped_words_is_a_version_too_and_leaves_a_draft(it):
    publish(it)
    save(it, Words(subject="Next", text="t", html="h"))

    services.wording_reset(actor=it, template="password_changed", language="en", note="Too short", now=NOW)
    make_row(1)

    assert send()[0].subject == "Your password was changed"
    shown = view(it)
    assert (shown.published, shown.history[0].number, shown.history[0].is_shipped) == (None, 2, True)
    assert shown.draft.subject == "Next"
    with pytest.raises(errors.NothingToPublish):
        services.wording_reset(actor=it, template="password_changed", language="en", note="", now=NOW)


def test_a_draft_thrown_away_is_gone(it):
    save(it)

    services.wording_draft_discard(actor=it, template="password_changed", language="en")

    assert MessageWording.objects.count() == 0
    with pytest.raises(errors.NothingToPublish):
        services.wording_draft_discard(actor=it, template="password_changed", language="en")
    with pytest.raises(errors.NothingToPublish):
        services.wording_publish(actor=it, template="password_changed", language="en", seen="", now=NOW)


# --- refusals --------------------------------------------------------------------------------------------------------
def test_broken_words_are_not_saved_and_each_part_says_why(it):
    make_row(1)
    wrong = Words(subject="a\nb", text="line\n{% if %}", html="{{ x|safe }}")

    with pytest.raises(InvalidInput) as refused:
        save(it, wrong)

    assert set(refused.value.fields) == {"subject", "text", "html"}
    assert refused.value.fields["text"].startswith("Text, line 2: ")
    assert MessageWording.objects.count() == 0


def test_words_that_fail_on_real_data_are_not_saved(it):
    make_row(1)

    with pytest.raises(InvalidInput) as refused:
        save(it, Words(subject="x", text="\n{% for a in changed_at %}{{ a }}{% endfor %}", html="<p>x</p>"))

    assert refused.value.fields == {"text": "Text, line 2: a loop needs a list."}
    assert MessageWording.objects.count() == 0


def test_two_editors_do_not_overwrite_each_other(it):
    other = make_it("it2@example.org")
    draft = save(it)
    seen = draft.stamp
    theirs = save(other, Words(subject="Theirs", text="t", html="h"), seen=seen, now=NOW + timedelta(minutes=1))

    with pytest.raises(errors.WordingChangedMeanwhile):
        save(it, Words(subject="Mine", text="t", html="h"), seen=seen)
    with pytest.raises(errors.WordingChangedMeanwhile):
        save(it, Words(subject="Mine", text="t", html="h"), seen="")
    with pytest.raises(errors.WordingChangedMeanwhile):
        services.wording_publish(actor=it, template="password_changed", language="en", seen=seen, now=NOW)

    assert view(it).draft.subject == "Theirs"
    assert view(it).draft.stamp == theirs.stamp


@pytest.mark.parametrize(("template", "language"), [("no_such_template", "en"), ("password_changed", "xx")])
def test_words_of_unknown_templates_and_languages_are_refused(it, template, language):
    with pytest.raises(errors.WordingNotFound):
        save(it, template=template, language=language)
    with pytest.raises(errors.WordingNotFound):
        view(it, template, language)


def test_words_are_its_alone():
    for role in ("support", "finance"):
        nosy = make_user(f"{role}@example.org", kind="employee", employee_role=role)
        for ask in (
            lambda nosy=nosy: save(nosy),
            lambda nosy=nosy: selectors.template_list(actor=nosy),
            lambda nosy=nosy: view(nosy),
            lambda nosy=nosy: services.wording_reset(
                actor=nosy, template="password_changed", language="en", note="", now=NOW
            ),
            lambda nosy=nosy: services.wording_test_send(
                actor=nosy, template="password_changed", language="en", words=OURS, now=NOW
            ),
        ):
            with pytest.raises(errors.QueueForbidden):
                ask()
    assert MessageWording.objects.count() == 0
    assert django_mail.outbox == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_drafts_published_at_once_none_is_lost_and_no_number_is_used_twice(it):
    draft = save(it)
    connection.close()

    def go(_):
        try:
            return services.wording_publish(
                actor=it, template="password_changed", language="en", seen=draft.stamp, now=NOW
            ).number
        except (errors.NothingToPublish, errors.WordingChangedMeanwhile):
            return 0
        finally:
            connection.close()

    assert sorted(race(go, count=3)) == [0, 0, 1]
    assert MessageWording.objects.count() == 1


# --- broken in a real message ----------------------------------------------------------------------------------------
def break_words(it, template="password_changed"):
    """Publish words that were fine on the data of the day they were checked."""
    version = publish(it, template=template)
    MessageWording.objects.filter(pk=version.pk).update(text="{% for letter in changed_at %}{{ letter }}{% endfor %}")
    return version


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


# --- previews and tests ----------------------------------------------------------------------------------------------
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
