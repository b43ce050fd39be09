"""What strangers may have us do, and how often they may guess, whichever door they come through."""

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, event_names

FORGOTTEN, REGISTER, SIGN_IN = "/accounts/password/forgotten/", "/accounts/register/", "/accounts/sign-in/"


def test_a_strangers_wish_for_links_does_not_fill_an_inbox(customer):
    answers = [Client().post(FORGOTTEN, {"email": spelling}) for spelling in [customer.email, "VERA@example.org"] * 4]

    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, FORGOTTEN + "sent/")}
    assert event_names().count("accounts.user.password_reset_requested") == 5


@pytest.mark.parametrize("email", ["vera@example.org", "nobody@example.org"], ids=["known", "unknown"])
def test_registering_again_and_again_does_not_fill_an_inbox(customer, email):
    given = {"email": email, "full_name": "Somebody", "password": PASSWORD}

    answers = [Client().post(REGISTER, given).status_code for _ in range(7)]
    other = Client().post(REGISTER, given | {"email": "other@example.org"})

    assert answers == [302] * 5 + [429] * 2
    assert other.status_code == 302
    told = ("accounts.user.already_registered", "accounts.user.confirmation_requested")
    assert sum(event_names().count(name) for name in told) == 5 + 1


def test_one_password_tried_at_many_accounts_ends_for_that_network(customer, settings):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 5
    right = {"username": customer.email, "password": PASSWORD}

    succeeded = [Client().post(SIGN_IN, right).status_code for _ in range(6)]
    tried = [Client().post(SIGN_IN, {"username": f"p{n}@example.org", "password": "x"}).status_code for n in range(6)]
    here, elsewhere = Client().post(SIGN_IN, right), Client().post(SIGN_IN, right, REMOTE_ADDR="203.0.113.9")

    assert succeeded == [302] * 6
    assert tried == [422] * 5 + [429]
    assert (here.status_code, here["Retry-After"], elsewhere.status_code) == (429, "900", 302)


def test_the_admin_has_no_door_of_its_own_to_passwords(make_employee, signed_in):
    client = signed_in(make_employee("it"))
    given = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}

    answers = [client.get("/admin/password_change/"), client.post("/admin/password_change/", given)]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/accounts/password/change/")] * 2
    assert User.objects.get().check_password(PASSWORD)


def test_ones_own_name_is_no_password():
    given = {"email": "g@example.org", "full_name": "Grace Brewster Hopper", "password": "gracebrewsterhopper"}

    answer = Client().post(REGISTER, given)

    assert answer.status_code == 422
    assert "too similar" in answer.content.decode()
