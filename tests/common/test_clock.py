"""The time is the database's, whatever the own clock says."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from common import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh(settings, monkeypatch):
    settings.CLOCK_READ_EVERY_S = 10.0
    monkeypatch.setattr(clock, "_read_at", None)


def database_time():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def test_now_lies_between_two_readings_of_the_database(fresh):
    before = database_time()
    read, counted_on = clock.now(), clock.now()
    after = database_time()

    slack = timedelta(milliseconds=250)  # half a round trip of a busy machine
    assert before - slack <= read <= counted_on <= after + slack


def test_a_wrong_own_clock_changes_nothing(fresh, monkeypatch):
    class Wrong(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(1999, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(timezone, "now", Wrong.now)

    assert clock.now() - database_time() < timedelta(seconds=5)
    assert clock.now().year > 1999


def test_the_database_is_asked_once_in_a_while(fresh, django_assert_num_queries):
    with django_assert_num_queries(1):
        for _ in range(5):
            clock.now()
