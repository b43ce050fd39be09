"""A refusal frees a key; after any other failure of its request, who asks again goes on with the same attempt."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from common import idempotency
from common.errors import Busy, InvalidInput
from common.models import IdempotencyRecord

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()


def ask(call, *, key="key-1", at=NOW):
    return idempotency.run(actor_id=1, key=key, operation="POST /things/", request={"a": 1}, now=at, call=call)


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

    ask(done([]), key="another", at=NOW + timedelta(seconds=1))
    answer = ask(done(seen), at=NOW + timedelta(seconds=2))

    assert answer.status == 201
    assert [attempt.is_again for attempt in seen] == [False, True]
