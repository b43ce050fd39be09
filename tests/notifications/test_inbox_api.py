"""The inbox through the API."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from notifications.models import Notification
from tests.notifications.builders import NOW, make_row, make_user

pytestmark = pytest.mark.django_db
INBOX = "/api/v1/customer/inbox/"


@pytest.fixture
def ada():
    return make_user("ada@example.org")


@pytest.fixture
def api(ada):
    client = APIClient()
    client.force_login(ada)
    return client


def message(number: int, receiver, **fields):
    values = {"subject": f"Message {number}", "link": "/trips/", "created_at": NOW + timedelta(minutes=number)}
    return make_row(number, receiver=receiver, **values | fields)


def test_own_messages_are_listed_latest_first_with_the_address_of_their_page(api, ada):
    message(1, ada)
    read = message(2, ada, read_at=NOW, link="")
    message(3, ada, status="cancelled")
    message(4, make_user("eve@example.org"))

    body = api.get(INBOX).json()

    assert [one["subject"] for one in body["results"]] == ["Message 2", "Message 1"]
    assert (body["unread_count"], body["next_cursor"]) == (1, "")
    assert body["results"][0] == {
        "id": read.pk,
        "template": "password_changed",
        "subject": "Message 2",
        "url": "",
        "created_at": "2026-11-22T12:02:00Z",
        "read_at": "2026-11-22T12:00:00Z",
    }
    assert body["results"][1]["url"] == "http://testserver/trips/"
    assert [one["subject"] for one in api.get(INBOX, {"is_unread": "true"}).json()["results"]] == ["Message 1"]


def test_pages_go_on_where_the_one_before_ended(api, ada):
    for number in range(5):
        message(number, ada)

    first = api.get(INBOX, {"limit": 2}).json()
    message(9, ada)  # what comes meanwhile moves nothing
    second = api.get(INBOX, {"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [one["subject"] for one in second["results"]] == ["Message 2", "Message 1"]
    assert api.get(INBOX, {"cursor": "nonsense"}).json()["fields"] == {
        "cursor": "Take the cursor from the page before, unchanged."
    }


def test_a_list_asks_the_same_of_the_database_however_long_it_is(api, ada):
    counts = []
    for number in range(3):
        message(number, ada)
        if number != 1:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                api.get(INBOX)
            counts.append(len(asked))

    assert counts[0] == counts[1]


def test_messages_are_marked_one_by_one_or_all_and_twice_is_once(api, ada):
    one, _ = message(1, ada), message(2, ada)

    first = api.post(f"{INBOX}{one.pk}/read/").json()
    again = api.post(f"{INBOX}{one.pk}/read/").json()
    rest = api.post(f"{INBOX}read/").json()

    assert first == {"marked_count": 1, "unread_count": 1}
    assert again == {"marked_count": 0, "unread_count": 1}
    assert rest == {"marked_count": 1, "unread_count": 0}
    assert not Notification.objects.filter(read_at=None).exists()


def test_somebody_elses_message_is_not_found(api):
    theirs = message(1, make_user("eve@example.org"))

    answer = api.post(f"{INBOX}{theirs.pk}/read/")

    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such message in your inbox.")
    assert Notification.objects.get().read_at is None
