"""Into the queue, what IT does with it, and the inbox."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django_q.models import OrmQ

from common import outbox, outbox_delivery
from common.models import OutboxEvent
from notifications import errors, handlers, selectors, services, tasks
from notifications.audiences import Receiver
from tests.notifications.builders import NOW, event, make_it, make_row, make_user, rows

pytestmark = pytest.mark.django_db


def draft(receiver: Receiver, **changes) -> services.Draft:
    values = {"template": "password_changed", "event_id": 5, "request_id": "req-1", "facts": {}} | changes
    return services.Draft(receiver=receiver, **values)


# --- once ------------------------------------------------------------------------------------------------------------
def test_a_handler_that_runs_twice_tells_once():
    user = make_user("ada@example.org")
    happened = event("accounts.user.password_changed", user_id=user.pk)

    handlers.event_tell(happened)
    rows().update(status="sent")
    handlers.event_tell(happened)

    assert list(rows().values_list("dedupe_key", "status")) == [(f"1:password_changed:user-{user.pk}", "sent")]


def test_two_events_of_a_kind_tell_twice():
    user = make_user("ada@example.org")

    handlers.event_tell(event("accounts.user.password_changed", id=1, user_id=user.pk))
    handlers.event_tell(event("accounts.user.password_changed", id=2, user_id=user.pk))

    assert rows().count() == 2
    assert len({row.message_id for row in rows()}) == 2


def test_receivers_without_an_account_are_told_once_each_whatever_the_case_of_the_address():
    for address in ("Desk@example.org", "desk@EXAMPLE.org", "other@example.org"):
        services.notifications_enqueue(drafts=[draft(Receiver(user_id=None, address=address))], now=NOW)

    assert sorted(rows().values_list("address", flat=True)) == ["Desk@example.org", "other@example.org"]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_was_published_reaches_the_queue_and_wakes_the_worker():
    from accounts.events import PasswordChanged

    cache.clear()
    user = make_user("ada@example.org")
    with transaction.atomic():
        outbox.publish(PasswordChanged(user_id=user.pk))
    OrmQ.objects.all().delete()

    outbox_delivery.deliver(consumer="notifications")

    (row,) = rows()
    assert (row.template, row.receiver_id, row.address, row.status) == (
        "password_changed",
        user.pk,
        "ada@example.org",
        "pending",
    )
    assert [task.func() for task in OrmQ.objects.all()] == ["notifications.tasks.send_due"]


def test_many_messages_wake_the_worker_once_until_it_runs():
    cache.clear()
    for number in range(3):
        make_row(number)
        tasks.send_soon()
    assert OrmQ.objects.count() == 1

    assert tasks.send_due() == 3
    tasks.send_soon()

    assert OrmQ.objects.count() == 2


def test_a_message_without_an_address_stands_in_the_inbox_and_is_not_mailed():
    user = make_user("ada@example.org")

    services.notifications_enqueue(
        drafts=[draft(Receiver(user_id=user.pk, address=""), facts={"user_id": user.pk, "occurred_at": str(NOW)})],
        now=NOW,
    )

    assert services.notifications_send_due(now=NOW, limit=5).handled == 0
    assert [row.subject for row in selectors.inbox_list(user=user)] == ["Your password was changed"]


def test_a_broken_template_does_not_keep_a_message_out_of_the_queue():
    user = make_user("ada@example.org")

    services.notifications_enqueue(
        drafts=[draft(Receiver(user_id=user.pk, address=user.email), template="no_such_thing")], now=NOW
    )

    assert [(row.status, row.subject) for row in rows()] == [("pending", "No such thing")]


# --- by employees ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", ["failed", "cancelled", "pending"])
def test_it_retries_a_message(status):
    actor = make_it()
    row = make_row(status=status, attempts=9, due_at=NOW - timedelta(days=9), give_up_at=NOW - timedelta(days=6))

    services.notification_retry(actor=actor, notification_id=row.pk, now=NOW, reason="The server is back.")

    old_message_id = row.message_id
    row.refresh_from_db()
    assert (row.status, row.attempts, row.due_at) == ("pending", 0, NOW)
    assert row.give_up_at == NOW + timedelta(hours=72)
    assert row.message_id == old_message_id
    told = OutboxEvent.objects.get(name="notifications.notification.retried")
    assert told.actor_id == actor.pk
    assert told.payload == {
        "notification_id": row.pk,
        "template": "password_changed",
        "old_status": status,
        "reason": "The server is back.",
    }
    assert services.notifications_send_due(now=NOW, limit=5).sent == 1


def test_it_cancels_a_message_and_it_is_not_sent():
    row = make_row()

    services.notification_cancel(actor=make_it(), notification_id=row.pk, now=NOW)

    row.refresh_from_db()
    assert (row.status, row.latest_error) == ("cancelled", "Cancelled by it@example.org.")
    assert OutboxEvent.objects.filter(name="notifications.notification.cancelled").count() == 1
    assert services.notifications_send_due(now=NOW, limit=5).handled == 0
    assert selectors.inbox_list(user=row.receiver) == []


def test_it_marks_a_message_as_sent():
    row = make_row(status="failed")

    services.notification_mark_sent(actor=make_it(), notification_id=row.pk, now=NOW, reason="Told by telephone.")

    row.refresh_from_db()
    assert (row.status, row.sent_at, row.latest_error) == ("sent", NOW, "Told by telephone.")
    assert OutboxEvent.objects.filter(name="notifications.notification.marked_sent").count() == 1


@pytest.mark.parametrize(
    ("move", "status", "sentence"),
    [
        ("notification_retry", "sent", "This message is sent and cannot be retried. Nothing was changed."),
        ("notification_retry", "sending", "This message is sending and cannot be retried. Nothing was changed."),
        ("notification_cancel", "sent", "This message is sent and cannot be cancelled. Nothing was changed."),
        ("notification_cancel", "sending", "This message is sending and cannot be cancelled. Nothing was changed."),
        ("notification_cancel", "cancelled", "This message is cancelled and cannot be cancelled. Nothing was changed."),
        ("notification_mark_sent", "sent", "This message is sent and cannot be marked as sent. Nothing was changed."),
    ],
)
def test_a_move_that_the_status_forbids_changes_nothing(move, status, sentence):
    lease = {"lease": "00000000-0000-0000-0000-000000000001"} if status == "sending" else {}
    row = make_row(status=status, **lease)

    with pytest.raises(errors.MoveNotAllowed) as refused:
        getattr(services, move)(actor=make_it(), notification_id=row.pk, now=NOW)

    assert refused.value.message == sentence
    row.refresh_from_db()
    assert row.status == status
    assert not OutboxEvent.objects.filter(name__startswith="notifications.").exists()


@pytest.mark.parametrize("move", ["notification_retry", "notification_cancel", "notification_mark_sent"])
@pytest.mark.parametrize(
    ("kind", "role"), [("customer", ""), ("supplier", ""), ("employee", "support"), ("employee", "finance")]
)
def test_nobody_but_it_moves_messages(move, kind, role):
    row = make_row(status="failed")
    actor = make_user("nosy@example.org", kind=kind, employee_role=role)

    with pytest.raises(errors.QueueForbidden):
        getattr(services, move)(actor=actor, notification_id=row.pk, now=NOW)

    row.refresh_from_db()
    assert row.status == "failed"


def test_a_message_that_is_not_there_is_not_found():
    actor = make_it()

    with pytest.raises(errors.NotificationNotFound):
        services.notification_retry(actor=actor, notification_id=999, now=NOW)
    with pytest.raises(errors.NotificationNotFound):
        selectors.queue_get(actor=actor, notification_id=999)


def test_the_queue_is_listed_latest_first_filtered_and_paged(django_assert_num_queries):
    actor = make_it()
    for number in range(1, 6):
        make_row(number, created_at=NOW + timedelta(minutes=number // 2), status="failed" if number == 3 else "pending")

    def numbers(found):
        return [int(row.dedupe_key.split(":")[0]) for row in found]

    with django_assert_num_queries(1):
        found = selectors.queue_list(actor=actor)
        assert [row.receiver.email for row in found][0] == "reader5@example.org"
    assert numbers(found) == [5, 4, 3, 2, 1]
    assert numbers(selectors.queue_list(actor=actor, status="failed")) == [3]
    assert numbers(selectors.queue_list(actor=actor, status="nonsense")) == []
    assert numbers(selectors.queue_list(actor=actor, text="READER4@")) == [4]
    assert numbers(selectors.queue_list(actor=actor, text="100%\x00")) == []
    page = selectors.queue_list(actor=actor, limit=2)
    assert numbers(selectors.queue_list(actor=actor, before=page[-1].pk, limit=2)) == [3, 2]
    assert selectors.queue_list(actor=actor, before=0) == []


def test_the_queue_is_counted_by_status():
    for number, status in enumerate(["pending", "pending", "failed", "sent", "cancelled"]):
        make_row(number, status=status, due_at=NOW + timedelta(minutes=number))

    figures = selectors.queue_counts(actor=make_it())

    assert [(code, number) for code, _, number in figures.items()] == [
        ("pending", 2),
        ("sending", 0),
        ("sent", 1),
        ("bounced", 0),
        ("failed", 1),
        ("cancelled", 1),
    ]
    assert figures.oldest_due_at == NOW


def test_the_queue_is_shown_to_it_alone():
    actor = make_user("nosy@example.org", kind="employee", employee_role="finance")

    for ask in (
        lambda: selectors.queue_list(actor=actor),
        lambda: selectors.queue_counts(actor=actor),
        lambda: selectors.queue_get(actor=actor, notification_id=make_row().pk),
    ):
        with pytest.raises(errors.QueueForbidden):
            ask()


# --- the inbox -------------------------------------------------------------------------------------------------------
def test_an_inbox_shows_its_owner_everything_but_what_was_cancelled():
    ada, bob = make_user("ada@example.org"), make_user("bob@example.org")
    for number, status in enumerate(["pending", "sent", "failed", "cancelled"], start=1):
        make_row(number, receiver=ada, status=status, created_at=NOW + timedelta(minutes=number))
    make_row(9, receiver=bob)

    shown = selectors.inbox_list(user=ada)

    assert [row.status for row in shown] == ["failed", "sent", "pending"]
    assert [row.status for row in selectors.inbox_list(user=ada, before=shown[0].pk, limit=1)] == ["sent"]
    assert (selectors.inbox_unread_count(user=ada), selectors.inbox_unread_count(user=bob)) == (3, 1)


def test_reading_marks_one_or_all_of_ones_own_messages():
    ada, bob = make_user("ada@example.org"), make_user("bob@example.org")
    first, foreign = make_row(1, receiver=ada), make_row(9, receiver=bob)
    make_row(2, receiver=ada)

    assert services.inbox_mark_read(user=ada, now=NOW, notification_id=first.pk) == 1
    assert services.inbox_mark_read(user=ada, now=NOW, notification_id=first.pk) == 0
    assert selectors.inbox_unread_count(user=ada) == 1
    assert services.inbox_mark_read(user=ada, now=NOW) == 1
    with pytest.raises(errors.NotificationNotFound):
        services.inbox_mark_read(user=ada, now=NOW, notification_id=foreign.pk)
    assert selectors.inbox_unread_count(user=bob) == 1


# --- who goes first --------------------------------------------------------------------------------------------------
def test_what_somebody_waits_for_at_a_page_is_urgent_and_the_rest_is_not():
    ada = make_user("ada@example.org")
    for number, name in enumerate(("password_reset_requested", "password_changed"), start=1):
        handlers.event_tell(event(f"accounts.user.{name}", id=number, user_id=ada.pk))

    assert list(rows().values_list("template", "priority")) == [("password_reset", 0), ("password_changed", 1)]
