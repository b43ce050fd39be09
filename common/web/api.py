"""What API views share: reading input, keys that make a repeat safe, paging."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast
from uuid import uuid4

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common import idempotency
from common.errors import DomainError, InvalidInput
from common.idempotency import Attempt
from common.web.problems import STATUS, problem

S = TypeVar("S", bound=serializers.Serializer[Any])
LIMIT_MAX = 100
_threads = threading.local()


def read_input(serializer: type[S], data: Any) -> dict[str, Any]:
    """Return the validated input. Raises: ValidationError, answered as problem+json with a sentence a field."""
    values: dict[str, Any] = _reader(serializer).run_validation(data)
    return values


def _reader(serializer: type[S]) -> S:
    """
    Return this thread's reader of that kind.

    A serializer copies all its fields when it is made, which costs more than what it does with them afterwards; one
    that only reads keeps nothing between two readings.
    """
    readers: dict[type[Any], Any] = _threads.__dict__.setdefault("readers", {})
    if serializer not in readers:
        readers[serializer] = serializer()
    found: S = readers[serializer]
    return found


def read_limit(request: Request, default: int = 25) -> int:
    """Return the page size asked for, 1 to 100. Raises: InvalidInput."""
    raw = request.query_params.get("limit", str(default))
    if not raw.isdecimal() or len(raw) > 3 or not 1 <= int(raw) <= LIMIT_MAX:
        raise InvalidInput(fields={"limit": f"Ask for 1 to {LIMIT_MAX} entries a page."})
    return int(raw)


class IdempotentView(APIView):
    """A view whose POST makes seats or money: a repeat with the same Idempotency-Key gets the first answer."""

    accepts_idempotency_key = True

    def answer_once(self, request: Request, call: Callable[[], tuple[int, Any]]) -> Response:
        """
        Answer with what `call` returns (status, body), remembered under the caller's key if there is one.

        The body is never remembered in clear where it holds card details: only its hash is kept.
        """
        return self.answer_attempt(request, lambda _: call())

    def answer_attempt(self, request: Request, call: Callable[[Attempt], tuple[int, Any]]) -> Response:
        """Answer once, where `call` must know what an earlier process that died over it had made already."""
        key = request.headers.get("Idempotency-Key")
        if key is None:
            status, body = call(Attempt(uuid4(), is_again=False))
            return Response(body, status=status)
        answer = idempotency.run(
            actor_id=cast("int", request.user.pk),
            key=key,
            operation=f"{request.method} {request.path}",
            request=request.data,
            now=timezone.now(),
            call=partial(_answered, call),
        )
        headers = {"Idempotent-Replayed": "true"} if answer.is_replay else {}
        content_type = "application/problem+json" if answer.status >= 400 else None
        return Response(answer.body, status=answer.status, headers=headers, content_type=content_type)


def _answered(call: Callable[[Attempt], tuple[int, Any]], attempt: Attempt) -> tuple[int, Any]:
    """Turn a failure that left something behind into an answer, so that a repeat gets it again."""
    try:
        return call(attempt)
    except DomainError as error:
        if not error.is_committed:
            raise
        status = STATUS[error.kind]
        return status, problem(
            status=status, code=error.code, detail=error.message, fields=error.fields, facts=error.facts
        )
