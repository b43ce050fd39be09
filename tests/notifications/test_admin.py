"""The staff screen of the queue."""

from uuid import uuid4

import pytest
from django.urls import reverse

from notifications.webhooks.models import WebhookEndpoint
from tests.notifications.builders import NOW, make_it, make_row, make_user

pytestmark = pytest.mark.django_db
LIST = "admin:notifications_notification_changelist"
WEBHOOKS = "admin:notifications_webhookendpoint"


def test_it_sees_the_queue_and_retries_from_it(client):
    failed, sent = make_row(1, status="failed"), make_row(2, status="sent")
    client.force_login(make_it())

    shown = client.get(reverse(LIST))
    acted = client.post(reverse(LIST), {"action": "retry", "_selected_action": [failed.pk, sent.pk]}, follow=True)

    assert "reader1@example.org" in shown.text
    failed.refresh_from_db()
    sent.refresh_from_db()
    assert (failed.status, sent.status) == ("pending", "sent")
    assert "1 messages are due again." in acted.text
    assert "This message is sent and cannot be retried." in acted.text


def test_a_message_can_be_read_but_not_edited_added_or_deleted(client):
    row = make_row(1)
    client.force_login(make_it())
    change = reverse("admin:notifications_notification_change", args=[row.pk])

    assert "reader1@example.org" in client.get(change).text
    assert client.post(change, {"address": "thief@example.org"}).status_code == 403
    assert client.get(reverse("admin:notifications_notification_add")).status_code == 403
    assert client.post(reverse("admin:notifications_notification_delete", args=[row.pk])).status_code == 403
    row.refresh_from_db()
    assert row.address == "reader1@example.org"


@pytest.mark.parametrize(("kind", "role"), [("employee", "finance"), ("employee", "support"), ("customer", "")])
def test_others_do_not_see_the_queue(client, kind, role):
    make_row(1)
    client.force_login(make_user("nosy@example.org", kind=kind, employee_role=role))

    answer = client.get(reverse(LIST))

    assert answer.status_code in (302, 403)
    assert "reader1@example.org" not in answer.text


def test_an_endpoints_address_is_shown_without_what_may_be_a_password(client):
    row = WebhookEndpoint.objects.create(
        url="https://example.com/hooks?key=of-the-receiver",
        event_types=["launch.delayed"],
        secret_id=uuid4(),
        due_at=NOW,
        created_at=NOW,
    )
    client.force_login(make_it())

    pages = [client.get(reverse(f"{WEBHOOKS}_changelist")), client.get(reverse(f"{WEBHOOKS}_change", args=[row.pk]))]

    assert ["https://example.com/hooks" in page.text for page in pages] == [True, True]
    assert ["of-the-receiver" in page.text for page in pages] == [False, False]
    guessed = client.get(reverse(f"{WEBHOOKS}_changelist"), {"q": "of-the-rec"})
    assert str(row.pk) not in guessed.text
