"""Who may make and change whose account, whichever door asks."""

import pytest

from accounts import services
from accounts.errors import EmailTaken
from accounts.models import User
from common.errors import Forbidden, InvalidInput, NotFound
from tests.accounts.conftest import NOW, PASSWORD, event_names


@pytest.fixture
def people(customer, supplier, make_employee) -> dict[str, User]:
    roles = {role: make_employee(role) for role in ("support", "finance", "it", "admin")}
    return {"customer": customer, "supplier": supplier, **roles, "colleague": make_employee("support", "c@example.org")}


@pytest.mark.parametrize(
    ("actor", "may_close"),
    [
        ("customer", set()),
        ("supplier", set()),
        ("support", set()),
        ("finance", set()),
        ("it", {"customer", "supplier"}),
        ("admin", {"customer", "supplier", "colleague"}),
    ],
)
def test_who_closes_whose_account(people, actor, may_close):
    closed = set()

    for name in ("customer", "supplier", "colleague"):
        try:
            services.user_change(actor=people[actor], user_id=people[name].pk, changes={"is_active": False})
        except Forbidden:
            assert User.objects.get(pk=people[name].pk).is_active
        else:
            assert not User.objects.get(pk=people[name].pk).is_active
            closed.add(name)

    assert closed == may_close


@pytest.mark.parametrize("actor", ["customer", "supplier", "support", "finance", "it"])
def test_only_admins_make_employees(people, actor):
    with pytest.raises(Forbidden):
        services.employee_create(
            actor=people[actor], email="n@example.org", full_name="N", role="admin", password=PASSWORD, now=NOW
        )

    assert not User.objects.filter(email="n@example.org").exists()


def test_changes_that_make_no_sense_are_refused(people):
    admin = people["admin"]
    before = event_names()

    with pytest.raises(InvalidInput):
        services.user_change(actor=admin, user_id=people["customer"].pk, changes={"employee_role": "it"})
    with pytest.raises(InvalidInput):
        services.user_change(actor=admin, user_id=people["it"].pk, changes={"is_superuser": True})
    with pytest.raises(NotFound):
        services.user_change(actor=admin, user_id=0, changes={"is_active": False})
    assert services.user_change(actor=admin, user_id=people["it"].pk, changes={"is_active": True})

    assert event_names() == before


def test_one_account_per_email(customer):
    with pytest.raises(EmailTaken):
        services.supplier_user_create(email="VERA@example.org", full_name="Other", password=PASSWORD, now=NOW)

    assert User.objects.get().kind == "customer"
