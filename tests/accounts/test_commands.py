"""Commands of accounts."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts import services
from accounts.demo import PASSWORD as DEMO_PASSWORD
from accounts.models import User
from tests.accounts.conftest import NOW, PASSWORD


def test_createsuperuser_makes_an_admin_who_can_sign_in(client, monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    out = io.StringIO()

    call_command("createsuperuser", "--email", "Root@example.org", stdout=out)

    assert out.getvalue() == "Made the admin root@example.org.\n"
    user = User.objects.get()
    assert (user.employee_role, user.is_superuser) == ("admin", True)
    signed_in = client.post(
        "/accounts/sign-in/?", {"username": "root@example.org", "password": PASSWORD, "next": "/admin/"}
    )
    assert signed_in["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("root@example.org", "password", "too common"),
        ("root@example.org", "short", "at least 10 characters"),
        ("root", PASSWORD, "Enter an e-mail like name@example.org."),
        ("vera@example.org", PASSWORD, "There is an account with the e-mail vera@example.org already."),
    ],
)
def test_createsuperuser_refuses_with_a_sentence(customer, monkeypatch, email, password, sentence):
    monkeypatch.setenv("ADMIN_PASSWORD", password)

    with pytest.raises(CommandError, match=sentence.replace(".", r"\.")) as refused:
        call_command("createsuperuser", "--email", email)

    assert refused.value.returncode == 2
    assert User.objects.count() == 1


def test_createsuperuser_without_anybody_to_ask_says_what_to_give(monkeypatch):
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)
    monkeypatch.delenv("DJANGO_SUPERUSER_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    with pytest.raises(CommandError, match="Give --email"):
        call_command("createsuperuser")
    with pytest.raises(CommandError, match="Set ADMIN_PASSWORD"):
        call_command("createsuperuser", "--email", "root@example.org")


def test_createsuperuser_while_logs_mongodb_is_away(monkeypatch, logs_away):
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)

    with pytest.raises(CommandError, match="try again in a moment"):
        call_command("createsuperuser", "--email", "root@example.org")

    assert User.objects.count() == 0


def test_demo_signins_prints_who_exists(settings):
    settings.DEMO = True
    services.supplier_user_create(
        email="supplier@astrobookings.example", full_name="Desk", password=DEMO_PASSWORD, now=NOW
    )
    out = io.StringIO()

    call_command("demo_signins", stdout=out)

    (line,) = out.getvalue().splitlines()
    assert line.split() == ["Supplier", "http://testserver/supplier/", "supplier@astrobookings.example", DEMO_PASSWORD]


@pytest.mark.parametrize("is_on", [False, True])
def test_demo_signins_and_the_page_say_that_employees_need_no_second_factor(settings, client, is_on):
    settings.DEMO, settings.EMPLOYEE_SECOND_FACTOR = True, is_on
    services.employee_create(
        actor=None, email="it@astrobookings.example", full_name="IT", role="it", password=DEMO_PASSWORD, now=NOW
    )
    out = io.StringIO()

    call_command("demo_signins", stdout=out)

    assert ("second factor of employees is switched off" in out.getvalue()) is not is_on
    assert ("Employees need no second factor here" in client.get("/accounts/sign-in/").content.decode()) is not is_on


def test_djangos_changepassword_stores_the_hash_and_ends_sessions(customer, signed_in, monkeypatch):
    client = signed_in(customer)
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: "eight-louder-engines")

    call_command("changepassword", customer.email, stdout=io.StringIO())

    assert User.objects.get().check_password("eight-louder-engines")
    assert client.get("/accounts/password/change/").status_code == 302
