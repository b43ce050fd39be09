"""
Keys are kept for a day with their answers; a refusal frees one; after any other failure of its request, who asks again
goes on with the same attempt.
"""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from bookings.models import Hold
from common import idempotency, tasks
from common.errors import Busy, InvalidInput
from common.models import IdempotencyRecord
from tests.api import client_of
from tests.factories import LaunchFactory, UserFactory
from tests.faults.until import until
from tests.pooler import pooler

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()


KEPT = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)


def ask(call, *, key="key-1", at=NOW, request=None):
    return idempotency.run(
        actor_id=1, key=key, operation="POST /things/", request=request or {"a": 1}, now=at, call=call
    )


def made_at(key="key-1"):
    """The instant a key was first used, by the database's clock."""
    return IdempotencyRecord.objects.get(key=key).created_at


def raising(error, seen):
    def call(attempt):
        seen.append(attempt)
        raise error

    return call


def done(seen):
    def call(attempt):
        seen.append(attempt)
        return 201, {"made": True}

    return call


def test_a_refusal_frees_the_key():
    seen = []

    with pytest.raises(InvalidInput):
        ask(raising(InvalidInput(fields={"a": "No."}), seen))

    assert not IdempotencyRecord.objects.exists()
    assert ask(done(seen)).status == 201
    assert [attempt.is_again for attempt in seen] == [False, False]


@pytest.mark.parametrize("error", [OperationalError("gone"), RuntimeError("bug"), Busy()], ids=repr)
def test_after_any_other_failure_who_asks_again_goes_on_at_once_with_the_same_attempt(error):
    seen = []

    with pytest.raises(type(error)):
        ask(raising(error, seen))
    answer = ask(done(seen), at=NOW + timedelta(seconds=1))

    assert (answer.status, answer.is_replay) == (201, False)
    assert [attempt.is_again for attempt in seen] == [False, True]
    assert seen[0].id == seen[1].id


def test_keys_of_requests_that_failed_with_the_database_are_open_as_soon_as_it_is_back(postgres_server):
    seen = []

    def call(attempt):
        seen.append(attempt)
        postgres_server.stop()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    with pytest.raises(OperationalError):
        ask(call)
    postgres_server.start()
    connection.close()
    assert IdempotencyRecord.objects.get().locked_until > NOW + timedelta(seconds=2)

    answer = ask(done(seen), at=NOW + timedelta(seconds=2))

    assert answer.status == 201
    assert [attempt.is_again for attempt in seen] == [False, True]


@pytest.fixture
def behind_pooler(monkeypatch):
    connection.close()
    there = connection.get_connection_params()
    with pooler(host=there["host"], port=int(there["port"])) as port:
        monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        monkeypatch.setitem(connection.settings_dict, "PORT", port)
        options = {**connection.settings_dict["OPTIONS"], "sslmode": "disable", "gssencmode": "disable"}
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
        yield
        connection.close()


def cut_off(seen):
    """A request whose process ends in the middle, and its connection with it."""
    with pytest.raises(SystemExit):
        ask(raising(SystemExit(), seen))
    connection.close()


def test_the_key_of_a_process_that_died_is_free_with_its_connection():
    seen = []
    cut_off(seen)

    until(lambda: not holders(), "the server has noticed")
    ask(done(seen))

    assert [attempt.is_again for attempt in seen] == [False, True]
    assert seen[0].id == seen[1].id


def holders():
    """The connections that keys name and the server still has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE pid IN (SELECT backend_pid FROM common_idempotencyrecord)"
        )
        return cursor.fetchall()


def test_behind_a_pooler_which_tells_of_no_connection_the_key_is_free_after_a_minute(behind_pooler):
    seen = []
    cut_off(seen)

    with pytest.raises(idempotency.StillRunning):
        ask(done(seen), at=NOW + timedelta(seconds=60) - MOMENT)
    ask(done(seen), at=NOW + timedelta(seconds=60))

    assert [attempt.is_again for attempt in seen] == [False, True]


@pytest.mark.parametrize("age", [timedelta(hours=23, minutes=59), KEPT], ids=str)
def test_a_repeat_within_a_day_gets_the_first_answer(age):
    seen = []
    ask(done(seen))

    again = ask(done(seen), at=made_at() + age)

    assert (again.status, again.body, again.is_replay) == (201, {"made": True}, True)
    assert len(seen) == 1
    with pytest.raises(idempotency.KeyReused):
        ask(done(seen), at=made_at() + age, request={"a": 2})


@pytest.mark.parametrize("request_", [{"a": 1}, {"a": 2}], ids=str)
def test_after_a_day_the_same_key_is_a_new_attempt_also_for_another_request(request_):
    seen = []
    ask(done(seen))

    again = ask(done(seen), at=made_at() + KEPT + MOMENT, request=request_)

    assert (again.status, again.is_replay) == (201, False)
    assert [attempt.is_again for attempt in seen] == [False, False]
    assert seen[0].id != seen[1].id
    assert IdempotencyRecord.objects.count() == 1


def test_a_request_that_never_ended_is_gone_on_with_for_a_day_and_done_anew_after_it():
    seen = []
    with pytest.raises(RuntimeError):
        ask(raising(RuntimeError("bug"), seen))
    with pytest.raises(RuntimeError):
        ask(raising(RuntimeError("bug"), seen), at=made_at() + KEPT)

    ask(done(seen), at=made_at() + KEPT + MOMENT)

    assert [attempt.is_again for attempt in seen] == [False, True, False]
    assert seen[0].id == seen[1].id != seen[2].id


def test_the_daily_clean_up_removes_what_is_older_than_a_day_and_nothing_else():
    for key in ("fresh", "nearly a day", "over a day"):
        ask(done([]), key=key)
    for key, age in (("nearly a day", timedelta(hours=23, minutes=59)), ("over a day", KEPT + timedelta(minutes=1))):
        IdempotencyRecord.objects.filter(key=key).update(created_at=timezone.now() - age)

    removed = tasks.clean_up()

    assert removed == 1
    assert set(IdempotencyRecord.objects.values_list("key", flat=True)) == {"fresh", "nearly a day"}
    assert idempotency.clean_up(now=made_at("fresh") + KEPT) == 1
    assert idempotency.clean_up(now=made_at("fresh") + KEPT + MOMENT) == 1


@pytest.mark.parametrize(
    ("age", "answer"),
    [(timedelta(hours=23, minutes=59), (201, "true")), (timedelta(hours=24, minutes=1), (201, None))],
    ids=str,
)
def test_callers_of_the_api_get_the_first_answer_for_a_day(age, answer):
    launch, client = LaunchFactory(), client_of(UserFactory())
    body = {"launch_id": launch.pk, "party": 1}

    def post():
        return client.post("/api/v1/customer/holds/", body, headers={"Idempotency-Key": "k1"})

    first = post()
    IdempotencyRecord.objects.update(created_at=timezone.now() - age)
    again = post()

    assert (again.status_code, again.headers.get("Idempotent-Replayed")) == answer
    is_replay = answer[1] == "true"
    assert (again.json()["id"] == first.json()["id"]) is is_replay
    assert Hold.objects.count() == (1 if is_replay else 2)
