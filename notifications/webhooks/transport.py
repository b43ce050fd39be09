"""
One POST to one receiver: to a checked address, within one deadline, with little of the answer read.

http.client and ssl do the work; no proxies, no redirects, no cookies, no connections kept.
"""

import functools
import http.client
import io
import logging
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import certifi
from django.conf import settings

from notifications.webhooks import policies, targets
from notifications.webhooks.errors import TargetRefused
from notifications.webhooks.targets import Target

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """
    What came of an attempt: a status code with the beginning of the answer, or why there is none.

    retry_after: that header as it came, of answers that may have it; '' for none.
    """

    status_code: int | None = None
    retry_after: str = ""
    body: str = ""
    error: str = ""
    duration_ms: int = 0

    @property
    def is_success(self) -> bool:
        """Whether the receiver took it."""
        return policies.is_success(self.status_code)


def post(*, target: Target, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
    """
    Send, and say what came of it; whatever goes wrong is told in the answer, never raised.

    timeout_s: for everything together: looking the name up, connecting, sending, reading.
    """
    started = time.monotonic()
    deadline = started + timeout_s
    found: dict[str, Any]
    try:
        found = _exchange(target, headers, body, deadline)
    except TargetRefused as error:
        found = {"error": error.message}
    except TimeoutError:
        found = {"error": f"No answer within {timeout_s:g} seconds."}
    except ssl.SSLCertVerificationError as error:
        found = {"error": f"The certificate of {target.host} is not valid: {error.verify_message}."}
    except ssl.SSLError as error:
        found = {"error": f"TLS failed: {error.reason or type(error).__name__}."}
    except socket.gaierror:
        found = {"error": f"The host name {target.host} is unknown."}
    except (http.client.HTTPException, ValueError) as error:  # before OSError, for one of them is both
        found = {"error": f"The answer is broken off or is not HTTP ({type(error).__name__})."}
    except OSError as error:
        found = {"error": f"No connection to {target.host}: {error.strerror or type(error).__name__}."}
    except Exception as error:  # a fault of ours must not stop the round, and is tried again like any other
        log.exception("A webhook could not be sent to %s", target.host)
        found = {"error": f"Sending failed on our side ({type(error).__name__})."}
    return Answer(**found, duration_ms=round((time.monotonic() - started) * 1000))


def _exchange(target: Target, headers: Mapping[str, str], body: bytes, deadline: float) -> dict[str, Any]:
    addresses = targets.addresses_of(target, within_s=_left(deadline))
    plain = _connect(addresses, target.port, deadline)
    with plain:
        wire: socket.socket = plain
        if target.is_secure:
            plain.settimeout(_left(deadline))
            # The name, not the address: what the certificate must be for.
            wire = _trust(settings.WEBHOOK_CA_FILE).wrap_socket(plain, server_hostname=target.host)
        with wire:
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.sock = _TimedSocket(wire, deadline)
            all_headers = {"Host": target.host_header, "Connection": "close", **headers}
            connection.request("POST", target.path, body=body, headers=all_headers)
            answer = connection.getresponse()
            found = {"status_code": answer.status, "body": _beginning(answer), "error": _said(answer)}
            if answer.status in policies.BUSY_ANSWERS:
                found["retry_after"] = answer.getheader("Retry-After", "")
            return found


def _connect(addresses: list[str], port: int, deadline: float) -> socket.socket:
    """Connect to the first address that answers; each is one that was checked, and nothing is looked up again."""
    failure: OSError | None = None
    for address in addresses:
        wire = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            wire.settimeout(_left(deadline))
            wire.connect((address, port))
        except OSError as error:
            wire.close()
            failure = error
        else:
            return wire
    raise failure or TimeoutError


def _beginning(answer: http.client.HTTPResponse) -> str:
    """Read the first bytes; the status has said all that counts, so that what breaks off here does not matter."""
    try:
        raw = answer.read(policies.ANSWER_SHOWN)
    except (OSError, http.client.HTTPException, ValueError):
        raw = b""
    return raw.decode("utf-8", "replace").replace("\x00", "\ufffd")


def _said(answer: http.client.HTTPResponse) -> str:
    if policies.is_success(answer.status):
        return ""
    if 300 <= answer.status < 400:
        return f"The receiver answered {answer.status}: redirects are not followed. Give the final address."
    return f"The receiver answered {answer.status}."


@functools.lru_cache(maxsize=4)
def _trust(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=certifi.where())
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _TimedSocket:
    """A socket for http.client that gives every step only what is left of one deadline."""

    def __init__(self, wire: socket.socket, deadline: float) -> None:
        self._wire = wire
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send it all in the time that is left."""
        unsent = memoryview(data)
        while unsent:
            self._wire.settimeout(_left(self._deadline))
            unsent = unsent[self._wire.send(unsent) :]

    def makefile(self, mode: str, *_: Any) -> io.BufferedReader:
        """Return what the answer is read from."""
        return io.BufferedReader(_TimedReader(self._wire, self._deadline))

    def close(self) -> None:
        """Leave closing to the block that opened it: the answer is still to be read."""


class _TimedReader(io.RawIOBase):
    """Reads from the wire; a sender of single bytes gets no more time than any other."""

    def __init__(self, wire: socket.socket, deadline: float) -> None:
        self._wire = wire
        self._deadline = deadline

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for some bytes in the time that is left."""
        self._wire.settimeout(_left(self._deadline))
        return self._wire.recv_into(buffer)
