"""What IT does to many messages at once."""

import pytest
from django.urls import reverse

from common.errors import InvalidInput
from common.models import OutboxEvent
from notifications import errors, selectors, services
from notifications.models import Notification
from notifications.services import bulk
from tests.notifications.builders import NOW, make_row, make_user

pytestmark = pytest.mark.django_db
LIST, BULK = reverse("employee:notification-list"), reverse("employee:notification-bulk")


@pytest.fixture
def queue():
    """Return messages 1 to 5: three failed, one sent, one pending."""
    statuses = ("failed", "failed", "failed", "sent", "pending")
    return [make_row(number, status=status) for number, status in enumerate(statuses, start=1)]


def statuses():
    return list(Notification.objects.order_by("pk").values_list("status", flat=True))


def move(it, name, **wanted):
    return services.notifications_move(actor=it, move=name, now=NOW, **wanted)


def test_all_that_a_search_finds_are_moved_each_on_record(it, queue):
    outcome = move(it, "cancel", status="failed", reason="Wrong launch")

    assert (outcome.done, outcome.refused, outcome.left) == (3, 0, 0)
    assert statuses() == ["cancelled"] * 3 + ["sent", "pending"]
    events = OutboxEvent.objects.order_by("pk")
    assert [(one.name, one.payload["notification_id"], one.payload["reason"]) for one in events] == [
        ("notifications.notification.cancelled", row.pk, "Wrong launch") for row in queue[:3]
    ]


def test_only_the_named_ones_are_moved_and_none_that_cannot(it, queue):
    ids = [queue[1].pk, queue[3].pk, 10**9]

    assert selectors.queue_movable_count(actor=it, move="retry", ids=ids) == selectors.Movable(found=2, movable=1)
    assert move(it, "retry", ids=ids).done == 1
    assert statuses() == ["failed", "pending", "failed", "sent", "pending"]
    assert move(it, "mark-sent", text="READER1@").done == 1
    assert statuses()[0] == "sent"


def test_a_great_many_are_moved_in_parts_and_the_rest_is_counted(it, queue, monkeypatch):
    monkeypatch.setattr(bulk, "LIMIT", 2)

    first, second = move(it, "cancel", status="failed"), move(it, "cancel", status="failed")

    assert (first.done, first.left) == (2, 1)
    assert (second.done, second.left) == (1, 0)


def test_unknown_moves_and_other_roles_change_nothing(it, queue):
    with pytest.raises(InvalidInput):
        move(it, "delete", status="failed")
    nosy = make_user("nosy@example.org", kind="employee", employee_role="finance")
    with pytest.raises(errors.QueueForbidden):
        move(nosy, "cancel", status="failed")
    with pytest.raises(errors.QueueForbidden):
        selectors.queue_movable_count(actor=nosy, move="cancel")

    assert statuses() == ["failed"] * 3 + ["sent", "pending"]


# --- the page --------------------------------------------------------------------------------------------------------
def test_the_page_counts_first_and_moves_when_confirmed(it, queue, client):
    client.force_login(it)
    form = {"move": "retry", "scope": "all", "status": "", "q": "reader"}

    asked = client.post(BULK, form)

    assert "Retry: 4 messages?" in asked.text
    assert "All that the list shows, on every page of this search: 5." in asked.text
    assert "1 of them is in a state where this cannot be done, and stays as it is." in asked.text
    assert statuses() == ["failed"] * 3 + ["sent", "pending"]

    done = client.post(BULK, {**form, "confirmed": "1", "reason": "The server is back"}, follow=True)

    assert "4 messages are due again." in done.text
    assert done.redirect_chain == [(f"{LIST}?q=reader", 303)]
    assert statuses() == ["pending"] * 3 + ["sent", "pending"]


def test_ticked_messages_alone_are_moved(it, queue, client):
    client.force_login(it)
    page = client.get(LIST)
    form = {"move": "cancel", "scope": "ticked", "id": [str(queue[0].pk), "nonsense"]}

    asked = client.post(BULK, form)
    client.post(BULK, {**form, "confirmed": "1"})

    assert page.text.count('form="bulk"') == 4
    assert "Cancel: 1 message?" in asked.text
    assert statuses() == ["cancelled", "failed", "failed", "sent", "pending"]


@pytest.mark.parametrize("form", [{}, {"move": "retry", "scope": "ticked"}, {"move": "delete", "scope": "all"}])
def test_nothing_ticked_or_chosen_is_said_and_nothing_moves(it, queue, client, form):
    client.force_login(it)

    answer = client.post(BULK, {**form, "confirmed": "1"}, follow=True)

    assert "Tick the messages first, and choose what to do with them." in answer.text
    assert statuses() == ["failed"] * 3 + ["sent", "pending"]
