"""See tests.portals.desks; here also a signed-in customer, and what a page must never hold."""

import re
from datetime import timedelta

import pytest

from tests.bookings.moving import sister
from tests.factories import UserFactory, make_booking
from tests.portals.desks import *  # noqa: F403 - fixtures
from tests.portals.desks import _ensured_stores, _stores  # noqa: F401 - fixtures

HTMX = {"HX-Request": "true"}


@pytest.fixture
def vera(enter):
    """A signed-in customer; `.user` is the person."""
    person = UserFactory(full_name="Vera Customer", email="vera@example.com")
    client = enter(person)
    client.user = person
    return client


@pytest.fixture
def otto(enter):
    """Another one."""
    person = UserFactory(full_name="Otto Other")
    client = enter(person)
    client.user = person
    return client


def words(answer) -> str:
    """The text of a page, without markup and with single spaces."""
    html = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", answer.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&#x27;", "'").split())


def title(answer) -> str:
    return re.search(r"<title>(.*?)</title>", answer.content.decode(), flags=re.S)[1]


def csp_breaks(answer) -> list[str]:
    """Inline style, script or handler, which the policy would refuse."""
    html = answer.content.decode()
    return re.findall(r"<[^>]*\s(?:style|on[a-z]+)=|<style\b|<script(?![^>]*\bsrc=)[^>]*>|javascript:", html)


def passengers(*, count=1, **changes) -> dict[str, str]:
    """What the passengers' form sends."""
    said = {}
    for index in range(count):
        said |= {
            f"{index}-full_name": f"Traveller {'ABCDEF'[index]}",
            f"{index}-email": "traveller@example.com",
            f"{index}-phone": "+1 415 555 0123",
            f"{index}-birth_date": "1985-06-15",
        }
    return said | changes


GOOD_CARD = {"number": "4242 4242 4242 4242", "expiry": "12/35", "code": "123"}


@pytest.fixture
def booking(vera, make_launch, now):
    """Two seats of the signed-in customer's."""
    return make_booking(launch=make_launch(), customer=vera.user, seats=2, now=now)


@pytest.fixture
def target(booking, now):
    """A launch that the booking can move to."""
    return sister(booking.launch, departure_at=now + timedelta(days=450), slug="target")
