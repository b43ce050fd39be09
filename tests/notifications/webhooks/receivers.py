"""A receiver of webhooks on loopback: a real HTTP(S) server that answers as a test says and keeps what it got."""

import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Call:
    """What came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """
    Answers 204 unless told otherwise.

    status: what it answers. answer: bytes written instead of a proper answer, then the connection is closed.
    on_call: called with the call before it is answered; may wait, raise or kill.
    """

    port: int = 0
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    answer: bytes | None = None
    is_dripping: bool = False
    on_call: Callable[[Call], None] | None = None
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    calls: list[Call] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    _server: Any = None
    _is_well: bool = False
    calls_while_ill: int = 0

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}/hooks?from=astro"

    @property
    def ids(self) -> list[str]:
        return [call.id for call in self.calls]

    def start(self) -> "Receiver":
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                call = Call(self.path, {k.lower(): v for k, v in self.headers.items()}, self.rfile.read(length))
                receiver.calls.append(call)
                while receiver.is_dripping and not receiver.released.wait(0.1):
                    try:
                        self.wfile.write(b"H")
                    except OSError:
                        return
                if receiver.on_call:
                    receiver.on_call(call)
                with suppress(OSError):  # who called may have gone
                    self._answer()

            def _answer(self) -> None:
                if receiver.answer is not None:
                    self.wfile.write(receiver.answer)
                    self.close_connection = True
                    return
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 50

            def handle_error(self, *_: Any) -> None:
                """A broken handshake is what some tests want."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        if self.tls:
            # Handshakes happen in the request's own thread: reading begins there.
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def get_well(self) -> None:
        """Take everything from now on."""
        if self._is_well:
            return
        self._is_well, self.calls_while_ill = True, len(self.calls)
        self.status, self.headers, self.answer, self.is_dripping = 204, {}, None, False
        if self._server is None:
            self.start()

    def stop(self) -> None:
        self.released.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def hang(self, _: Call) -> None:
        """Wait until the receiver is stopped; for `on_call`."""
        self.released.wait(30)


def certificate_for(name: str, place: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for a host name that signs itself; return a server's context and the file to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = place / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, path
