"""Sign-ins from new places are told to the owner; where people are is kept nowhere."""

import pytest
from django.db import connection
from django.test import Client

from accounts import policies, services
from accounts.models import SignInPlace, User
from accounts.services.places import KEPT
from tests.accounts.conftest import NOW, PASSWORD, event_names
from tests.documents.processes import race

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36"
NEW = "accounts.user.signed_in_from_new_place"


def sign_in(client: Client, user: User, *, agent: str = FIREFOX, address: str = "198.51.100.7") -> None:
    answer = client.post(
        "/accounts/sign-in/",
        {"username": user.email, "password": PASSWORD},
        headers={"user-agent": agent},
        REMOTE_ADDR=address,
    )
    assert answer.status_code == 302


def told() -> int:
    return event_names().count(NEW)


@pytest.mark.parametrize("kind", ["customer", "supplier", "employee"])
def test_a_new_place_is_told_to_every_kind_of_user_and_a_known_one_is_not(customer, supplier, make_employee, kind):
    user = {"customer": customer, "supplier": supplier, "employee": make_employee("it")}[kind]
    mine = Client()

    sign_in(mine, user)
    assert told() == 0  # the first place of all
    sign_in(mine, user)
    sign_in(mine, user, address="203.0.113.9")  # the same browser travels
    sign_in(Client(), user)  # the cookie is gone, the network and the kind of browser are known
    assert told() == 0
    sign_in(Client(), user, agent=CHROME, address="192.0.2.1")
    assert told() == 1
    sign_in(Client(), user, agent=CHROME, address="192.0.2.99")
    assert told() == 1


def test_a_browser_that_two_people_share_is_new_for_each(customer, supplier):
    sign_in(Client(), supplier, agent=CHROME, address="192.0.2.1")
    shared = Client()
    sign_in(shared, customer)

    sign_in(shared, supplier)

    assert told() == 1
    assert len(set(SignInPlace.objects.values_list("mark", flat=True))) == SignInPlace.objects.count()


def test_the_api_is_a_place_too(customer, client):
    sign_in(client, customer)

    for _ in range(2):
        answer = client.post(
            "/api/v1/auth/token/",
            {"email": customer.email, "password": PASSWORD},
            content_type="application/json",
            headers={"user-agent": "python-requests/2.34"},
        )
        assert answer.status_code == 200

    assert told() == 1


def test_a_refused_sign_in_leaves_nothing(customer, client):
    client.post("/accounts/sign-in/", {"username": customer.email, "password": "wrong"})

    assert SignInPlace.objects.count() == 0
    assert "known-device" not in client.cookies


def test_no_address_browser_or_cookie_is_kept(customer, client):
    sign_in(client, customer)
    token = client.cookies["known-device"].value

    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_signinplace::text FROM accounts_signinplace")
        kept = str(cursor.fetchall())
        cursor.execute("SELECT payload::text FROM common_outboxevent")
        kept += str(cursor.fetchall())
    for secret in (token, "198.51", "Mozilla", "140.0"):
        assert secret not in kept


def test_the_cookie_is_for_the_sign_in_alone_and_a_made_up_one_is_replaced(customer, client):
    client.cookies["known-device"] = "x' OR 1=1"

    sign_in(client, customer)

    cookie = client.cookies["known-device"]
    assert len(cookie.value) == 43
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/accounts/", True, "Lax")


def test_only_the_latest_places_are_kept(customer):
    for number in range(KEPT):
        services.sign_in_record(user=customer, device=f"d{number}", address="::1", client=f"c{number}", now=NOW)

    assert SignInPlace.objects.count() == KEPT


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (FIREFOX, "Firefox, Linux"),
        (CHROME, "Chrome, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge, Windows"),
        ("curl/8.0", "API"),
        ("<script>alert(1)</script>\r\nBcc: x", "API"),
        ("", "API"),
    ],
)
def test_browsers_are_called_by_words_of_ours(agent, kind):
    assert policies.client_kind(agent) == kind


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_sign_ins_at_once_from_a_new_place_tell_of_it_once(customer):
    services.sign_in_record(user=customer, device="home", address="198.51.100.7", client="Firefox, Linux", now=NOW)
    connection.close()

    def go(_):
        try:
            return services.sign_in_record(
                user=customer, device="away", address="192.0.2.1", client="Chrome, Windows", now=NOW
            )
        finally:
            connection.close()

    assert sorted(race(go, count=4)) == [False, False, False, True]
