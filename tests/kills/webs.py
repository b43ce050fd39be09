"""
A web process that is killed at a numbered step of a request, and what its caller sees.

Every statement that writes, both sides of every commit, both sides of every call of the gateway, and the moment before
the answer is sent count as a step, so that walking over the numbers cuts the request wherever a cut can leave something
else behind. KILL_AT_READS=yes (`make kills`) counts every other statement too.
"""

import gc
import http.client
import json
import os
import re
import signal
import socketserver
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections, transaction
from django.db.backends.signals import connection_created
from django.urls import resolve
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from common.models import IdempotencyRecord
from finance.gateways.sandbox import SandboxGateway
from tests.forks import fork

_ALIVE = 20260301  # an advisory lock that every connection of a web process shares, for as long as it lives
_EVERY_STATEMENT = os.environ.get("KILL_AT_READS") == "yes"
_LEAVES_NOTHING = re.compile(r"\s*(SELECT|SAVEPOINT|RELEASE)\b")
_GATEWAY_CALLS = ("create", "confirm", "status", "abandon", "refund", "refund_status")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A customer's POST; sent again it is the same, with the same key."""

    customer: User
    path: str
    body: Any = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(uuid4()))

    @property
    def url(self) -> str:
        """Where it goes."""
        return f"/api/v1/{self.path}"

    @property
    def headers(self) -> dict[str, str]:
        """Who asks, and the key."""
        token = tokens.make(user=self.customer, purpose=tokens.ACCESS, now=timezone.now())
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": self.key}


@dataclass(frozen=True)
class Answer:
    """What a caller got."""

    status: int
    body: Any

    @property
    def code(self) -> str:
        """The code of a refusal; '' when it is none."""
        return self.body.get("code", "") if self.status >= 400 else ""


def ask(request: Request) -> Answer:
    """Send a request to a web process that lives on: this one."""
    answer = APIClient().post(request.url, request.body, format="json", headers=request.headers)
    return Answer(answer.status_code, answer.json())


def ask_and_kill(request: Request, *, kill_at: int, is_torn: bool = False) -> Answer | None:
    """
    Send a request to a web process of its own, which is killed at that step; None when it was.

    Args:
        is_torn: commit each statement on its own, as if there were no transactions (for a control).
    Returns when the database has noticed the end of the process: what was not committed is gone.
    """
    resolve(request.url)  # what is loaded before the fork need not be loaded in each child
    with _Server(("127.0.0.1", 0), _Quiet) as server:
        process = fork.Process(target=_serve_one, args=(server, kill_at, is_torn), daemon=True)
        process.start()
        caller = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    answer: Answer | None = None
    try:
        headers = {**request.headers, "Content-Type": "application/json"}
        caller.request("POST", request.url, json.dumps(request.body), headers)
        got = caller.getresponse()
        answer = Answer(got.status, json.loads(got.read()))
    except (http.client.HTTPException, ConnectionError):
        pass  # cut off
    finally:
        caller.close()
    process.join()
    assert process.exitcode == (-signal.SIGKILL if answer is None else 0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ALIVE])
    return answer


def ask_again(request: Request) -> Answer:
    """Send a request again whose answer was lost, as a patient caller does: as long as the first seems to run, wait."""
    answer = ask(request)
    if answer.code == "idempotency_key_in_use":
        IdempotencyRecord.objects.filter(actor_id=request.customer.pk, key=request.key).update(
            locked_until=timezone.now()
        )
        answer = ask(request)
    return answer


# --- in the web process ---------------------------------------------------------------------------
class _Server(WSGIServer):
    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # without asking for the name of the address
        self.server_name, self.server_port = self.server_address[:2]
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is its parent's
        pass


def _serve_one(server: _Server, kill_at: int, is_torn: bool) -> None:
    gc.disable()  # it lives for one request; collecting would copy all the parent's memory
    step = _counter(kill_at)
    connection_created.connect(_show_alive, weak=False)
    connection.ensure_connection()
    _count(step, is_torn)
    site = WSGIHandler()

    def application(environ: Any, start_response: Any) -> Any:
        answer = site(environ, start_response)
        step()
        return answer

    server.set_app(application)
    server.handle_request()
    connections.close_all()


def _counter(kill_at: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if done == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def _show_alive(*, connection: Any, **_: Any) -> None:
    connection.connection.execute("SELECT pg_advisory_lock_shared(%s)", [_ALIVE])


def _count(step: Callable[[], None], is_torn: bool) -> None:
    commit = connection._commit

    def counted_commit() -> None:
        step()
        commit()
        step()

    def counted_statement(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        if _EVERY_STATEMENT or not _LEAVES_NOTHING.match(str(sql)):
            step()
        done = execute(sql, params, many, context)
        if is_torn and connection.in_atomic_block:
            connection.connection.commit()
        return done

    connection._commit = counted_commit
    connection.execute_wrappers.append(counted_statement)
    for name in _GATEWAY_CALLS:
        setattr(SandboxGateway, name, _counted(getattr(SandboxGateway, name), step))


def _counted(call: Callable[..., Any], step: Callable[[], None]) -> Callable[..., Any]:
    def counted(*args: Any, **values: Any) -> Any:
        step()
        try:
            return call(*args, **values)
        finally:
            step()

    return counted
