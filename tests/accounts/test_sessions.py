"""How long somebody stays signed in, and how all of it is ended at once."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import errors, selectors, services
from tests.accounts.conftest import PASSWORD, event_names, is_signed_in

EVERYWHERE = "/accounts/sign-out/everywhere/"


def tokens_are_good(pair) -> list[bool]:
    """Tell whether the access and the refresh token of a pair still open anything; uses the refresh token up."""
    good = []
    for use in (
        lambda: selectors.user_by_access_token(token=pair.access, now=timezone.now()),
        lambda: services.token_refresh(refresh=pair.refresh, now=timezone.now()),
    ):
        try:
            use()
            good.append(True)
        except errors.TokenInvalid:
            good.append(False)
    return good


def test_signing_out_everywhere_ends_all_sessions_tokens_and_links(customer, signed_in):
    here, elsewhere = signed_in(customer), signed_in(customer)
    customer.refresh_from_db()
    pair = services.token_pair_issue(user=customer, now=timezone.now())
    link = selectors.password_reset_link_path(customer.pk)

    answer = here.post(EVERYWHERE, follow=True)

    assert answer.redirect_chain == [("/accounts/sign-in/", 302)]
    assert "You are signed out in every browser and program." in answer.content.decode()
    assert [is_signed_in(here), is_signed_in(elsewhere), *tokens_are_good(pair)] == [False] * 4
    assert Client().get(link).status_code == 410
    assert event_names()[-1] == "accounts.user.signed_out_everywhere"
    assert is_signed_in(signed_in(customer, PASSWORD))


def test_the_page_of_the_password_leads_there_and_only_a_post_does_it(customer, signed_in):
    client = signed_in(customer)

    assert f'action="{EVERYWHERE}"' in client.get("/accounts/password/change/").content.decode()
    assert client.get(EVERYWHERE).status_code == 405
    assert is_signed_in(client)
    assert Client().post(EVERYWHERE)["Location"].startswith("/accounts/sign-in/")


def test_others_stay_signed_in(customer, supplier, signed_in):
    theirs = signed_in(supplier)

    signed_in(customer).post(EVERYWHERE)

    assert is_signed_in(theirs)


def test_an_account_that_is_opened_again_has_none_of_its_old_sessions(customer, make_employee, signed_in):
    old = signed_in(customer)
    customer.refresh_from_db()
    pair, boss = services.token_pair_issue(user=customer, now=timezone.now()), make_employee("it")

    for is_active in (False, True):
        services.user_change(actor=boss, user_id=customer.pk, changes={"is_active": is_active})

    assert [is_signed_in(old), *tokens_are_good(pair)] == [False] * 3
    assert is_signed_in(signed_in(customer, PASSWORD))


@pytest.mark.parametrize(("role", "hours"), [("", 14 * 24), ("it", 12), ("admin", 12)])
def test_a_session_ends_so_long_after_the_sign_in_whatever_is_done_in_it(
    customer, make_employee, signed_in, role, hours
):
    before = timezone.now()
    client = signed_in(make_employee(role) if role else customer)
    ends_at = Session.objects.get().expire_date

    session = client.session
    session["something"] = "new"
    session.save()

    assert before + timedelta(hours=hours) <= ends_at <= timezone.now() + timedelta(hours=hours)
    assert Session.objects.get().expire_date == ends_at
    assert 0 < hours * 3600 - int(client.cookies["sessionid"]["max-age"]) + 1 < 3600
