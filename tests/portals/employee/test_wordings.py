"""The page where IT writes what messages say."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.urls import reverse

from notifications.models import MessageWording, Notification
from tests.factories import UserFactory
from tests.portals.desks import text

DETAIL = reverse("employee:wording-detail", args=["password_changed", "en"])
LIST = reverse("employee:template-list")
WORDS = {"subject": "Hello", "text": "Hello\r\nAt {{ changed_at }}", "html": "<p>Hello</p>", "note": "Why", "seen": ""}


@pytest.fixture
def it(employee):
    return employee("it")


@pytest.fixture
def message(now):
    def make(number, **fields):
        person = UserFactory(email=f"vera{number}@example.org")
        return Notification.objects.create(
            template="password_changed",
            dedupe_key=f"{number}",
            receiver=person,
            address=person.email,
            facts={"user_id": person.pk, "occurred_at": "2026-11-22T12:00:00+00:00"},
            status="sent",
            due_at=now,
            give_up_at=now,
            created_at=now + timedelta(seconds=number),
        )

    return make


def act(client, what, **data):
    args = ["password_changed", "en"] + (["draft"] if what == "test" else [])
    return client.post(reverse(f"employee:wording-{what}", args=args), data, follow=True)


def test_a_draft_is_told_of_names_that_print_nothing(it, message):
    message(1)
    loop = "{% for row in rows %}{{ row.x }}{{ forloop.counter }}{% endfor %}"

    typo = it.post(DETAIL, {**WORDS, "subject": "Hello {{ changed_on }}"}, follow=True)
    stamp = MessageWording.objects.get().stamp
    cured = it.post(DETAIL, {**WORDS, "html": f"<p>{loop}</p>", "seen": stamp}, follow=True)

    assert "Nothing stands where this name is:</span> <code>changed_on</code>" in typo.text
    assert "Nothing stands where" not in cured.text


def test_words_go_from_draft_to_use_and_back(it, message):
    message(1)

    saved = it.post(DETAIL, WORDS, follow=True)

    assert "The draft is saved." in saved.text
    assert "Shown on the message to vera1@example.org" in saved.text
    assert "At 22 November 2026, 12:00 UTC" in saved.text
    draft = MessageWording.objects.get()
    assert (draft.text, draft.note, draft.number) == ("Hello\nAt {{ changed_at }}", "Why", None)

    assert f"A test mail is on its way to {it.user.email}." in act(it, "test").text
    assert [(mail.to, mail.subject) for mail in django_mail.outbox] == [([it.user.email], "[Test] Hello")]

    published = act(it, "publish", seen=draft.stamp)
    assert "Version 1 is in use." in published.text
    assert "version 1 is in use, published" in published.text

    again = it.get(DETAIL, {"from": "1"})
    assert "As in version 1" in again.text

    back = act(it, "reset", note="Too short")
    assert "The shipped words are in use again." in back.text
    assert "shipped words are in use." in text(back)
    assert list(MessageWording.objects.order_by("number").values_list("number", "is_shipped")) == [
        (1, False),
        (2, True),
    ]


def test_a_mistake_keeps_what_was_typed_and_says_where_it_is(it):
    answer = it.post(DETAIL, {**WORDS, "text": "My own words\n{% if %}"})

    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert "Text, line 2: " in answer.text
    assert "My own words" in answer.text
    assert MessageWording.objects.count() == 0


def test_somebody_elses_draft_is_not_overwritten_and_ones_own_is_kept_on_the_page(it):
    it.post(DETAIL, WORDS)

    answer = it.post(DETAIL, {**WORDS, "subject": "My own subject"})

    assert answer.status_code == 409
    assert "Somebody else has changed this draft" in answer.text
    assert "My own subject" in answer.text
    assert MessageWording.objects.get().subject == "Hello"


def test_a_draft_can_be_thrown_away(it):
    it.post(DETAIL, WORDS)

    assert "The draft is gone." in act(it, "discard").text
    assert MessageWording.objects.count() == 0


def test_the_frame_shows_the_mail_without_any_power(it):
    it.post(DETAIL, {**WORDS, "html": "<script>alert(1)</script><p>Hello</p>"})

    page = it.get(DETAIL)
    frame = it.get(reverse("employee:wording-preview", args=["password_changed", "en", "draft"]))

    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "sandbox src=" in page.text
    rules = set(frame["Content-Security-Policy"].split("; "))
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'self'", "style-src 'unsafe-inline'"} <= rules
    assert not any(rule.startswith("script-src") for rule in rules)
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "<p>Hello</p>" in frame.text
    assert "frame-src" not in it.get(LIST)["Content-Security-Policy"]


def test_words_there_are_not_are_404(it):
    for args in (["password_changed", "en", "draft"], ["password_changed", "en", "other"], ["no", "en", "shipped"]):
        assert it.get(reverse("employee:wording-preview", args=args)).status_code == 404
    assert it.get(reverse("employee:wording-detail", args=["password_changed", "xx"])).status_code == 404
    assert it.get(DETAIL, {"from": "7"}).status_code == 404


def test_the_list_needs_the_same_queries_for_one_and_three_messages_and_versions(
    it, message, django_assert_num_queries, django_assert_max_num_queries
):
    def add(number):
        message(number)
        MessageWording.objects.create(
            template="password_changed",
            language="en",
            number=number,
            subject="s",
            text="t",
            html="h",
            editor=it.user,
            edited_at=Notification.objects.get(dedupe_key=str(number)).created_at,
            published_at=Notification.objects.get(dedupe_key=str(number)).created_at,
        )

    add(1)
    with django_assert_max_num_queries(8) as few:
        it.get(LIST)
    add(2)
    add(3)
    with django_assert_num_queries(len(few)):
        page = it.get(LIST)
    assert "Version 3" in page.text
    assert "never" in page.text
