"""The same request with the same key is done once and answered alike (IETF draft idempotency-key-header)."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, transaction
from django.utils.crypto import salted_hmac

from common.errors import DomainError, InvalidInput, Kind
from common.models import IdempotencyRecord
from common.postgres import statements

KEPT_FOR = timedelta(hours=24)
LOCKED_FOR = timedelta(seconds=60)
_ATTEMPTS = UUID("5f0c1a52-6f4b-4d0e-9d7f-6a3b2c8e1d47")  # the namespace of their ids


class KeyReused(DomainError):
    """The key was used before with another request."""

    code = "idempotency_key_reused"
    sentence = "This Idempotency-Key was used before with a different request. Use a new key for a new request."


class StillRunning(DomainError):
    """The first request with this key has not finished."""

    code = "idempotency_key_in_use"
    kind = Kind.CONFLICT
    sentence = "The first request with this Idempotency-Key is still running. Ask again in a moment."


@dataclass(frozen=True)
class Answer:
    """What was answered, and whether from memory."""

    status: int
    body: Any
    is_replay: bool


@dataclass(frozen=True)
class Attempt:
    """
    The doing of a request. Whoever makes something new names it after the id, and looks for it when it is done again.

    Args:
        id: the same whenever this request is done again.
        is_again: a process died over it, which may have done a part of it, or all.
    """

    id: UUID
    is_again: bool


def run(
    *, actor_id: int, key: str, operation: str, request: Any, now: datetime, call: Callable[[Attempt], tuple[int, Any]]
) -> Answer:
    """
    Call once per actor and key; repeat the first answer afterwards. Must run outside a transaction.

    Args:
        operation: what is asked for, e.g. "POST /api/v1/customer/holds/".
        request: the request's content; another content under the same key is refused.
        call: does it, and returns (HTTP status, body as plain data). If it refuses, the key is free again; if it fails
            in any other way, what it has done is not known, and who asks again goes on with the same attempt.
    Raises: InvalidInput, KeyReused, StillRunning, and whatever `call` raises.
    """
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise InvalidInput(fields={"Idempotency-Key": "Send 1 to 200 printable characters, for example a UUID."})
    # Keyed with the site's secret: a plain hash of few possible contents, such as a card number, could be guessed.
    plain_request = json.dumps([operation, request], sort_keys=True, cls=DjangoJSONEncoder)
    digest = salted_hmac("common.idempotency", plain_request, algorithm="sha256").hexdigest()
    record, is_again = _claim(actor_id, key, operation, digest, now)
    if record.status is not None:
        return Answer(record.status, record.body, is_replay=True)
    try:
        status, body = call(Attempt(uuid5(_ATTEMPTS, str(record.pk)), is_again))
        plain = json.loads(json.dumps(body, cls=DjangoJSONEncoder))
        IdempotencyRecord.objects.filter(pk=record.pk).update(status=status, body=plain)
    except Exception as error:
        if isinstance(error, DomainError) and error.kind != Kind.BUSY:
            IdempotencyRecord.objects.filter(pk=record.pk).delete()
        else:
            # The record stays, and with it the attempt's id: what was committed is not known. Where the connection is
            # lost, whoever asks again sees that it is.
            with suppress(DatabaseError):
                IdempotencyRecord.objects.filter(pk=record.pk, status=None).update(locked_until=now)
        raise
    return Answer(status, plain, is_replay=False)


def _is_held(backend_pid: int | None) -> bool:
    """
    Tell whether the connection that holds a key, for all of its request, is still there, or may be.

    Of a process that died it ends at once, so who asks again need not wait for `LOCKED_FOR`; that is for what cannot be
    told so: a number that another connection has got meanwhile, a machine that vanished without a word, a pooler.
    """
    found = statements.rows("SELECT %s IN (SELECT pid FROM pg_stat_activity)", [backend_pid])
    return found[0][0] is not False


# A pooler invents the process id that it tells its clients; what stands behind it may serve others, and end before us.
_NEW = """
    INSERT INTO common_idempotencyrecord (actor_id, key, operation, request_hash, locked_until, backend_pid)
    VALUES (%s, %s, %s, %s, %s, CASE WHEN pg_backend_pid() = %s THEN pg_backend_pid() END)
    ON CONFLICT (actor_id, key) DO NOTHING
    RETURNING id
"""
_AGAIN = """
    UPDATE common_idempotencyrecord
    SET locked_until = %s, backend_pid = CASE WHEN pg_backend_pid() = %s THEN pg_backend_pid() END
    WHERE id = %s
"""


def _claim(actor_id: int, key: str, operation: str, digest: str, now: datetime) -> tuple[IdempotencyRecord, bool]:
    connection.ensure_connection()
    holder = connection.connection.info.backend_pid
    values = [actor_id, key, operation[:200], digest, now + LOCKED_FOR, holder]
    if made := statements.rows(_NEW, values):
        return IdempotencyRecord(pk=made[0][0]), False
    old = IdempotencyRecord.objects.filter(actor_id=actor_id, key=key, created_at__lt=now - KEPT_FOR)
    if old.delete()[0] and (made := statements.rows(_NEW, values)):
        return IdempotencyRecord(pk=made[0][0]), False
    with transaction.atomic():
        record = IdempotencyRecord.objects.select_for_update().filter(actor_id=actor_id, key=key).first()
        if record is None:
            raise StillRunning
        if record.request_hash != digest:
            raise KeyReused
        if record.status is None:
            if record.locked_until > now and _is_held(record.backend_pid):
                raise StillRunning
            # Its process died: whoever asks again takes over. What it had done is found by the service's own keys, or
            # by the attempt's id.
            with connection.cursor() as cursor:
                cursor.execute(_AGAIN, [now + LOCKED_FOR, holder, record.pk])
        return record, True


def clean_up(*, now: datetime) -> int:
    """Forget records older than a day; return how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]
