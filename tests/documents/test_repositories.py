"""Repositories against real document servers."""

import time
from datetime import timedelta
from decimal import Decimal

import pytest

from documents import codec, mongo, repositories
from documents.errors import DocumentExists, DocumentRefused, DocumentStoreUnavailable
from documents.records import CredentialRecord
from documents.repositories import (
    AuditTrail,
    Credentials,
    Offers,
    Profiles,
    RefreshTokens,
    RequestLog,
    SystemLog,
    TokenOutcome,
    Trips,
)
from tests.documents.builders import (
    NOW,
    make_audit,
    make_log,
    make_offer,
    make_profile,
    make_token,
    make_trip,
)
from tests.documents.processes import race

pytestmark = pytest.mark.usefixtures("stores")


# --- there and back ---------------------------------------------------------------------------------------------------
def test_profile_comes_back_as_it_was_put():
    profile = make_profile()

    Profiles.put(profile)

    assert Profiles.get(7) == profile
    assert Profiles.get(8) is None


def test_offer_comes_back_as_it_was_put():
    offer = make_offer()

    Offers.put(offer)

    assert Offers.get(3) == offer
    assert Offers.of_slug(offer.slug) == offer


@pytest.mark.parametrize("amount", ["0", "0.10", "-70.5", "1E+3", "99999999999999999999.123456789"])
def test_trip_comes_back_as_it_was_put(amount):
    trip = make_trip(refunded_amount=Decimal(amount))

    Trips.put(trip)

    assert Trips.get(41) == trip
    assert Trips.of_reference(7, trip.reference) == trip
    assert Trips.of_reference(8, trip.reference) is None


def test_log_line_and_audit_entry_come_back_with_any_payload():
    line, entry = make_log(), make_audit()

    SystemLog.add_many([line])
    AuditTrail.append([entry])

    assert SystemLog.search(day_from=NOW.date(), day_to=NOW.date()) == [line]
    assert AuditTrail.of_object("booking", 41) == [entry]


def test_lines_of_requests_come_back_by_their_request_each_once():
    lines = [make_log(second, request_id=f"request-{second % 2}", extra={"status": 200}) for second in range(4)]

    RequestLog.add(lines)
    RequestLog.add(lines[1:])  # what waited on disk comes again, packed otherwise
    RequestLog.add(lines[1:])

    assert RequestLog.of_request("request-1") == [lines[3], lines[1]]
    assert RequestLog.of_request("request-2") == []
    assert RequestLog.count() == 2


def test_credential_and_token_come_back_as_they_were_put():
    credential, token = CredentialRecord(user_id=7, password_hash="argon2$x", updated_at=NOW), make_token()

    Credentials.put(credential)
    RefreshTokens.add(token)

    assert Credentials.get(7) == credential
    assert RefreshTokens.get("t1") == token


def test_instants_are_kept_in_milliseconds_and_never_without_a_zone():
    assert make_offer().updated_at == NOW.replace(microsecond=123000)
    with pytest.raises(ValueError, match="no time zone"):
        make_offer(updated_at=NOW.replace(tzinfo=None))


def test_documents_written_before_a_field_existed_still_read():
    document = codec.encode(make_trip())
    del document["payments"]
    document["from_the_future"] = 1

    assert codec.decode(type(make_trip()), document).payments == ()


def test_second_trip_with_a_reference_is_refused():
    Trips.put(make_trip(1, reference="ABCDEF"))

    with pytest.raises(DocumentExists) as refusal:
        Trips.put(make_trip(2, reference="ABCDEF"))

    assert refusal.value.unique_fields == ("reference",)
    assert Trips.get(2) is None


def test_document_that_breaks_the_schema_is_refused():
    good = codec.encode(make_trip())
    trips = mongo.customer().collection("trips")

    for wrong in ({**good, "status": None}, {**good, "seats": [{"label": 1}]}, {**good, "total_amount": "a lot"}):
        with pytest.raises(DocumentRefused):
            trips.insert({**wrong, "_id": 1})

    assert Trips.count() == 0


# --- lists ------------------------------------------------------------------------------------------------------------
def test_scan_walks_keys_in_order_across_gaps():
    keys = [1, 2, 3, 50, 51, 4000, 90_000_000, 2**40]
    for key in keys:
        Trips.put(make_trip(key, reference=str(key)))

    seen, after = [], 0
    while entries := Trips.scan(after, 3):
        assert len(entries) <= 3
        seen += [entry.key for entry in entries]
        after = seen[-1]

    assert seen == keys


def test_trips_of_customer_page_by_key():
    for key in range(1, 6):
        Trips.put(make_trip(key, reference=str(key), customer_id=7 if key != 3 else 8))

    first = Trips.of_customer(7, limit=3)
    second = Trips.of_customer(7, limit=3, before_key=first[-1].booking_id)

    assert [trip.booking_id for trip in first] == [5, 4, 2]
    assert [trip.booking_id for trip in second] == [1]


def test_get_many_takes_more_keys_than_one_question_holds():
    for key in (1, 250, 451):
        Offers.put(make_offer(launch_id=key))

    assert sorted(Offers.get_many(range(1, 500))) == [1, 250, 451]


# --- system log and audit ---------------------------------------------------------------------------------------------
def test_log_search_filters_and_pages_backwards():
    SystemLog.add_many(
        [make_log(second, level="ERROR" if second % 2 else "INFO", message=f"Line {second} a.b") for second in range(9)]
    )
    SystemLog.add_many([make_log(-90_000, message="The day before", logger="launches", request_id="r2")])
    day = NOW.date()

    def lines(**filters) -> list[str]:
        found = SystemLog.search(**{"day_from": day, "day_to": day, **filters})
        return [line.message for line in found]

    assert lines(limit=3) == ["Line 8 a.b", "Line 7 a.b", "Line 6 a.b"]
    page = SystemLog.search(day_from=day, day_to=day, limit=3)
    assert lines(limit=2, before_key=page[-1].key) == ["Line 5 a.b", "Line 4 a.b"]
    assert lines(level="WARNING", limit=2) == ["Line 7 a.b", "Line 5 a.b"]
    assert lines(text="line 4 A.B") == ["Line 4 a.b"]
    assert lines(text="a+b") == []
    assert lines(day_from=day - timedelta(days=1), logger="launches") == ["The day before"]
    assert lines(day_from=day - timedelta(days=30), request_id="r2") == ["The day before"]
    assert lines(request_id="r2") == []


def test_log_search_reads_on_where_one_window_holds_more_than_a_page():
    SystemLog.add_many([make_log(0, key=f"{NOW:%Y%m%d%H%M%S%f}-h-1-{n:06d}", message=str(n)) for n in range(450)])

    found = SystemLog.search(day_from=NOW.date(), day_to=NOW.date(), limit=1000)

    assert [line.message for line in found] == [str(n) for n in reversed(range(450))]


def test_log_line_delivered_twice_is_once():
    assert SystemLog.add_many([make_log(1), make_log(2)]) == 2
    assert SystemLog.add_many([make_log(2), make_log(3)]) == 1
    assert SystemLog.count() == 3


def test_audit_pages_backwards_and_by_object():
    for event_id in range(1, 8):
        AuditTrail.append([make_audit(event_id, sequence=event_id, subject_id="41" if event_id % 2 else "42")])
    until = NOW + timedelta(days=400)

    first = AuditTrail.latest(limit=3, until=until)
    second = AuditTrail.latest(limit=3, until=until, before=AuditTrail.key_of(first[-1]))

    assert [entry.event_id for entry in first + second] == [7, 6, 5, 4, 3, 2]
    assert [entry.event_id for entry in AuditTrail.of_object("booking", 42)] == [6, 4, 2]


# --- credentials and tokens -------------------------------------------------------------------------------------------
def test_rehash_never_brings_an_old_password_back():
    Credentials.put(CredentialRecord(user_id=7, password_hash="changed", updated_at=NOW))

    assert Credentials.rehash(user_id=7, old_hash="old", new_hash="old-but-stronger", now=NOW) is False
    assert Credentials.rehash(user_id=7, old_hash="changed", new_hash="stronger", now=NOW) is True
    assert Credentials.get(7).password_hash == "stronger"
    assert Credentials.delete(7) is True
    assert Credentials.get(7) is None


@pytest.mark.race
def test_refresh_token_is_used_once_by_real_processes():
    for number in range(20):
        RefreshTokens.add(make_token(f"t{number}"))

    outcomes = race(
        lambda _: [RefreshTokens.use(f"t{number}", now=NOW).outcome for number in range(20)],
        count=4,
    )

    for attempts in zip(*outcomes, strict=True):
        assert sorted(attempts) == [TokenOutcome.ACCEPTED] + [TokenOutcome.REUSED] * 3


def test_token_that_cannot_be_used_says_why():
    RefreshTokens.add(make_token("old", expires_at=NOW))
    RefreshTokens.add(make_token("gone", family="f2"))
    RefreshTokens.revoke_user(7, now=NOW)
    RefreshTokens.add(make_token("late", family="f3", expires_at=NOW))

    assert RefreshTokens.use("none", now=NOW).outcome == TokenOutcome.UNKNOWN
    assert RefreshTokens.use("gone", now=NOW).outcome == TokenOutcome.REVOKED
    assert RefreshTokens.use("late", now=NOW).outcome == TokenOutcome.EXPIRED
    assert RefreshTokens.get("late").used_at is None


def test_token_of_a_revoked_family_is_born_revoked():
    RefreshTokens.add(make_token("t1"))
    assert RefreshTokens.revoke_family("f1", now=NOW) == 1

    assert RefreshTokens.add(make_token("t2")) is False
    assert RefreshTokens.use("t2", now=NOW).outcome == TokenOutcome.REVOKED


# --- the store away ---------------------------------------------------------------------------------------------------
def test_store_that_is_away_is_told_fast_and_by_name(mongo_servers):
    Trips.put(make_trip())
    mongo_servers.customer.stop()

    began = time.monotonic()
    with pytest.raises(DocumentStoreUnavailable) as refusal:
        Trips.get(41)
    assert time.monotonic() - began < 4
    assert (refusal.value.store, refusal.value.kind, refusal.value.code) == (
        "customer",
        "busy",
        "document_store_unavailable",
    )
    assert Credentials.get(7) is None

    mongo_servers.customer.start()
    assert Trips.get(41) == make_trip()


@pytest.mark.parametrize("url", ["nonsense", "mongodb://127.0.0.1:x/a", "mongodb://127.0.0.1:1/"])
def test_wrong_url_is_told_as_such(settings, url):
    settings.CUSTOMER_MONGODB_URL = url

    with pytest.raises(DocumentStoreUnavailable, match="customer document store"):
        Trips.get(1)


# --- indexes ----------------------------------------------------------------------------------------------------------
def test_ensure_is_done_once_and_mends_what_was_changed():
    assert [change for repository in repositories.ALL for change in repository.ensure()] == []
    mongo.customer().collection("trips").drop_index("of_customer")
    assert Trips.missing_indexes() == ["of_customer"]

    assert Trips.ensure() == ["trips: index of_customer created"]

    assert Trips.missing_indexes() == []
