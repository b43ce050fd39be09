"""Accounts in the admin."""

import pytest

from accounts.models import User
from tests.accounts.conftest import event_names

USERS = "/admin/accounts/user/"


def test_an_admin_makes_an_employee_who_gets_a_link(signed_in, make_employee):
    client = signed_in(make_employee("admin"))

    answer = client.post(
        USERS + "add/", {"email": "New@Example.org", "full_name": "New Colleague", "employee_role": "finance"}
    )

    assert answer.status_code == 302, answer.content.decode()[-3000:]
    made = User.objects.get(email="new@example.org")
    assert (made.kind, made.employee_role, made.is_superuser) == ("employee", "finance", False)
    assert not made.has_usable_password()
    assert event_names()[-2:] == ["accounts.user.created", "accounts.user.password_reset_requested"]


@pytest.mark.parametrize(
    "given",
    [
        {"email": "ADMIN@example.org", "full_name": "Again", "employee_role": "it"},
        {"email": "no", "full_name": "No", "employee_role": "it"},
        {"email": "x@example.org", "full_name": "", "employee_role": "it"},
        {"email": "x@example.org", "full_name": "X", "employee_role": "owner"},
    ],
)
def test_bad_employees_are_refused_at_their_field(signed_in, make_employee, given):
    client = signed_in(make_employee("admin"))

    answer = client.post(USERS + "add/", given)

    assert answer.status_code == 200
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("admin", {"list": 200, "add": 200, "customer": 200, "employee": 200}),
        ("it", {"list": 200, "add": 403, "customer": 200, "employee": 200}),
        ("support", {"list": 200, "add": 403, "customer": 200, "employee": 200}),
        ("finance", {"list": 403, "add": 403, "customer": 403, "employee": 403}),
    ],
)
def test_who_sees_what(signed_in, make_employee, customer, role, expected):
    other = make_employee("support", "other@example.org")
    client = signed_in(make_employee(role))
    pages = {
        "list": USERS,
        "add": USERS + "add/",
        "customer": f"{USERS}{customer.pk}/change/",
        "employee": f"{USERS}{other.pk}/change/",
    }

    assert {name: client.get(path).status_code for name, path in pages.items()} == expected


def _change(client, user, **changes):
    given = {"full_name": user.full_name, "is_active": "on", "employee_role": user.employee_role} | changes
    return client.post(f"{USERS}{user.pk}/change/", {name: value for name, value in given.items() if value})


def test_it_closes_a_customer_but_touches_no_employee(signed_in, make_employee, customer):
    boss = make_employee("admin")
    client = signed_in(make_employee("it"))

    assert _change(client, customer, is_active="").status_code == 302
    assert _change(client, boss, is_active="").status_code == 403

    customer.refresh_from_db()
    boss.refresh_from_db()
    assert (customer.is_active, boss.is_active) == (False, True)
    assert event_names()[-1] == "accounts.user.changed"


def test_nobody_raises_or_closes_themselves(signed_in, make_employee):
    it, admin = make_employee("it"), make_employee("admin")

    _change(signed_in(it), it, employee_role="admin")
    _change(signed_in(admin), admin, is_active="")
    _change(signed_in(admin), admin, employee_role="it")

    assert User.objects.get(pk=it.pk).employee_role == "it"
    kept = User.objects.get(pk=admin.pk)
    assert (kept.employee_role, kept.is_active) == ("admin", True)


def test_nothing_posted_makes_a_superuser_or_another_kind(signed_in, make_employee, customer):
    client = signed_in(make_employee("admin"))

    _change(client, customer, kind="employee", is_superuser="on", employee_role="admin", email="stolen@example.org")

    kept = User.objects.get(pk=customer.pk)
    assert (kept.kind, kept.is_superuser, kept.employee_role, kept.email) == (
        "customer",
        False,
        "",
        "vera@example.org",
    )


def test_accounts_are_never_deleted(signed_in, make_employee, customer):
    assert signed_in(make_employee("admin")).post(f"{USERS}{customer.pk}/delete/", {"post": "yes"}).status_code == 403


def test_links_are_sent_to_the_chosen(signed_in, make_employee, customer, supplier):
    client = signed_in(make_employee("it"))

    client.post(USERS, {"action": "send_password_reset", "_selected_action": [customer.pk, supplier.pk]})

    assert event_names()[-2:] == ["accounts.user.password_reset_requested"] * 2


def test_no_page_shows_a_stamp_or_a_hash(signed_in, make_employee, customer):
    client = signed_in(make_employee("admin"))

    for path in (USERS, f"{USERS}{customer.pk}/change/"):
        page = client.get(path).content.decode()
        assert customer.credential_stamp not in page
        assert "md5$" not in page
