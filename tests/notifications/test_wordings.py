"""The words of messages that IT wrote: drafts, versions, refusals."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.db import connection

from common.errors import InvalidInput
from common.models import OutboxEvent
from notifications import errors, handlers, selectors, services
from notifications.models import MessageWording, Notification
from notifications.wordings import Words
from tests.documents.processes import race
from tests.notifications.builders import NOW, confirmed, make_booking, make_it, make_row, make_user, make_world
from tests.notifications.editing import OURS, publish, save, send, view

pytestmark = pytest.mark.django_db


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
