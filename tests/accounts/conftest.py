"""People, signed-in clients, and both document stores, real and empty."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import User
from common.models import OutboxEvent
from documents import repositories

NOW = datetime(2027, 3, 14, 12, 0, tzinfo=UTC)
PASSWORD = "seven-quiet-engines"
NEW_PASSWORD = "eight-louder-engines"
NOBODY = "mongodb://127.0.0.1:1/nobody"


@pytest.fixture(scope="session")
def _ensured_stores() -> None:
    for repository in repositories.ALL:
        repository.ensure()


@pytest.fixture(autouse=True)
def stores(_ensured_stores, db) -> None:
    for repository in repositories.ALL:
        repository.clear()
    cache.clear()


@pytest.fixture
def customer() -> User:
    return services.customer_create(email="vera@example.org", full_name="Vera Customer", password=PASSWORD, now=NOW)


@pytest.fixture
def supplier() -> User:
    return services.supplier_user_create(email="desk@example.org", full_name="Launch Desk", password=PASSWORD, now=NOW)


@pytest.fixture
def make_employee():
    def make(role: str, email: str = "") -> User:
        return services.employee_create(
            actor=None,
            email=email or f"{role}@example.org",
            full_name=f"Employee {role}",
            role=role,
            password=PASSWORD,
            now=NOW,
        )

    return make


@pytest.fixture
def signed_in():
    """Sign in through the page, as a browser does; returns the client."""

    def sign_in(user: User, password: str = PASSWORD) -> Client:
        client = Client()
        answer = client.post("/accounts/sign-in/", {"username": user.email, "password": password})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return sign_in


@pytest.fixture
def logs_away(settings) -> None:
    """Take Logs MongoDB away: nothing listens at its address."""
    settings.MONGODB_TIMEOUT_S = 0.2
    settings.LOGS_MONGODB_URL = NOBODY


def event_names() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/password/change/").status_code == 200


@pytest.fixture
def second_factor_on(settings) -> None:
    settings.EMPLOYEE_SECOND_FACTOR = True


@pytest.fixture
def standing_clock(monkeypatch) -> None:
    """No step of a one-time code begins while a test is at it."""
    middle = int(timezone.now().timestamp()) // 30 * 30 + 15
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime.fromtimestamp(middle, UTC))


@pytest.fixture
def person(make_employee) -> User:
    """An employee."""
    return make_employee("it")
