"""Users remembered between the calls of the API: what changes is heard of, and what cannot be heard is looked up."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import remembered, services
from accounts.models import User
from tests.factories import UserFactory
from tests.faults.until import until

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/customer/trips/"


@pytest.fixture(autouse=True)
def listener(settings, monkeypatch):
    monkeypatch.setattr("common.postgres.listening.RETRY_EVERY_S", 0.05)
    settings.REMEMBER_USERS = True
    until(remembered._listener.is_hearing, "changes of users are heard")
    yield remembered._listener
    remembered._listener.stop()


def token_of(user):
    return services.token_pair_issue(user=user, now=timezone.now()).access


def answer_to(token):
    return APIClient(headers={"Authorization": f"Bearer {token}"}).get(ADDRESS).status_code


def statements_for(token):
    """Count what a call asks the database; who calls is the first of it."""
    with CaptureQueriesContext(connection) as asked:
        assert answer_to(token) == 200
    return len(asked)


@pytest.fixture
def customer():
    return UserFactory()


@pytest.fixture
def token(customer):
    """A token that was used, so its user is remembered."""
    token = token_of(customer)
    assert answer_to(token) == 200
    return token


def test_who_calls_again_is_known(customer):
    token = token_of(customer)
    first, second = statements_for(token), statements_for(token)

    assert second == first - 1


@pytest.mark.parametrize("change", ["is_active = false", "credential_stamp = 'another'", "email = 'new@example.com'"])
def test_a_change_made_past_our_code_is_heard_of(token, customer, change):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_user SET {change} WHERE id = %s", [customer.pk])

    until(lambda: answer_to(token) == 401, "the token of the user as it was before is refused")


def test_a_user_who_is_deleted_is_forgotten(token, customer):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_user WHERE id = %s", [customer.pk])

    until(lambda: answer_to(token) == 401, "the token of a user who is not there is refused")


def test_only_whose_row_was_changed_is_forgotten(token, customer):
    other = UserFactory()
    others = token_of(other)
    answer_to(others)
    known = statements_for(token)

    User.objects.filter(pk=other.pk).update(is_active=False)
    until(lambda: answer_to(others) == 401, "the other's token is refused")

    assert statements_for(token) == known


def test_what_was_missed_while_the_listener_was_cut_off_counts_at_once(token, customer, listener, monkeypatch):
    monkeypatch.setattr("common.postgres.listening.RETRY_EVERY_S", 60)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE '%pg_notify%' AND pid <> pg_backend_pid() AND datname = current_database()"
        )
        assert cursor.fetchall() == [(True,)]
    until(lambda: not listener.is_hearing(), "the listener knows that it hears nothing")

    User.objects.filter(pk=customer.pk).update(is_active=False)

    assert answer_to(token) == 401


def test_after_it_was_cut_off_the_listener_begins_with_nothing_remembered(token, customer, listener):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE '%pg_notify%' AND pid <> pg_backend_pid() AND datname = current_database()"
        )
        cursor.execute("ALTER TABLE accounts_user DISABLE TRIGGER accounts_user_change_is_told")
        cursor.execute("UPDATE accounts_user SET is_active = false WHERE id = %s", [customer.pk])
        cursor.execute("ALTER TABLE accounts_user ENABLE TRIGGER accounts_user_change_is_told")
    until(lambda: not listener.is_hearing(), "the listener knows that it hears nothing")
    until(listener.is_hearing, "it hears again")

    assert answer_to(token) == 401


def test_a_refusal_is_never_from_memory(token, customer):
    """A token of after a change may come before its news, or be all there is of it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_user DISABLE TRIGGER accounts_user_change_is_told")
        cursor.execute("UPDATE accounts_user SET credential_stamp = 'another' WHERE id = %s", [customer.pk])
        cursor.execute("ALTER TABLE accounts_user ENABLE TRIGGER accounts_user_change_is_told")
    customer.refresh_from_db()

    assert answer_to(token_of(customer)) == 200


def test_a_row_read_before_a_change_is_not_remembered_after_it(customer, monkeypatch):
    read = remembered.statements.row_get

    def changed_meanwhile(model, pk):
        row = read(model, pk)
        before = remembered._heard
        User.objects.filter(pk=pk).update(is_active=False)
        until(lambda: remembered._heard > before, "the change is heard of")
        return row

    monkeypatch.setattr(remembered.statements, "row_get", changed_meanwhile)
    token = token_of(customer)
    answer_to(token)
    monkeypatch.undo()

    assert answer_to(token) == 401
