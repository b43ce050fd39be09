"""Passwords forgotten and changed."""

import pytest
from django.test import Client

from accounts import selectors, services
from accounts.models import User
from documents.errors import DocumentStoreUnavailable
from tests.accounts.conftest import NEW_PASSWORD, NOBODY, PASSWORD, event_names, is_signed_in

CHANGE = "/accounts/password/change/"
FORGOTTEN = "/accounts/password/forgotten/"


def test_a_changed_password_ends_every_other_session(customer, signed_in):
    here, elsewhere = signed_in(customer), signed_in(customer)

    answer = here.post(CHANGE, {"old_password": PASSWORD, "password": NEW_PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, CHANGE)
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)
    assert event_names()[-1] == "accounts.user.password_changed"
    assert signed_in(customer, NEW_PASSWORD)
    assert Client().post("/accounts/sign-in/", {"username": customer.email, "password": PASSWORD}).status_code == 422


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"old_password": "wrong", "password": NEW_PASSWORD}, "This is not your present password."),
        ({"old_password": PASSWORD, "password": "short"}, "at least 10 characters"),
        ({"old_password": PASSWORD, "password": PASSWORD}, "Choose another one."),
        ({"old_password": PASSWORD, "password": "vera@example.org"}, "too similar"),
        ({"old_password": "", "password": ""}, "Enter your present password."),
    ],
)
def test_bad_changes_change_nothing(customer, signed_in, given, sentence):
    here, elsewhere = signed_in(customer), signed_in(customer)
    before = event_names()

    answer = here.post(CHANGE, given)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert is_signed_in(elsewhere)
    assert event_names() == before
    assert User.objects.get().check_password(PASSWORD)


def test_changing_asks_to_sign_in_first():
    assert Client().get(CHANGE)["Location"] == f"/accounts/sign-in/?next={CHANGE}"


def test_the_present_password_cannot_be_guessed_without_end(customer, signed_in):
    client = signed_in(customer)

    answers = [client.post(CHANGE, {"old_password": "x", "password": NEW_PASSWORD}).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]


def test_a_reset_link_works_once_and_ends_sessions(customer, signed_in, client):
    elsewhere = signed_in(customer)
    client.post(FORGOTTEN, {"email": "VERA@example.org"})
    assert event_names()[-1] == "accounts.user.password_reset_requested"
    path = selectors.password_reset_link_path(customer.pk)

    assert client.get(path).status_code == 200
    first = client.post(path, {"password": NEW_PASSWORD})
    second = client.post(path, {"password": "nine-silent-engines"})

    assert (first.status_code, first["Location"]) == (302, "/accounts/sign-in/")
    assert second.status_code == 410
    assert client.get(path).status_code == 410
    assert User.objects.get().check_password(NEW_PASSWORD)
    assert not is_signed_in(elsewhere)
    assert "_auth_user_id" not in client.session


def test_a_weak_password_does_not_use_the_link_up(customer, client):
    path = selectors.password_reset_link_path(customer.pk)

    assert client.post(path, {"password": "short"}).status_code == 422
    assert client.post(path, {"password": NEW_PASSWORD}).status_code == 302


def test_an_unknown_address_gets_the_same_answer_and_no_mail(customer):
    known = Client().post(FORGOTTEN, {"email": customer.email})
    before = event_names()
    unknown = Client().post(FORGOTTEN, {"email": "nina@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert known.content == unknown.content
    assert event_names() == before
    assert before.count("accounts.user.password_reset_requested") == 1


def test_a_reset_confirms_the_email(customer, client):
    User.objects.update(email_confirmed_at=None)

    client.post(selectors.password_reset_link_path(customer.pk), {"password": NEW_PASSWORD})

    assert User.objects.get().is_confirmed
    assert event_names()[-2:] == ["accounts.user.password_changed", "accounts.user.email_confirmed"]


def test_a_link_of_a_closed_account_is_refused(customer, client):
    path = selectors.password_reset_link_path(customer.pk)
    User.objects.update(is_active=False)

    assert client.post(path, {"password": NEW_PASSWORD}).status_code == 410


@pytest.mark.parametrize("path", ["x/y", "MQ/abc-def", "////", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5/abc-def", "é/é-é"])
def test_made_up_reset_links_are_refused(client, customer, path):
    assert client.get(f"/accounts/password/reset/{path}/").status_code in (404, 410)


def test_a_link_of_one_user_does_not_open_another(customer, supplier, client):
    theirs = selectors.password_reset_link_path(supplier.pk).split("/")[-2]
    mine = selectors.password_reset_link_path(customer.pk).split("/")

    assert client.post("/".join([*mine[:-2], theirs, ""]), {"password": NEW_PASSWORD}).status_code == 410


def test_the_old_password_holds_when_the_row_cannot_be_saved(customer, monkeypatch):
    stamp = customer.credential_stamp

    def fail(event, **_):
        raise RuntimeError("the transaction breaks")

    monkeypatch.setattr("common.outbox.publish", fail)
    with pytest.raises(RuntimeError):
        services.password_change(user=customer, old_password=PASSWORD, password=NEW_PASSWORD)

    user = User.objects.get()
    assert user.credential_stamp == stamp
    assert (user.check_password(PASSWORD), user.check_password(NEW_PASSWORD)) == (True, False)


def test_nothing_changes_while_logs_mongodb_is_away(customer, signed_in, settings):
    client = signed_in(customer)
    stamp, url = customer.credential_stamp, settings.LOGS_MONGODB_URL
    path = selectors.password_reset_link_path(customer.pk)
    settings.MONGODB_TIMEOUT_S, settings.LOGS_MONGODB_URL = 0.2, NOBODY

    changed = client.post(CHANGE, {"old_password": PASSWORD, "password": NEW_PASSWORD})
    reset = Client().post(path, {"password": NEW_PASSWORD})
    with pytest.raises(DocumentStoreUnavailable):
        services.password_change(user=customer, old_password=PASSWORD, password=NEW_PASSWORD)

    settings.LOGS_MONGODB_URL = url
    assert (changed.status_code, reset.status_code) == (503, 503)
    user = User.objects.get()
    assert user.credential_stamp == stamp
    assert user.check_password(PASSWORD)


def test_hashes_are_argon2id_at_the_stated_cost_and_weaker_ones_are_renewed(customer, settings, signed_in):
    from documents.repositories import Credentials

    assert Credentials.get(customer.pk).password_hash.startswith("md5$")
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2", "django.contrib.auth.hashers.MD5PasswordHasher"]
    stamp = customer.credential_stamp

    signed_in(customer)

    assert Credentials.get(customer.pk).password_hash.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    customer.refresh_from_db()
    assert customer.credential_stamp == stamp
    assert customer.check_password(PASSWORD)
