"""
A web process that is killed at a numbered step of a request, and what its caller sees.

Every statement that writes, both sides of every commit, both sides of every call of the gateway, and the moment before
the answer is sent count as a step, so that walking over the numbers cuts the request wherever a cut can leave something
else behind. KILL_AT_READS=yes (`make kills`) counts every other statement too.
"""

import http.client
import json
import signal
import socketserver
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.urls import resolve
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from finance.gateways.sandbox import SandboxGateway
from tests import steps
from tests.faults.until import until
from tests.forks import fork

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
    steps.wait_for_end()
    return answer


def ask_again(request: Request) -> Answer:
    """Send a request again whose answer was lost, until the database has noticed the end of who was at it."""
    answers: list[Answer] = []

    def is_answered() -> bool:
        answers.append(ask(request))
        return answers[-1].code != "idempotency_key_in_use"

    until(is_answered, "the key of a dead process is free", within_s=30)  # half of what its lock lasts
    return answers[-1]


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
    step = steps.counter(kill_at)
    steps.begin(step, calls=[(SandboxGateway, name) for name in _GATEWAY_CALLS], is_torn=is_torn)
    site = WSGIHandler()

    def application(environ: Any, start_response: Any) -> Any:
        answer = site(environ, start_response)
        step()
        return answer

    server.set_app(application)
    server.handle_request()
    connections.close_all()
