"""
A pooler that hands out server connections by transaction, as far as its clients notice: it tells them a process id of
its own, and what the server says while no statement is under way reaches nobody.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

OWN_KEY = struct.pack("!II", 4_000_000, 1)


@contextmanager
def pooler(*, host: str, port: int) -> Iterator[int]:
    """Stand before a PostgreSQL server, for clients without TLS; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_serve, args=(door, host, port), daemon=True).start()
        yield door.getsockname()[1]


def _serve(door: socket.socket, host: str, port: int) -> None:
    with suppress(OSError):  # the door is shut
        while True:
            client, _ = door.accept()
            server = socket.create_connection((host, port))
            at_work = threading.Event()
            for work in (_ask, _answer):
                threading.Thread(target=work, args=(client, server, at_work), daemon=True).start()


def _ask(client: socket.socket, server: socket.socket, at_work: threading.Event) -> None:
    with closing(server), suppress(OSError):
        while asked := client.recv(65536):
            at_work.set()
            server.sendall(asked)
        server.shutdown(socket.SHUT_RDWR)


def _answer(client: socket.socket, server: socket.socket, at_work: threading.Event) -> None:
    with closing(client), suppress(OSError), server.makefile("rb") as answers:
        while len(head := answers.read(5)) == 5:
            kind, length = struct.unpack("!cI", head)
            body = answers.read(length - 4)
            if kind == b"A" and not at_work.is_set():
                continue
            if kind == b"Z":
                at_work.clear()
            client.sendall(head + (OWN_KEY if kind == b"K" else body))
