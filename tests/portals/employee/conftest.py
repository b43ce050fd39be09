"""See tests.portals.desks."""

import pytest
from django.core.cache import cache

from tests.portals.desks import *  # noqa: F403 - fixtures
from tests.portals.desks import _ensured_stores, _stores  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def _empty_cache(db):
    """Workers of other tests report in the cache, whose table no flush empties."""
    cache.clear()
