"""Fixtures of the desk portals: people signed in, launches, bookings; a conftest imports them all."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from documents import repositories
from tests.factories import (
    EmployeeFactory,
    LaunchFactory,
    MemberFactory,
    RocketFactory,
    SupplierFactory,
    UserFactory,
    make_booking,
)


@pytest.fixture(scope="session")
def _ensured_stores() -> None:
    for repository in repositories.ALL:
        repository.ensure()


@pytest.fixture(autouse=True)
def _stores(_ensured_stores, db) -> None:
    for repository in repositories.ALL:
        repository.clear()


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def supplier():
    return SupplierFactory(trade_name="Red Rock Rockets")


@pytest.fixture
def enter():
    def sign_in(user) -> Client:
        client = Client()
        client.force_login(user, backend="accounts.backends.EmailBackend")
        return client

    return sign_in


@pytest.fixture
def member(supplier, enter):
    """Give a signed-in member of the supplier with a role; `.user` is the person."""

    def make(role="owner", of=None) -> Client:
        person = MemberFactory(supplier=of or supplier, role=role).user
        client = enter(person)
        client.user = person
        return client

    return make


@pytest.fixture
def make_launch(supplier, now):
    def make(*, seats=6, of=None, days=420, **fields):
        rocket = RocketFactory(supplier=of or supplier, cabin=seats)
        values = {"departure_at": now + timedelta(days=days), **fields}
        return LaunchFactory(rocket=rocket, seats=seats, **values)

    return make


@pytest.fixture
def book(now):
    def make(launch, **arguments):
        return make_booking(launch=launch, now=now, **arguments)

    return make


@pytest.fixture
def employee(enter):
    """Give a signed-in employee with a role; `.user` is the person."""

    def make(role="admin") -> Client:
        person = EmployeeFactory(employee_role=role, full_name=f"Employee {role}")
        client = enter(person)
        client.user = person
        return client

    return make


@pytest.fixture
def visitor(enter, member, employee):
    """Give a client of any role: anonymous, customer, owner_b (another supplier's), a member's or an employee's."""

    def make(role: str) -> Client:
        if role == "anonymous":
            return Client()
        if role == "customer":
            return enter(UserFactory())
        if role == "owner_b":
            return member("owner", of=SupplierFactory())
        if role in ("owner", "operator", "gate", "finance_member"):
            return member(role.removesuffix("_member"))
        return employee(role)

    return make


def text(answer) -> str:
    """Return the page's markup with single spaces."""
    return " ".join(answer.content.decode().split())
