"""Customers register, confirm their e-mail and sign in; strangers learn nothing about who has an account."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from django.utils.http import urlencode

from accounts import errors, selectors, services
from accounts.models import User
from documents.repositories import Credentials, Profiles
from tests.accounts.conftest import NEW_PASSWORD, NOW, PASSWORD, event_names

ANSWERS = {"full_name": "  Ada   Example ", "email": "Ada@Example.org", "password": PASSWORD}


def register(**changes):
    return Client().post("/accounts/register/", ANSWERS | changes)


def test_register_confirm_and_sign_in(client, django_capture_on_commit_callbacks):
    answer = register()

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/register/check-your-mail/")
    user = User.objects.get()
    assert (user.email, user.full_name, user.kind, user.is_confirmed) == (
        "ada@example.org",
        "Ada Example",
        "customer",
        False,
    )
    assert event_names() == ["accounts.user.registered", "accounts.user.confirmation_requested"]
    path = selectors.email_confirmation_link_path(user.pk)

    shown = client.get(path)

    assert shown.status_code == 200
    assert User.objects.get().is_confirmed is False, "opening the link must not use it: programs open links too"

    with django_capture_on_commit_callbacks(execute=True):
        pressed = client.post(path)

    assert (pressed.status_code, pressed["Location"]) == (302, "/accounts/confirmed/")
    assert User.objects.get().is_confirmed is True
    assert "_auth_user_id" not in client.session
    assert Profiles.get(user.pk).full_name == "Ada Example"
    signed_in = client.post("/accounts/sign-in/", {"username": "ADA@example.org ", "password": PASSWORD})
    assert (signed_in.status_code, signed_in["Location"]) == (302, "/")


def test_where_one_came_from_is_kept_until_the_first_sign_in(client):
    wanted = "/launches/new-shepard/?seats=1&seats=2#seats"
    signing_in = client.get("/accounts/sign-in/", {"next": wanted})
    path = f"/accounts/register/?{urlencode({'next': wanted})}"
    assert f'href="{path}"' in signing_in.content.decode()

    form = client.get(path).content.decode()
    assert f'name="next" value="{escape(wanted)}"' in form
    client.post("/accounts/register/", ANSWERS | {"next": wanted})
    client.post(selectors.email_confirmation_link_path(User.objects.get().pk))
    confirmed = client.get("/accounts/confirmed/").content.decode()

    assert f'href="/accounts/sign-in/?{urlencode({"next": wanted})}"' in confirmed
    assert "you go on where you were" in confirmed
    client.post("/accounts/sign-in/", {"username": "ada@example.org", "password": PASSWORD, "next": wanted})
    assert 'href="/accounts/sign-in/"' in client.get("/accounts/confirmed/").content.decode()


def test_an_address_elsewhere_is_not_kept(client):
    register_by = ANSWERS | {"next": "https://elsewhere.example/"}
    client.post("/accounts/register/", register_by)

    assert "elsewhere" not in client.get("/accounts/confirmed/").content.decode()


@pytest.mark.parametrize(
    ("told", "kept"), [("Europe/Madrid", "Europe/Madrid"), ("", "UTC"), ("Moon/Tycho", "UTC"), ("x" * 3000, "UTC")]
)
def test_times_are_told_by_the_clock_of_the_browser_that_registered(told, kept):
    answer = register(time_zone=told)

    assert answer.status_code == 302
    assert User.objects.get().time_zone == kept


def test_who_registers_again_elsewhere_is_told_the_time_there():
    register(time_zone="Europe/Madrid")
    register(time_zone="Asia/Tokyo")

    assert User.objects.get().time_zone == "Asia/Tokyo"


def test_the_address_that_was_written_to_is_shown_so_that_a_slip_in_it_is_seen(client):
    assert "a mail with what to do next to you." in client.get("/accounts/register/check-your-mail/").content.decode()

    told = client.post("/accounts/register/", ANSWERS | {"email": "ada@exmaple.org"}, follow=True)

    assert "<strong>ada@exmaple.org</strong>" in told.content.decode()
    assert "no-store" in told["Cache-Control"]


@pytest.mark.parametrize("path", ["/accounts/register/check-your-mail/", "/accounts/password/forgotten/sent/"])
def test_a_demo_says_where_its_mails_are(client, settings, path):
    settings.DEMO, settings.MAIL_PROVIDER = True, "files"
    here = client.get(path).content.decode()
    settings.MAIL_PROVIDER = "smtp"
    sent = client.get(path).content.decode()
    settings.DEMO, settings.MAIL_PROVIDER = "smtp", True
    real = client.get(path).content.decode()

    assert 'IT reads it under <a href="/employee/mails/">Mails</a>' in here
    assert "no mail leaves this machine" not in sent + real


def test_confirming_twice_is_once(client):
    register()
    path = selectors.email_confirmation_link_path(User.objects.get().pk)

    first, second = client.post(path), client.post(path)

    assert (first.status_code, second.status_code) == (302, 302)
    assert event_names().count("accounts.user.email_confirmed") == 1


def test_a_known_email_gets_the_same_answer_and_its_owner_is_told(customer):
    known, unknown = register(email=customer.email.upper()), register()

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert known.content == unknown.content
    assert event_names().count("accounts.user.already_registered") == 1
    customer.refresh_from_db()
    assert customer.check_password(PASSWORD)
    assert customer.full_name == "Vera Customer"


def test_who_registers_an_unconfirmed_email_last_has_it(client):
    register()
    user = User.objects.get()
    old_path = selectors.email_confirmation_link_path(user.pk)

    register(password=NEW_PASSWORD, full_name="The Real Owner")

    user.refresh_from_db()
    assert (user.full_name, user.check_password(NEW_PASSWORD), user.check_password(PASSWORD)) == (
        "The Real Owner",
        True,
        False,
    )
    assert client.post(old_path).status_code == 410
    assert client.post(selectors.email_confirmation_link_path(user.pk)).status_code == 302


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"email": ""}, "Enter your e-mail.", id="no email"),
        pytest.param({"email": "ada"}, "Enter an e-mail like name@example.org.", id="no address"),
        pytest.param({"email": "a" * 250 + "@example.org"}, "at most 254 characters", id="email too long"),
        pytest.param({"full_name": " "}, "Enter your full name.", id="no name"),
        pytest.param({"full_name": "x" * 121}, "at most 120 characters", id="name too long"),
        pytest.param({"full_name": "A\x00B"}, "Null characters are not allowed.", id="null in the name"),
        pytest.param({"full_name": "A\x07B"}, "cannot be printed", id="bell in the name"),
        pytest.param({"password": ""}, "Choose a password.", id="no password"),
        pytest.param({"password": "short"}, "at least 10 characters", id="short password"),
        pytest.param({"password": "password123"}, "too common", id="common password"),
        pytest.param({"password": "ada@example.org"}, "too similar to the e-mail", id="password like the email"),
        pytest.param({"password": "x" * 1001}, "at most 1000 characters", id="password too long"),
    ],
)
def test_bad_answers_get_a_sentence_and_nothing_is_written(changes, sentence):
    answer = register(**changes)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "There is a problem" in answer.content.decode()
    assert (User.objects.count(), Credentials.count(), event_names()) == (0, 0, [])


def test_the_form_keeps_what_was_typed_but_never_the_password():
    page = register(full_name="").content.decode()

    assert 'value="Ada@Example.org"' in page
    assert PASSWORD not in page


def test_a_link_dies_with_time():
    register()
    user = User.objects.get()
    token = selectors.email_confirmation_link_path(user.pk, now=NOW).split("/")[-2]

    assert services.email_confirm(token=token, now=NOW + timedelta(days=2, hours=23)).is_confirmed
    with pytest.raises(errors.LinkInvalid):
        services.email_confirm(token=token, now=NOW + timedelta(days=3, seconds=1))
    with pytest.raises(errors.LinkInvalid):
        services.email_confirm(token=token, now=NOW - timedelta(minutes=2))


def test_a_link_dies_with_another_email():
    register()
    user = User.objects.get()
    token = selectors.email_confirmation_link_path(user.pk).split("/")[-2]
    user.email = "other@example.org"
    user.save()

    with pytest.raises(errors.LinkInvalid):
        services.email_confirm(token=token, now=timezone.now())


@pytest.mark.parametrize("token", ["x", "x:y", "eyJ1IjoxfQ:x", "é", "a" * 3000])
def test_made_up_links_are_refused(client, token):
    answer = client.post(f"/accounts/confirm/{token}/")

    assert answer.status_code == 410
    assert "This link does not work any more" in answer.content.decode()


def test_an_access_token_confirms_nothing(customer, client):
    User.objects.update(email_confirmed_at=None)
    access = services.token_pair_issue(user=customer, now=timezone.now()).access

    assert client.post(f"/accounts/confirm/{access}/").status_code == 410
    assert User.objects.get().is_confirmed is False


def test_nobody_registers_without_end_from_one_place(client):
    answers = [register(email=f"n{n}@example.org").status_code for n in range(21)]

    assert answers == [302] * 20 + [429]
    assert User.objects.count() == 20


def test_a_failed_row_takes_its_hash_with_it(monkeypatch):
    def fail(event, **_):
        raise RuntimeError("the transaction breaks")

    monkeypatch.setattr("common.outbox.publish", fail)

    with pytest.raises(RuntimeError):
        services.customer_register(email="ada@example.org", password=PASSWORD, full_name="Ada")

    assert (User.objects.count(), Credentials.count()) == (0, 0)


def test_no_registration_while_logs_mongodb_is_away_known_or_not(customer, logs_away):
    known, unknown = register(email=customer.email), register()

    assert (known.status_code, unknown.status_code) == (503, 503)
    assert "Please try again in a moment" in unknown.content.decode()
    assert unknown["Retry-After"] == "3"
    assert User.objects.count() == 1
