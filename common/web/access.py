"""One line a request that failed, and with LOG_REQUESTS also for the others: found in the system log by its id."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from common import logs

log = logging.getLogger(logs.REQUESTS)

# The method is the caller's word; these are ours.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEALTH = "/healthz"  # asked every few seconds


def request_tell(request: HttpRequest, response: HttpResponse, duration_s: float) -> None:
    """
    Write how a request ended; who asked and its id stand on every line. Static files and health checks get none.

    What went well is told by its route, whose words are ours; what did not by its path, in place of the line that
    Django would write. Unless it is a route's own text, a path may be anything and is masked. Neither tells the query.
    """
    if request.path == _HEALTH or request.path.startswith(settings.STATIC_URL):
        return
    status, duration_ms = response.status_code, round(duration_s * 1000, 1)
    method = request.method if request.method in _METHODS else "(another method)"
    facts = {"status": status, "duration_ms": duration_ms}
    route = f"/{request.resolver_match.route}" if request.resolver_match is not None else ""
    if status < 400 and route:
        log.info("%s %s %s in %s ms", method, route, status, duration_ms, extra={**facts, logs.KNOWN: True})
        return
    log.log(
        logging.ERROR if status >= 500 else logging.WARNING if status >= 400 else logging.INFO,
        "%s %s %s %s in %s ms",
        method,
        request.path,
        status,
        response.reason_phrase,
        duration_ms,
        extra={**facts, logs.KNOWN: True} if request.path == route else facts,
    )
    response._has_been_logged = True  # type: ignore[attr-defined]  # django.utils.log looks at it
