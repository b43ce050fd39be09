"""Many clients at once from one process: as light as can be, for it shares the cores with what it measures."""

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Result:
    """What came back: seconds each, counted by status; `took_s` from the first request to the last answer."""

    took_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    sample: dict[int, bytes] = field(default_factory=dict)

    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies_s) / self.took_s if self.took_s else 0.0

    def percentile_ms(self, percent: float) -> float:
        """Return so many percent's slowest latency in milliseconds."""
        ordered = sorted(self.latencies_s)
        return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)] * 1000 if ordered else 0.0


def post(path: str, body: bytes, token: str, *headers: str) -> bytes:
    """Build a request of the API, ready to be sent."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Authorization: Bearer {token}",
        "X-Forwarded-Proto: https",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(*, port: int, requests: Iterable[bytes], clients: int) -> Result:
    """Send the requests from so many connections, each the next as soon as its last was answered."""
    result = Result()
    waiting = iter(requests)
    selector = selectors.DefaultSelector()
    sent_at: dict[socket.socket, float] = {}
    heard: dict[socket.socket, bytes] = {}

    def send_next(connection: socket.socket) -> bool:
        request = next(waiting, None)
        if request is None:
            return False
        heard[connection] = b""
        sent_at[connection] = time.perf_counter()
        connection.sendall(request)
        return True

    began_at = time.perf_counter()
    for _ in range(clients):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        if not send_next(connection):
            selector.unregister(connection)
            connection.close()
    while selector.get_map():
        for key, _ in selector.select():
            connection = key.fileobj  # type: ignore[assignment]
            data = connection.recv(65536)
            heard[connection] += data
            answer = _complete(heard[connection])
            if answer is None and data:
                continue
            result.latencies_s.append(time.perf_counter() - sent_at[connection])
            status = answer if answer is not None else 0
            result.statuses[status] += 1
            result.sample.setdefault(status, heard[connection])
            if not data or not send_next(connection):
                selector.unregister(connection)
                connection.close()
    result.took_s = time.perf_counter() - began_at
    return result


def _complete(data: bytes) -> int | None:
    """Return the status of a whole answer; None while some of it is still to come."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return None
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(head[9:12]) if len(body) >= int(value) else None
    return int(head[9:12]) if body.endswith(b"0\r\n\r\n") else None
