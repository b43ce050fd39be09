"""Nobody waits twice for a store that is away: the breaker by itself, between threads, and in front of real servers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from common import context
from documents import mongo
from documents.breaker import Breaker, Resting
from documents.errors import DocumentStoreUnavailable
from documents.repositories import Credentials, Trips
from tests.documents.builders import make_trip


class Away(Exception):
    pass


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker("The store", pause_s=5, clock=clock)


def call(breaker, outcome=None, *, is_awaited=True) -> str:
    """Make a call with that outcome; say what became of it."""
    try:
        with breaker.guarding(failure=Away, is_awaited=is_awaited):
            if outcome:
                raise outcome
    except Resting:
        return "spared"
    except (Away, LookupError) as error:
        return type(error).__name__
    return "answered"


def test_after_a_failure_nobody_waits_until_the_pause_is_over(breaker, clock):
    assert call(breaker, Away()) == "Away"

    assert [call(breaker) for _ in range(3)] == ["spared"] * 3
    clock.now += 4.9
    assert call(breaker) == "spared"
    clock.now += 0.1
    assert call(breaker) == "answered"
    assert not breaker.is_open


def test_a_failed_probe_opens_it_again_for_a_whole_pause(breaker, clock):
    call(breaker, Away())
    clock.now += 5

    assert call(breaker, Away()) == "Away"
    clock.now += 4.9
    assert call(breaker) == "spared"


def test_an_error_that_the_store_itself_answers_is_no_failure(breaker, clock):
    assert call(breaker, LookupError()) == "LookupError"
    assert not breaker.is_open

    call(breaker, Away())
    clock.now += 5
    assert call(breaker, LookupError()) == "LookupError"
    assert call(breaker) == "answered"


def test_whom_nobody_waits_for_always_tries_and_what_it_finds_counts_for_all(breaker):
    call(breaker, Away(), is_awaited=False)
    assert call(breaker) == "spared"

    assert call(breaker, Away(), is_awaited=False) == "Away"
    assert call(breaker, is_awaited=False) == "answered"
    assert call(breaker) == "answered"


@pytest.mark.parametrize("ends_with", [None, Away(), KeyboardInterrupt()], ids=["answer", "failure", "interrupt"])
def test_of_many_threads_one_probes_while_the_others_go_on(breaker, clock, ends_with):
    call(breaker, Away())
    clock.now += 5
    is_asking, may_end = threading.Event(), threading.Event()

    def probe():
        with breaker.guarding(failure=Away, is_awaited=True):
            is_asking.set()
            may_end.wait(30)
            if ends_with:
                raise ends_with

    with ThreadPoolExecutor(9) as threads:
        probing = threads.submit(probe)
        is_asking.wait(30)
        clock.now += 60  # it hangs for longer than the pause
        others = [threads.submit(call, breaker) for _ in range(8)]
        assert [other.result(30) for other in others] == ["spared"] * 8
        may_end.set()
        assert type(probing.exception(30)) is type(ends_with)

    clock.now += 60
    assert call(breaker) == "answered", "the next one may try"


# --- in front of real servers -----------------------------------------------------------------------------------------
@pytest.fixture
def asked(monkeypatch):
    """The names of the collections that were really asked for."""
    names = []
    raw = mongo.Store.raw

    def counted(store, name, **options):
        names.append(name)
        return raw(store, name, **options)

    monkeypatch.setattr(mongo.Store, "raw", counted)
    return names


@pytest.mark.usefixtures("stores")
def test_a_request_asks_a_dead_store_once_and_the_other_store_as_ever(mongo_servers, short_timeouts, asked):
    Trips.put(make_trip())
    asked.clear()
    mongo_servers.customer.stop()

    with context.scope(is_awaited=True):
        for _ in range(3):
            with pytest.raises(DocumentStoreUnavailable):
                Trips.get(41)
        assert Credentials.get(7) is None
    assert asked == ["trips", "credentials"]

    mongo_servers.ensure_running()
    assert Trips.get(41) == make_trip(), "a worker, for whom nobody waits, finds it again"
    with context.scope(is_awaited=True):
        assert Trips.get(41) == make_trip()
