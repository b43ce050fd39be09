"""Hearing of what is said in PostgreSQL: only who really hears says so."""

import logging

import pytest
from django.db import connection

from common.postgres import listening
from tests.faults.until import until
from tests.pooler import pooler

pytestmark = pytest.mark.django_db(transaction=True)
CHANNEL = "tests_listening"


@pytest.fixture
def heard():
    return []


@pytest.fixture
def listener(heard, monkeypatch):
    monkeypatch.setattr(listening, "RETRY_EVERY_S", 0.05)
    listener = listening.Listener(CHANNEL, heard=heard.append, begun=lambda: None)
    yield listener
    listener.stop()


@pytest.fixture
def behind_pooler(monkeypatch):
    there = connection.get_connection_params()
    with pooler(host=there["host"], port=int(there["port"])) as port:
        behind = {**there, "host": "127.0.0.1", "port": port, "sslmode": "disable", "gssencmode": "disable"}
        behind.pop("pool", None)
        monkeypatch.setattr(listening, "_parameters", lambda: behind)
        yield


def say(what):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, what])


def test_what_is_said_is_heard(listener, heard):
    until(listener.is_hearing, "it hears")

    say("something")

    until(lambda: heard == ["something"], "what was said is heard")


def test_behind_a_pooler_that_swallows_what_others_say_nothing_counts_as_heard(behind_pooler, listener, heard, caplog):
    caplog.set_level(logging.INFO, logger=listening.__name__)

    until(lambda: listener.is_hearing() or "a pooler stands before the server" in caplog.text, "it knows where it is")

    say("something")
    assert not listener.is_hearing()
    assert heard == []


def test_why_nothing_is_heard_is_logged_once_however_often_it_is_tried(behind_pooler, listener, caplog, monkeypatch):
    caplog.set_level(logging.INFO, logger=listening.__name__)
    tries = []
    behind = listening._parameters()
    monkeypatch.setattr(listening, "_parameters", lambda: tries.append(1) or behind)
    listener.is_hearing()

    until(lambda: len(tries) > 3, "it was tried again and again")

    assert len(caplog.records) == 1
