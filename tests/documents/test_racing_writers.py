"""Real processes write the same copies at once, each in its own order: the newest stays, thanks to its version."""

import pytest

from documents.repositories import Offers, Trips
from tests.documents.builders import make_offer, make_trip
from tests.documents.processes import race

pytestmark = [pytest.mark.usefixtures("stores"), pytest.mark.race]

KEYS = range(1, 31)
WRITERS = 3
NEWEST = 4


def trip(key: int, version: int):
    return make_trip(key, version, status=f"v{version}")


def offer(key: int, version: int):
    return make_offer(launch_id=key, version=version, slug=f"launch-{key}", status=f"v{version}")


@pytest.fixture(params=[(Trips, trip), (Offers, offer)], ids=["trips", "offers"])
def copies(request):
    return request.param


def raced(write, *, is_in_turn: bool = False) -> int:
    """
    Have each process write all versions of all keys, and return how many writes were accepted.

    In turn, whoever ends with the newest goes first: the order of a race that loses it.
    """

    def work(number: int) -> int:
        # Each goes its own way through the versions, so that all meet on a document that is not there yet, and only
        # the first of them ends with the newest.
        return sum(write(key, 1 + (step + 3 * number) % NEWEST) for key in KEYS for step in range(NEWEST))

    if is_in_turn:
        return sum(sum(race(lambda _, number=number: work(number), count=1)) for number in range(WRITERS))
    return sum(race(work, count=WRITERS))


def test_an_older_copy_never_overwrites_a_newer_one(copies):
    repository, make = copies

    written = raced(lambda key, version: repository.put(make(key, version)))

    found = repository.get_many(KEYS)
    assert {(one.version, one.status) for one in found.values()} == {(NEWEST, f"v{NEWEST}")}
    assert len(found) == len(KEYS)
    assert len(KEYS) <= written < len(KEYS) * WRITERS * NEWEST


def test_rebuilding_while_others_write_never_brings_an_old_copy_back(copies):
    repository, make = copies

    raced(lambda key, version: repository.put_again([make(key, version)]))

    assert {one.version for one in repository.get_many(KEYS).values()} == {NEWEST}


def test_many_at_once_never_bring_an_old_copy_back(copies):
    repository, make = copies

    raced(lambda key, version: repository.put_newer([make(key, version), make(min(KEYS), version)]))

    assert {one.version for one in repository.get_many(KEYS).values()} == {NEWEST}


def test_writers_that_do_not_look_at_versions_lose_the_newest(copies):
    """The control: the same processes with plain replacing, in a losing order, end with old copies; ours do not."""
    repository, make = copies

    def replace(key: int, version: int) -> bool:
        document = repository._document(make(key, version))
        return repository._replace_or_insert({"_id": key}, document)

    raced(replace, is_in_turn=True)
    assert NEWEST not in {one.version for one in repository.get_many(KEYS).values()}

    raced(lambda key, version: repository.put(make(key, version)), is_in_turn=True)
    assert {one.version for one in repository.get_many(KEYS).values()} == {NEWEST}
