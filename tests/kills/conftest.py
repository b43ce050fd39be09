"""All customers of these tests come from one address."""

import pytest


@pytest.fixture(autouse=True)
def _many_holds_an_address(settings):
    settings.HOLDS_PER_ADDRESS = 1000
