"""Receivers of our own, and endpoints that lead to them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from documents import repositories
from launches.models import SupplierMember
from notifications.webhooks import services
from notifications.webhooks.models import WebhookEndpoint
from tests.factories import EmployeeFactory, MemberFactory
from tests.notifications.webhooks.builders import NOW
from tests.notifications.webhooks.receivers import Receiver


@pytest.fixture(scope="session")
def _ensured_stores() -> None:
    for repository in repositories.ALL:
        repository.ensure()


@pytest.fixture(autouse=True)
def _stores(_ensured_stores: None, db: None) -> None:
    repositories.WebhookSecrets.clear()


@pytest.fixture
def loopback(settings: Any) -> None:
    """Let webhooks go to this machine."""
    settings.WEBHOOK_ALLOW_LOOPBACK = True


@pytest.fixture
def start(loopback: None) -> Iterator[Callable[..., Receiver]]:
    """Start receivers that are stopped after the test."""
    started: list[Receiver] = []

    def make(**fields: Any) -> Receiver:
        started.append(Receiver(**fields).start())
        return started[-1]

    yield make
    for receiver in started:
        receiver.stop()


@pytest.fixture
def receiver(start: Callable[..., Receiver]) -> Receiver:
    return start()


@pytest.fixture
def owner() -> SupplierMember:
    """Give a supplier's owner; `.user` and `.supplier` are theirs."""
    return MemberFactory(supplier__trade_name="Red Rock Rockets")


@pytest.fixture
def it() -> Any:
    return EmployeeFactory(employee_role="it")


@pytest.fixture
def endpoint(owner: SupplierMember) -> Callable[..., WebhookEndpoint]:
    """Make an endpoint of the owner's supplier (or of another actor) at a receiver; `.secret` is in clear."""

    def make(receiver: Receiver | str, *, by: Any = None, event_types: tuple[str, ...] = ("launch.delayed",)) -> Any:
        made = services.endpoint_create(
            actor=by or owner.user,
            url=receiver if isinstance(receiver, str) else receiver.url,
            event_types=event_types,
            description="Our board",
            now=NOW,
        )
        made.endpoint.secret = made.secret
        return made.endpoint

    return make
