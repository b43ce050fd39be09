"""One sign-in for three portals and the admin."""

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import NEW_PASSWORD, NOBODY, PASSWORD, event_names, is_signed_in

URL = "/accounts/sign-in/"


def sign_in(client=None, *, password=PASSWORD, email="vera@example.org", **more):
    return (client or Client()).post(URL, {"username": email, "password": password} | more)


def test_each_kind_lands_in_its_own_portal(customer, supplier, make_employee):
    people = [customer, supplier, make_employee("it")]

    assert [sign_in(email=person.email)["Location"] for person in people] == ["/", "/supplier/", "/employee/"]


def test_wrong_password_and_unknown_email_get_the_same_page(customer):
    wrong, unknown = sign_in(password=NEW_PASSWORD), sign_in(email="nina@example.org")

    def plain(answer):
        page = answer.content.decode()
        return page[page.index("There is a problem") :].replace("nina@", "vera@").split("csrfmiddlewaretoken")[0]

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert "The e-mail or the password is wrong" in plain(wrong)
    assert plain(wrong) == plain(unknown)


def test_an_unknown_email_costs_a_hash_too(customer, monkeypatch):
    hashed = []
    monkeypatch.setattr("accounts.models.make_password", lambda raw: hashed.append(raw))

    sign_in(email="nina@example.org")

    assert hashed == [PASSWORD]


def test_an_inactive_account_is_refused_and_its_session_ends(customer, signed_in):
    client = signed_in(customer)
    assert is_signed_in(client)

    User.objects.update(is_active=False)

    assert not is_signed_in(client)
    assert sign_in().status_code == 422


def test_unconfirmed_is_told_only_after_the_right_password(customer):
    User.objects.update(email_confirmed_at=None)

    wrong, right = sign_in(password=NEW_PASSWORD), sign_in()

    assert "Confirm your e-mail first" not in wrong.content.decode()
    assert right.status_code == 422
    assert "Confirm your e-mail first; we sent the link again." in right.content.decode()
    assert event_names().count("accounts.user.confirmation_requested") == 1


def test_the_link_is_not_sent_without_end(customer):
    User.objects.update(email_confirmed_at=None)

    for _ in range(6):
        sign_in()

    assert event_names().count("accounts.user.confirmation_requested") == 3


@pytest.mark.parametrize(
    "hostile",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "https://testserver@evil.example/",
        " https://evil.example/",
        "ftp://testserver/",
    ],
)
def test_hostile_next_is_ignored(customer, hostile):
    assert sign_in(next=hostile)["Location"] == "/"
    assert hostile not in Client().get(URL, {"next": hostile}).content.decode()


def test_next_of_ours_is_followed(customer):
    page = Client().get(URL, {"next": "/trips/?page=2"}).content.decode()

    assert '<input type="hidden" name="next" value="/trips/?page=2">' in page
    assert sign_in(next="/trips/?page=2")["Location"] == "/trips/?page=2"


def test_guessing_locks_out_and_says_so(customer, settings):
    answers = [sign_in(password="wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    locked = sign_in()

    assert answers == [422] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    assert locked.status_code == 429
    assert "Wait 15 minutes" in locked.content.decode()
    assert locked["Retry-After"] == "900"


def test_guesses_in_other_cases_count_together(customer, settings):
    spellings = ["vera@example.org", "VERA@example.org", " Vera@Example.ORG", "vErA@example.org"]

    answers = [
        sign_in(email=spellings[n % 4], password="wrong").status_code for n in range(settings.AXES_FAILURE_LIMIT)
    ]

    assert answers[-1] == 429


def test_a_made_up_forwarded_address_does_not_unlock(customer, settings):
    client = Client()
    for n in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post(URL, {"username": "vera@example.org", "password": "x"}, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}")

    assert answer.status_code == 429


def test_sign_out_needs_a_post(customer, signed_in):
    client = signed_in(customer)

    assert client.get("/accounts/sign-out/").status_code == 405
    assert is_signed_in(client)
    answer = client.post("/accounts/sign-out/")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert not is_signed_in(client)


def test_forms_without_their_token_are_refused(customer):
    answer = sign_in(Client(enforce_csrf_checks=True))

    assert answer.status_code == 403


def test_sign_in_changes_the_session(customer):
    client = Client()
    session = client.session
    session["kept"] = "basket"
    session.save()
    client.cookies["sessionid"] = before = session.session_key

    sign_in(client)

    assert client.cookies["sessionid"].value != before
    assert Client().get("/accounts/password/change/").status_code == 302


def test_the_admin_has_no_sign_in_of_its_own(client, customer, signed_in, make_employee):
    asked = client.get("/admin/accounts/user/", follow=True)

    assert asked.redirect_chain[-1][0] == "/accounts/sign-in/?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert signed_in(customer).get("/admin/", follow=True).status_code == 403
    admin = signed_in(make_employee("admin"))
    assert admin.get("/admin/login/?next=https://evil.example/")["Location"] == "/admin/"
    assert admin.get("/admin/").status_code == 200


def test_home_goes_to_the_own_portal(client, signed_in, supplier):
    assert client.get("/accounts/")["Location"] == "/accounts/sign-in/"
    assert signed_in(supplier).get("/accounts/")["Location"] == "/supplier/"


def test_the_fields_help_password_managers(client):
    page = client.get(URL).content.decode()

    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="new-password"' in client.get("/accounts/register/").content.decode()


def test_demo_people_are_shown_only_in_the_demo_and_only_if_they_exist(client, settings):
    from accounts import services
    from accounts.demo import PASSWORD as DEMO_PASSWORD
    from tests.accounts.conftest import NOW

    services.customer_create(email="customer@astrobookings.example", full_name="Demo", password=DEMO_PASSWORD, now=NOW)

    settings.DEMO = False
    assert DEMO_PASSWORD not in client.get(URL).content.decode()
    settings.DEMO = True
    page = client.get(URL).content.decode()
    assert DEMO_PASSWORD in page
    assert "customer@astrobookings.example" in page
    assert "vip@astrobookings.example" not in page


def test_sign_in_answers_503_while_logs_mongodb_is_away(customer, signed_in, settings):
    client = signed_in(customer)
    settings.MONGODB_TIMEOUT_S = 0.2
    settings.LOGS_MONGODB_URL = "mongodb://127.0.0.1:1/nobody"

    known, unknown = sign_in(), sign_in(email="nina@example.org")

    assert (known.status_code, unknown.status_code) == (503, 503)
    assert "Please try again in a moment" in known.content.decode()
    assert known["Retry-After"] == "3"
    assert is_signed_in(client), "who is signed in goes on"


def test_who_tried_in_vain_while_logs_mongodb_was_away_is_not_locked_out(customer, settings):
    known, settings.MONGODB_TIMEOUT_S = settings.LOGS_MONGODB_URL, 0.2

    settings.LOGS_MONGODB_URL = NOBODY
    during = [sign_in(password="wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT + 1)]
    settings.LOGS_MONGODB_URL = known

    assert during == [503] * (settings.AXES_FAILURE_LIMIT + 1)
    assert sign_in().status_code == 302
