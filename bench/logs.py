"""What the handler that writes log lines to their store costs a request: `python -m bench.logs`."""

import logging
import os
import sys
import time
from statistics import median

from bench.site import site

ROUNDS, REQUESTS = 5, 100
LINES_AT_ONCE = 5_000  # fewer than the queue holds
LINES = 3  # a request, beside the one of its failure
PATH = "/nowhere/"  # a page that is not there: a line is logged, no table of ours is read


def main() -> int:
    """Measure in turns with and without the handler, on a site of its own; print medians and their ratio."""
    with site() as here:
        os.environ.update(here.env)
        import django
        from django.db import connections

        django.setup()
        try:
            line_us = _line_us()  # first: the other one leaves the root logger without handlers
            with_it, without = _measure()
        finally:
            connections.close_all()
    for name, found in (("with the handler", with_it), ("without", without)):
        print(f"{name:44}{found[0] * 1000:9.2f} ms{found[1] * 1000:9.2f} ms")
    print(f"{'with / without':44}{with_it[0] / without[0]:9.2f}   {with_it[1] / without[1]:9.2f}")
    print(f"{'the line of a request, stdout and store':44}{line_us:9.0f} us of processor time")
    return 0


def _measure() -> tuple[tuple[float, float], tuple[float, float]]:
    """Return median and 95th percentile of a request in seconds, with the handler and without."""
    from django.test import Client

    from documents.logs import MongoLogHandler

    root = logging.getLogger()
    (handler,) = [one for one in root.handlers if isinstance(one, MongoLogHandler)]
    for console in [one for one in root.handlers if one is not handler]:
        root.removeHandler(console)  # the terminal's own cost is another matter
    root.addHandler(logging.NullHandler())  # without any, warnings go to the terminal after all
    client = Client(headers={"X-Forwarded-Proto": "https"}, SERVER_NAME="127.0.0.1")
    _requests(client)  # warm
    found: dict[bool, list[float]] = {True: [], False: []}
    print(f"{'':44}{'median':>12}{'p95':>12}", flush=True)
    for turn in range(2 * ROUNDS):
        is_on = turn % 2 == 0
        (root.addHandler if is_on else root.removeHandler)(handler)
        found[is_on] += _requests(client)
    return _figures(found[True]), _figures(found[False])


def _line_us() -> float:
    """Return the processor time of one successful request's line in microseconds, the writer's thread included."""
    from django.http import HttpResponse
    from django.test import RequestFactory
    from django.urls import resolve

    from common import context, logs
    from common.logs import ContextFilter
    from common.web.access import request_tell
    from documents.logs import MongoLogHandler
    from documents.redaction import JsonFormatter

    root = logging.getLogger()
    (store,) = [one for one in root.handlers if isinstance(one, MongoLogHandler)]
    request, answer = RequestFactory().post("/api/v1/customer/checkouts/"), HttpResponse(status=201)
    request.resolver_match = resolve(request.path)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        stdout = logging.StreamHandler(nowhere)
        stdout.setFormatter(JsonFormatter())
        logging.getLogger(logs.REQUESTS).setLevel(logging.INFO)  # as LOG_REQUESTS=yes does
        before, root.handlers = root.handlers, [stdout, store]
        stdout.addFilter(ContextFilter())
        store.flush()
        found = []
        for _ in range(ROUNDS):
            began = time.process_time()
            for _ in range(LINES_AT_ONCE):
                with context.scope(request_id=context.new_request_id(), origin=context.Origin.API, actor_id=7):
                    request_tell(request, answer, 0.0082)
            store.flush()
            found.append((time.process_time() - began) / LINES_AT_ONCE * 1e6)
        root.handlers = before
    return median(found)


def _requests(client: object) -> list[float]:
    log = logging.getLogger("bench")
    times = []
    for number in range(REQUESTS):
        began = time.perf_counter()
        client.get(PATH)  # type: ignore[attr-defined]
        for line in range(LINES):
            log.info("Line %s of request %s", line, number, extra={"launch_id": 7})
        times.append(time.perf_counter() - began)
    return times


def _figures(times: list[float]) -> tuple[float, float]:
    return median(times), sorted(times)[int(len(times) * 0.95)]


if __name__ == "__main__":
    sys.exit(main())
