"""Documents that were written past the validators, which cannot be read: found, repaired, and in nobody's way."""

import pytest

from documents import codec, reconcile
from documents.copies import Stored
from documents.repositories import Profiles, RequestLog, SystemLog, Trips
from tests.documents.builders import NOW, make_log, make_profile, make_trip
from tests.documents.drifting import Truth, figures, run, trips_dataset

pytestmark = pytest.mark.usefixtures("stores")

WRONG = {
    "a field is missing": lambda document: document.pop("status"),
    "its version is missing": lambda document: document.pop("version"),
    "its version is a text": lambda document: document.update(version="five"),
    "an instant is a text": lambda document: document.update(departure_at="tomorrow"),
    "an amount is a word": lambda document: document.update(total_amount="much"),
    "a list is a number": lambda document: document.update(seats=7),
}


def spoil(repository, record, how) -> None:
    """Write a record's document, changed, as somebody with the store's shell would."""
    document = repository._document(record)
    how(document)
    raw = repository.store().raw(repository.name, journalled=False)
    raw.insert_one(document, bypass_document_validation=True)


@pytest.mark.parametrize("how", WRONG.values(), ids=WRONG)
def test_reconciliation_writes_an_unreadable_copy_anew_and_goes_on(how):
    truth = Truth(*(make_trip(key, 5) for key in (1, 2, 3)))
    Trips.put(make_trip(1, 5))
    spoil(Trips, make_trip(2, 5), how)
    spoil(Trips, make_trip(70, 5), how)

    found = run(trips_dataset(truth))

    assert found == figures(looked_at=4, missing=1, stale=1, orphaned=1, repaired=3, exit_code=1)
    assert Trips.get_many(range(1, 100)) == truth.rows


@pytest.mark.parametrize("how", WRONG.values(), ids=WRONG)
def test_events_about_others_are_not_held_up_by_an_unreadable_copy(how):
    spoil(Trips, make_trip(1, 5), how)

    Trips.put_newer([make_trip(1, 6), make_trip(2, 6)])

    assert Trips.get(2) == make_trip(2, 6)


@pytest.mark.parametrize("how", WRONG.values(), ids=WRONG)
def test_readers_do_without_an_unreadable_copy(how):
    spoil(Trips, make_trip(1, 5), how)

    assert Stored(Trips).read([1]) == {}


def test_unreadable_home_is_left_for_people_to_look_at():
    spoil(Profiles, make_profile(customer_id=1), lambda document: document.pop("full_name"))
    spoil(Profiles, make_profile(customer_id=9), lambda document: document.update(updated_at="long ago"))
    dataset = reconcile.homes(
        name="customers",
        label="Customers",
        keys=lambda after_key, limit: [key for key in (1,) if key > after_key],
        repository=Profiles,
        facts=lambda keys: dict.fromkeys(keys, "Passenger One"),
        agrees=lambda name, profile: profile.full_name == name,
        repair_stale=lambda name, profile: Profiles.delete(profile.customer_id),
        repair_orphan=lambda key: Profiles.get(key) is not None and Profiles.delete(key),
    )

    found = run(dataset)

    assert found == figures(looked_at=2, stale=1, orphaned=1, failed=2, exit_code=2)
    assert Profiles.count() == 2


def test_line_of_the_system_log_that_cannot_be_read_hides_no_other():
    SystemLog.add_many([make_log(1), make_log(3)])
    spoil(SystemLog, make_log(2), lambda document: document.update(at="lately"))

    assert SystemLog.search(day_from=NOW.date(), day_to=NOW.date()) == [make_log(3), make_log(1)]


def test_pack_of_requests_lines_that_cannot_be_read_hides_no_other():
    lines = [make_log(number) for number in (1, 2)]
    for line in lines:
        RequestLog.add([line])
    raw = RequestLog.store().raw(RequestLog.name, journalled=False)
    raw.update_one({"key": {"$gte": lines[1].key}}, {"$set": {"lines": "no json"}}, bypass_document_validation=True)

    assert RequestLog.of_request("r1") == [lines[0]]


def test_what_is_wrong_is_said():
    document = codec.encode(make_trip())
    del document["status"]

    with pytest.raises(codec.Unreadable, match="It is no TripRecord: .*'status'"):
        codec.decode(type(make_trip()), document)
