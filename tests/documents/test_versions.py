"""Which of two versions of a document stays."""

import pytest

from documents import mongo
from documents.errors import DocumentExists
from documents.repositories import (
    Trips,
)
from documents.repositories.by_key import Written
from tests.documents.builders import (
    make_trip,
)

pytestmark = pytest.mark.usefixtures("stores")


def test_older_trip_never_overwrites_a_newer_one():
    assert Trips.put(make_trip(version=5)) is True

    assert Trips.put(make_trip(version=4, status="pending")) is False
    assert Trips.put(make_trip(version=5, status="pending")) is False
    assert Trips.get(41).status == "confirmed"
    assert Trips.put(make_trip(version=6, status="cancelled")) is True
    assert Trips.get(41).status == "cancelled"


@pytest.mark.parametrize(("theirs", "is_written", "stays"), [(4, True, 5), (6, False, 6)])
def test_writer_that_loses_the_race_to_insert_looks_again(monkeypatch, theirs, is_written, stays):
    replace, calls = mongo.Documents.replace, []

    def with_a_rival(documents, where, document, *, upsert=False):
        calls.append(upsert)
        if len(calls) == 1:  # the rival inserts after our look and before our insert; the store then says:
            replace(documents, {"_id": 41}, {**document, "version": theirs}, upsert=True)
            raise DocumentExists("customer", "trips", ("_id",))
        return replace(documents, where, document, upsert=upsert)

    monkeypatch.setattr(mongo.Documents, "replace", with_a_rival)

    assert Trips.put(make_trip(version=5)) is is_written
    assert Trips.get(41).version == stays
    assert calls == [True, False]


def test_put_over_replaces_only_what_was_seen():
    Trips.put(make_trip(version=9, status="odd"))
    seen = Trips.entries([41])[41]

    assert Trips.put_over_many([(make_trip(version=5), seen)]) == Written(1)
    assert Trips.put_over_many([(make_trip(version=6), seen)]) == Written(0)
    assert Trips.get(41).version == 5


def test_delete_seen_spares_a_document_that_changed():
    Trips.put(make_trip(version=1))
    seen = Trips.entries([41])[41]
    Trips.put(make_trip(version=2))

    assert Trips.delete_many_seen([seen]) == Written(0)
    assert Trips.delete_many_seen([Trips.entries([41])[41]]) == Written(1)
    assert Trips.get(41) is None


def test_many_are_put_where_nothing_newer_came_meanwhile():
    Trips.put(make_trip(1, 9))
    Trips.put(make_trip(2, 1))
    Trips.put(make_trip(8, reference="TAKENX"))
    records = [make_trip(1, 5), make_trip(2, 5), make_trip(3, 5), make_trip(4, reference="TAKENX"), make_trip(5, 5)]

    written = Trips.put_many(records)

    assert (written.done, list(written.refused)) == (3, [4])
    assert {key: trip.version for key, trip in Trips.get_many(range(1, 8)).items()} == {1: 9, 2: 5, 3: 5, 5: 5}


def test_many_are_put_where_they_are_newer():
    Trips.put(make_trip(1, 9))
    Trips.put(make_trip(2, 1))
    Trips.put(make_trip(3, 5, status="odd"))
    records = [make_trip(key, 5) for key in (1, 2, 3, 4)]

    assert Trips.put_newer(records) == 2
    assert Trips.put_newer([]) == 0
    assert {key: (trip.version, trip.status) for key, trip in Trips.get_many(range(1, 8)).items()} == {
        1: (9, "confirmed"), 2: (5, "confirmed"), 3: (5, "odd"), 4: (5, "confirmed"),
    }  # fmt: skip


def test_one_document_that_cannot_be_sent_stops_none_of_the_others():
    records = [make_trip(1), make_trip(2, launch_id=2**70), make_trip(3)]

    written = Trips.put_many(records)

    assert (written.done, list(written.refused)) == (2, [2])
    assert sorted(Trips.get_many(range(1, 4))) == [1, 3]


# --- refusals ---------------------------------------------------------------------------------------------------------
