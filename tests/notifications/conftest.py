"""A mail server of our own; a launch and a customer that most tests of messages begin with."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.notifications.builders import World, make_it, make_user, make_world


@dataclass
class Sink:
    """What the mail server does and keeps. `on_step` is called with MAIL, RCPT or DATA before the answer."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    on_step: Any = None
    refuse: dict[str, str] = field(default_factory=dict)
    controller: Any = None
    callers: int = 0  # connections that are open now

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self._step("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self._step("RCPT")
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.original_content, _class=EmailMessage, policy=policy.default))
        self._step("DATA")
        return "250 OK"

    def _step(self, name: str) -> None:
        if self.on_step:
            self.on_step(name)

    def start(self) -> None:
        self.controller = _Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self) -> None:
        if self.controller:
            self.controller.stop()
            self.controller = None


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Counting(self.handler)


class _Counting(SMTP):
    """Tells the sink how many are connected: when nobody is, no mail can come any more."""

    def connection_made(self, transport: Any) -> None:
        self.event_handler.callers += 1
        super().connection_made(transport)

    def connection_lost(self, error: Any) -> None:
        super().connection_lost(error)
        self.event_handler.callers -= 1


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """Run a real SMTP server, and have Django send to it."""
    sink = Sink(port=_free_port())
    sink.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = sink.port
    settings.EMAIL_TIMEOUT = 10
    yield sink
    sink.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def world() -> World:
    """Give a supplier with an owner, and a launch on sale."""
    return make_world()


@pytest.fixture
def ada() -> Any:
    """Give a customer whose clock is not ours."""
    return make_user("ada@example.org", full_name="Ada Example", time_zone="Europe/Madrid")


@pytest.fixture
def it() -> Any:
    return make_it()
