"""`manage.py documents rebuild`: copies made anew from rows, while people go on changing them."""

import tracemalloc

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from bookings import selectors
from documents import codec, mongo, rebuild, reconcile, services
from documents.repositories import Offers, Trips
from tests.documents.builders import make_trip
from tests.factories import LaunchFactory, make_booking

pytestmark = pytest.mark.usefixtures("stores")


@pytest.fixture
def registry(monkeypatch):
    """No data set but the test's own."""
    monkeypatch.setattr(reconcile, "_registered", {})


@pytest.fixture
def trips(registry):
    """A data set of trips whose rows are this list; a test may change it."""
    rows: list = []
    reconcile.register(
        reconcile.copies(
            name="trips",
            label="Trips",
            source=lambda after, limit: [(one.booking_id, 0, one) for one in rows if one.booking_id > after][:limit],
            repository=Trips,
        )
    )
    return rows


@pytest.mark.django_db
def test_a_lost_store_is_written_again_from_postgresql(capsys):
    launch = LaunchFactory()
    booking = make_booking(launch=launch, seats=2, now=timezone.now())

    call_command("documents", "rebuild")

    assert Trips.get(booking.pk) == selectors.trip_record(booking_id=booking.pk)
    assert Offers.get(launch.pk) == selectors.offer_record(launch_id=launch.pk)
    out = capsys.readouterr().out
    assert "offers: 1 of 1 written in" in out
    assert "trips: 1 of 1 written in" in out


def test_documents_of_an_old_shape_are_written_over_though_their_version_is_the_same(trips):
    trips += [make_trip(1, reference="A"), make_trip(2, reference="B"), make_trip(3, reference="C")]
    mongo.customer().collection("trips").drop_index("of_customer")
    for trip in trips[:2]:
        old = codec.encode(trip)
        del old["payments"]
        mongo.customer().collection("trips").insert({"_id": trip.booking_id, **old})

    (figures,) = services.copies_rebuild(datasets=["trips"])

    assert (figures.read, figures.written, figures.newer, figures.refused) == (3, 3, 0, 0)
    assert [Trips.get(key) for key in (1, 2, 3)] == trips
    assert Trips.missing_indexes() == []


def test_what_people_change_meanwhile_stays_theirs(trips):
    trips += [make_trip(key, reference=str(key), status="read before") for key in (1, 2, 3)]
    newer = make_trip(2, version=6, reference="2", status="changed meanwhile")
    Trips.put(newer)

    (figures,) = services.copies_rebuild()

    assert (figures.written, figures.newer) == (2, 1)
    assert Trips.get(2) == newer


def test_one_refused_document_stops_no_other(trips, capsys, caplog):
    Trips.put(make_trip(9, reference="TAKEN"))
    trips += [make_trip(1, reference="A"), make_trip(2, reference="TAKEN"), make_trip(3, reference="C")]

    with pytest.raises(SystemExit) as ended:
        call_command("documents", "rebuild", "--dataset", "trips")

    assert ended.value.code == 2
    assert "trips: 2 of 3 written, 1 refused in" in capsys.readouterr().out
    assert "cannot write trips 2" in caplog.text
    assert (Trips.get(1), Trips.get(2), Trips.get(3)) == (trips[0], None, trips[2])


def test_big_sets_are_read_and_written_in_batches(trips):
    trips += [make_trip(key, reference=str(key)) for key in range(1, 26)]
    (dataset,) = rebuild.copies(["trips"])
    seen = []

    rebuild.run(dataset, progress=lambda figures: seen.append(figures.written), batch=10)

    assert seen == [10, 20, 25]
    assert Trips.count() == 25


def test_memory_stays_flat_however_many_there_are(registry):
    def peak(count: int) -> int:
        source = lambda after, limit: [  # noqa: E731
            (key, 5, make_trip(key, reference=str(key))) for key in range(after + 1, min(after + limit, count) + 1)
        ]
        dataset = reconcile.copies(name="trips", label="", source=source, repository=Trips)
        tracemalloc.start()
        rebuild.run(dataset, progress=lambda figures: None, batch=50)
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(50)  # a batch of documents that are there says so of each
    few = peak(50)
    assert peak(400) < few * 1.5


def test_homes_cannot_be_rebuilt_and_unknown_names_are_told(trips):
    from accounts import handlers

    handlers.register()
    with pytest.raises(CommandError, match="The documents of 'customers' are no copies.*Choose from: trips"):
        call_command("documents", "rebuild", "--dataset", "customers")
    with pytest.raises(CommandError, match="There is no data set named 'tripz'"):
        call_command("documents", "rebuild", "--dataset", "tripz")
    with pytest.raises(CommandError, match="--dataset belongs to rebuild"):
        call_command("documents", "status", "--dataset", "trips")


def test_a_store_that_is_away_is_told_and_nothing_is_half_done(trips, mongo_servers, short_timeouts):
    trips.append(make_trip())
    mongo_servers.customer.stop()

    with pytest.raises(CommandError, match="The customer document store cannot be reached"):
        call_command("documents", "rebuild")

    mongo_servers.ensure_running()
    mongo.close()  # a new client need not find out first that the server is back
    assert Trips.count() == 0
