"""Both document stores, real, with their indexes and validators, empty at the start of each test."""

import pytest

from documents import repositories


@pytest.fixture(scope="session")
def _ensured_stores() -> None:
    for repository in repositories.ALL:
        repository.ensure()


@pytest.fixture
def stores(_ensured_stores) -> None:
    for repository in repositories.ALL:
        repository.clear()
