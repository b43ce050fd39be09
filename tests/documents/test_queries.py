"""
Every question that the repositories ask is answered by an index.

All their methods are driven, what the driver sends is captured, and the server explains each filter: none may scan its
collection. The order is judged by the declared indexes, for servers differ in whether they tell how they sort.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from itertools import takewhile
from typing import Any
from uuid import UUID

import pytest
from pymongo import monitoring

from documents import mongo, repositories
from documents.mongo import stores
from documents.records import CredentialRecord, SecondFactor
from documents.repositories import (
    AuditTrail,
    Credentials,
    Offers,
    Profiles,
    RefreshTokens,
    RequestLog,
    SystemLog,
    Trips,
    WebhookSecrets,
)
from documents.repositories.by_key import Entry
from tests.documents.builders import NOW, make_audit, make_log, make_offer, make_profile, make_token, make_trip

pytestmark = pytest.mark.usefixtures("stores")

DAY = NOW.date()
CREDENTIAL = CredentialRecord(user_id=7, password_hash="argon2$x", updated_at=NOW)
FACTOR = SecondFactor(ciphertext="v1.x", recovery_hashes=("a",), enrolled_at=NOW)
_SPAN: dict[str, Any] = {"day_from": DAY - timedelta(days=2), "day_to": DAY}

# What is about a whole collection, or about the collection itself.
WHOLE = {
    "count", "count_about", "count_outside", "clear", "ensure", "is_validator", "lines", "lines_add", "missing_indexes",
}  # fmt: skip


def keyed(repository, make: Callable[..., Any]) -> dict[str, list[Callable[[], Any]]]:
    """The questions of each repository with keys from PostgreSQL."""
    return {
        "get": [partial(repository.get, 3)],
        "get_many": [partial(repository.get_many, range(1, 300))],
        "entries": [partial(repository.entries, [1, 2])],
        "scan": [partial(repository.scan, 0, 2)],
        "put": [partial(repository.put, make()), partial(repository.put, make())],
        "delete": [partial(repository.delete, 999)],
    }


def versioned(repository, make: Callable[..., Any]) -> dict[str, list[Callable[[], Any]]]:
    seen = Entry(3, 1, make())
    return keyed(repository, make) | {
        "put_again": [partial(repository.put_again, [make(), make()])],
        "put_newer": [partial(repository.put_newer, [make(), make()])],
        "put_many": [partial(repository.put_many, [make()])],
        "put_over_many": [partial(repository.put_over_many, [(make(), seen)])],
        "delete_many_seen": [partial(repository.delete_many_seen, [seen])],
    }


QUESTIONS: dict[type, dict[str, list[Callable[[], Any]]]] = {
    Profiles: keyed(Profiles, make_profile)
    | {
        "add_missing": [partial(Profiles.add_missing, make_profile())],
        "change": [partial(Profiles.change, make_profile(), lambda kept: kept)],
    },
    Offers: versioned(Offers, make_offer) | {"of_slug": [partial(Offers.of_slug, "a-slug")]},
    Trips: versioned(Trips, make_trip)
    | {
        "of_customer": [partial(Trips.of_customer, 7), partial(Trips.of_customer, 7, before_key=40)],
        "of_reference": [partial(Trips.of_reference, 7, "R00041")],
    },
    SystemLog: {
        "add_many": [partial(SystemLog.add_many, [make_log()])],
        "search": [
            partial(SystemLog.search, **_SPAN),
            partial(SystemLog.search, **_SPAN, before_key=make_log().key),
            partial(SystemLog.search, **_SPAN, level="WARNING"),
            partial(SystemLog.search, **_SPAN, logger="bookings"),
            partial(SystemLog.search, **_SPAN, request_id="r1"),
            partial(SystemLog.search, **_SPAN, text="seat"),
        ],
        "forget_before": [partial(SystemLog.forget_before, NOW - timedelta(days=90))],
    },
    RequestLog: {
        "add": [partial(RequestLog.add, [make_log()])],
        "of_request": [partial(RequestLog.of_request, "r1")],
        "forget_before": [partial(RequestLog.forget_before, NOW - timedelta(days=90))],
    },
    AuditTrail: {
        "key_of": [],
        "append": [partial(AuditTrail.append, [make_audit(sequence=1)])],
        "of_keys": [partial(AuditTrail.of_keys, [AuditTrail.key_of(make_audit())])],
        "stretch": [partial(AuditTrail.stretch, 0, 500)],
        "latest_in_chain": [partial(AuditTrail.latest_in_chain)],
        "count_above": [partial(AuditTrail.count_above, 1)],
        "of_object": [partial(AuditTrail.of_object, "booking", 41)],
        "latest": [
            partial(AuditTrail.latest, limit=2, until=NOW),
            partial(AuditTrail.latest, limit=2, until=NOW, before=AuditTrail.key_of(make_audit())),
        ],
    },
    Credentials: keyed(Credentials, lambda: CREDENTIAL)
    | {
        "rehash": [partial(Credentials.rehash, user_id=7, old_hash="a", new_hash="b", now=NOW)],
        "factor_put": [partial(Credentials.factor_put, user_id=7, factor=FACTOR, seen=one) for one in (None, FACTOR)],
        "factor_remove": [partial(Credentials.factor_remove, user_id=7, seen=FACTOR)],
    },
    WebhookSecrets: {
        "add": [partial(WebhookSecrets.add, secret_id=UUID(int=1), endpoint_id=UUID(int=2), secret="s", now=NOW)],
        "get": [partial(WebhookSecrets.get, secret_id=UUID(int=1), endpoint_id=UUID(int=2))],
        "forget": [
            partial(WebhookSecrets.forget, endpoint_id=UUID(int=2), keep=[], before=NOW),
            partial(WebhookSecrets.forget, endpoint_id=UUID(int=2), keep=[], before=NOW + timedelta(days=1)),
        ],
    },
    RefreshTokens: {
        "add": [partial(RefreshTokens.add, make_token())],
        "get": [partial(RefreshTokens.get, "t1")],
        "use": [partial(RefreshTokens.use, "t1", now=NOW)],
        "revoke_family": [partial(RefreshTokens.revoke_family, "f1", now=NOW)],
        "revoke_user": [partial(RefreshTokens.revoke_user, 7, now=NOW)],
    },
}


class Listener(monitoring.CommandListener):
    """Keeps the filter and the order of every question, by collection."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any], dict[str, int]]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        command = event.command
        if event.command_name == "find":
            self.asked.append((command["find"], command.get("filter", {}), dict(command.get("sort", {}))))
        elif event.command_name == "update":
            self.asked += [(command["update"], one["q"], {}) for one in command["updates"]]
        elif event.command_name == "delete":
            self.asked += [(command["delete"], one["q"], {}) for one in command["deletes"]]
        elif event.command_name == "aggregate":
            stages = command["pipeline"]
            self.asked.append((command["aggregate"], stages[0].get("$match", {}) if stages else {}, {}))
        else:
            assert event.command_name in ("insert", "hello", "ping", "endSessions", "explain"), event.command_name

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


@pytest.fixture
def listener(monkeypatch):
    """Hears what this process sends to the stores."""
    listener = Listener()
    client = partial(stores.pymongo.MongoClient, event_listeners=[listener])
    monkeypatch.setattr(stores.pymongo, "MongoClient", client)
    mongo.close()
    yield listener
    mongo.close()


def stages(plan: Mapping[str, Any]) -> set[str]:
    """The names of all stages of a plan."""
    found = {plan["stage"]} if "stage" in plan else set()
    for part in plan.values():
        for inner in part if isinstance(part, list) else [part]:
            if isinstance(inner, Mapping):
                found |= stages(inner)
    return found


def scans(repository, where: Mapping[str, Any]) -> bool:
    """
    Whether the server answers this filter by reading the whole collection.

    It is asked about the whole filter, and about each part that begins an index: what a part finds by its index, the
    rest only narrows. Not every server says so by itself when the rest has no index.
    """
    indexes = [("_id",), *(tuple(name for name, _ in index.fields) for index in repository.indexes)]
    beginnings = [tuple(takewhile(where.__contains__, fields)) for fields in indexes]
    parts = [where, *({name: where[name] for name in fields} for fields in beginnings if fields)]
    return all("COLLSCAN" in stages(winning_plan(repository, part)) for part in parts)


def winning_plan(repository, where: Mapping[str, Any]) -> Mapping[str, Any]:
    database = repository.store()._database()
    command = {"find": repository.name, "filter": where}
    return database.command("explain", command, verbosity="queryPlanner")["queryPlanner"]["winningPlan"]


def is_ordered(repository, where: Mapping[str, Any], sort: Mapping[str, int]) -> bool:
    """Whether a declared index gives the order: its fields are compared for equality up to those of the sort."""
    fixed = {name for name, value in where.items() if not isinstance(value, Mapping) or set(value) == {"$in"}}
    for index in repository.indexes:
        fields = [name for name, _ in index.fields]
        while fields and fields[0] in fixed and fields[0] not in sort:
            fields.pop(0)
        if fields[: len(sort)] == list(sort):
            return True
    return not sort


def test_every_question_is_driven():
    asked = {
        repository: {
            name
            for name in dir(repository)
            if not name.startswith("_")
            and name not in WHOLE
            and getattr(getattr(repository, name), "__self__", None) is repository
        }
        for repository in repositories.ALL
    }

    assert asked == {repository: set(QUESTIONS.get(repository, {})) for repository in repositories.ALL}


def names(repository) -> str:
    return repository.name


@pytest.mark.parametrize("repository", repositories.ALL, ids=names)
def test_no_question_reads_a_whole_collection(repository, listener):
    for questions in QUESTIONS[repository].values():
        for question in questions:
            question()
    asked = [(where, sort) for name, where, sort in listener.asked if name == repository.name]
    assert asked

    assert [where for where, _ in asked if scans(repository, where)] == []
    assert [(where, sort) for where, sort in asked if not is_ordered(repository, where, sort)] == []


def test_a_question_without_an_index_is_seen(listener):
    """The control: the same look at a filter, and at an order, that no index serves."""
    Trips.put(make_trip())
    Trips._documents().find({"status": "confirmed"}, sort=[("booking_id", 1)])
    Trips._documents().find({"customer_id": 7}, sort=[("status", 1)])
    Trips._documents().delete_all({"launch_id": 3})

    asked = [(where, sort) for name, where, sort in listener.asked if name == "trips"][-3:]

    assert [scans(Trips, where) for where, _ in asked] == [True, False, True]
    assert [is_ordered(Trips, where, sort) for where, sort in asked] == [True, False, True]


def test_a_question_whose_index_is_gone_is_seen():
    where = {"customer_id": 7, "booking_id": {"$lt": 40}}
    assert not scans(Trips, where)

    for name in ("of_customer", "by_booking"):
        Trips._documents().drop_index(name)
    try:
        assert scans(Trips, where)
    finally:
        Trips.ensure()
    assert not scans(Trips, where)
