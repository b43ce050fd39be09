"""What people want by mail: choices, links in mails, and what cannot be switched off."""

from datetime import timedelta

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.enums import UserKind
from common.errors import InvalidInput
from common.models import OutboxEvent
from notifications import handlers, selectors, services, topics
from notifications.contents import MAKERS
from notifications.models import MailOptOut, Notification
from notifications.topic_words import WORDS
from tests.notifications.builders import NOW, confirmed, event, make_booking, make_it, make_row, make_user, make_world
from tests.notifications.mails import link_of, mail_to, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world(status="confirmed")


@pytest.fixture
def ada(world):
    ada = make_user("ada@example.org")
    make_booking(world, ada)
    return ada


def off(user, *codes):
    return services.preferences_change(user=user, off=codes, now=NOW)


def news(world, number=1):
    """Tell of a confirmed launch: its customers may switch that off."""
    payload = {"launch_id": world.launch.pk, "supplier_id": world.supplier.pk, "version": 2}
    handlers.event_tell(event("launches.launch.confirmed", id=number, **payload))


# --- topics ----------------------------------------------------------------------------------------------------------
def test_topics_name_templates_there_are_each_once_and_say_why_the_rest_is_required():
    listed = [template for topic in topics.TOPICS for template in topic.templates]

    assert set(listed) <= set(MAKERS)
    assert len(listed) == len(set(listed))
    for words in WORDS.values():
        assert list(words) == [topic.code for topic in topics.TOPICS]
        assert [t.code for t in topics.TOPICS if bool(t.templates) == bool(words[t.code].why)] == []
        assert [t.code for t in topics.TOPICS if bool(t.templates) != bool(words[t.code].said)] == []
    for kind in UserKind.values:
        assert {True, False} == {topic.is_required for topic in topics.topics_of(kind)}


# --- choosing --------------------------------------------------------------------------------------------------------
def test_what_is_switched_off_stands_in_the_inbox_only_and_the_queue_says_so(world, ada):
    off(ada, "launch_news")

    news(world)
    outcome = send()

    row = Notification.objects.get(receiver=ada)
    assert mail_to("ada@example.org") == []
    assert (outcome.unwanted, row.status, row.address, row.attempts) == (1, "sent", "", 1)
    assert row.latest_error == "Not mailed: Good news of your launches is switched off. It is in the inbox."
    assert selectors.inbox_list(user=ada) == [row]


def test_a_choice_made_after_the_message_was_enqueued_counts_too(world, ada):
    news(world)
    off(ada, "launch_news")

    send()

    assert mail_to("ada@example.org") == []


def test_what_is_on_is_mailed_and_one_persons_choice_is_nobody_elses(world, ada):
    bob = make_user("bob@example.org")
    make_booking(world, bob)
    off(ada, "launch_news")
    off(bob, "new_launches", "reminders")

    news(world)
    send()

    assert len(mail_to("bob@example.org")) == 1


def test_what_is_required_is_mailed_whatever_stands_in_the_table(world, ada):
    MailOptOut.objects.bulk_create(MailOptOut(user=ada, topic=topic.code, created_at=NOW) for topic in topics.TOPICS)
    handlers.event_tell(confirmed(make_booking(world, ada)))

    send()

    (mail,) = mail_to("ada@example.org")
    assert mail.subject.startswith("Booked: ")
    assert "List-Unsubscribe" not in mail.extra_headers


def test_choices_replace_each_other_and_are_audited(ada):
    off(ada, "reminders", "waiting")
    chosen = off(ada, "waiting", "new_launches")
    off(ada, "new_launches", "waiting")

    assert [item.topic.code for item in chosen if not item.is_on] == ["new_launches", "waiting"]
    assert [one.payload for one in OutboxEvent.objects.order_by("pk")] == [
        {"user_id": ada.pk, "off": ["reminders", "waiting"]},
        {"user_id": ada.pk, "off": ["new_launches", "waiting"]},
    ]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("nonsense", "There is no topic 'nonsense' of yours. Choose from: launch_news, new_launches, reminders, wait"),
        ("bookings", "There is no topic 'bookings' of yours."),
        ("trips", "Mails about “Your trips” cannot be switched off. You paid for these seats;"),
    ],
)
def test_unknown_and_required_topics_are_refused_and_change_nothing(ada, code, sentence):
    off(ada, "waiting")

    with pytest.raises(InvalidInput) as refused:
        off(ada, "reminders", code)

    assert refused.value.fields["off"].startswith(sentence)
    assert list(MailOptOut.objects.values_list("topic", flat=True)) == ["waiting"]


# --- the link in the mail --------------------------------------------------------------------------------------------
def test_a_mail_that_may_be_switched_off_says_so_in_head_and_foot(world, ada):
    news(world)
    send()

    (mail,) = mail_to("ada@example.org")

    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = f"http://testserver{link_of(mail)}"
    assert f"Get no more mails about good news of your launches: {url}" in mail.body
    assert f'<a href="{url}">Get no more mails about good news of your launches</a>' in mail.alternatives[0].content
    assert "Choose your mails: http://testserver/preferences/" in mail.body


def test_one_click_of_a_mail_program_works_without_a_session_or_a_token(world, ada):
    news(world)
    send()
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post(link_of(mail_to("ada@example.org")[0]), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert "You get no more mails about this" in answer.text
    assert "sessionid" not in answer.cookies
    assert list(MailOptOut.objects.values_list("user_id", "topic")) == [(ada.pk, "launch_news")]
    assert OutboxEvent.objects.latest("pk").payload == {"user_id": ada.pk, "off": ["launch_news"]}
    news(world, 2)
    send()
    assert mail_to("ada@example.org") == []


def test_opening_the_link_switches_nothing_and_signs_nobody_in(world, ada, client):
    news(world)
    send()
    link = link_of(mail_to("ada@example.org")[0])

    page = client.get(link)

    assert "No more mails about this?" in page.text
    assert "ada@example.org" not in page.text
    assert "sessionid" not in page.cookies
    assert client.get("/trips/").status_code == 302
    assert MailOptOut.objects.count() == 0

    client.post(link)
    client.post(link)
    assert "These mails are off already" in client.get(link).text
    assert "You get these mails again" in client.post(link, {"on": "1"}).text
    assert MailOptOut.objects.count() == 0


def test_a_link_that_is_not_ours_is_refused(world, ada, client):
    news(world)
    send()
    link = link_of(mail_to("ada@example.org")[0])
    bob = make_user("bob@example.org")

    forged = [
        link.replace(f"{ada.pk}-launch_news", f"{bob.pk}-launch_news"),
        link.replace("launch_news", "reminders"),
        "/mails/off/nonsense/",
        "/mails/off/1-launch_news:x/",
    ]

    for one in forged:
        assert client.post(one).status_code == 404
        assert client.get(one).status_code == 404
    assert MailOptOut.objects.count() == 0


def test_the_link_of_a_closed_account_does_nothing(world, ada, client):
    news(world)
    send()
    link = link_of(mail_to("ada@example.org")[0])
    ada.is_active = False
    ada.save()

    assert client.post(link).status_code == 404
    assert MailOptOut.objects.count() == 0


# --- pages and API ---------------------------------------------------------------------------------------------------
def people(world):
    return {"customer": make_user("vera@example.org"), "supplier": world.owner, "employee": make_it()}


@pytest.mark.parametrize(
    ("kind", "address", "code"),
    [
        ("customer", "/preferences/", "reminders"),
        ("supplier", "/supplier/preferences/", "bookings"),
        ("employee", "/employee/preferences/", "papers"),
    ],
)
def test_each_portal_has_a_page_to_choose(world, client, kind, address, code):
    person = people(world)[kind]
    client.force_login(person)
    optional = [topic for topic in topics.topics_of(kind) if not topic.is_required]

    page = client.get(address)
    on = [topic.code for topic in optional if topic.code != code]
    saved = client.post(address, {"on": on}, follow=True)

    assert page.text.count(" checked") == len(optional)
    assert "Confirming your e-mail" in page.text
    assert "They protect your account" in page.text
    assert "Change language or time zone" in page.text
    assert "What you switched off still stands in your inbox." in saved.text
    assert saved.text.count(" checked") == len(optional) - 1
    assert list(MailOptOut.objects.values_list("user_id", "topic")) == [(person.pk, code)]
    client.post(address, {"on": [topic.code for topic in optional]})
    assert MailOptOut.objects.count() == 0


@pytest.mark.parametrize(("kind", "code"), [("customer", "waiting"), ("supplier", "launches"), ("employee", "repairs")])
def test_the_api_says_and_replaces_the_choices(world, kind, code):
    caller = APIClient()
    caller.force_authenticate(people(world)[kind])
    address = f"/api/v1/{kind}/mail-preferences/"

    answer = caller.put(address, {"off": [code]}, format="json")

    assert answer.status_code == 200
    assert answer.json() == caller.get(address).json()
    found = {item["code"]: item for item in answer.json()["results"]}
    assert [name for name, item in found.items() if not item["is_on"]] == [code]
    assert (found["account"]["is_required"], found[code]["is_required"]) == (True, False)
    assert found["account"]["why"].startswith("They protect your account")

    wrong = caller.put(address, {"off": ["account"]}, format="json")
    assert wrong.status_code == 422
    assert wrong.json()["fields"]["off"].startswith("Mails about “Your account and its security” cannot")
    assert caller.put(address, {"off": "waiting"}, format="json").status_code == 422
    assert caller.put(address, {}, format="json").status_code == 422
    assert MailOptOut.objects.count() == 1


def test_a_message_that_does_not_apply_any_more_stays_cancelled_although_unwanted(ada):
    off(ada, "reminders")
    make_row(1, template="slip_reminded", receiver=ada, facts={"decision_id": "0" * 32, "booking_id": 1})

    send()

    assert Notification.objects.get().status == "cancelled"


def test_a_retry_of_an_unwanted_message_waits_for_nobody(world, ada):
    off(ada, "launch_news")
    news(world)
    send()

    assert services.notifications_send_due(now=NOW + timedelta(days=3), limit=50).handled == 0
