"""One structured line per log record on stdout, with the request's context."""

import logging
from typing import Any

from pythonjsonlogger.json import JsonFormatter as _JsonFormatter

from common import context

# Note [Lines of known words]
# Masking costs more than all else that is done to a line. One whose every word is ours (routes, numbers, the context),
# as the line of each request, says so by this attribute of its record, and is written as it is.
KNOWN = "has_known_words"
REQUESTS = "common.web.access"  # who logs how requests ended


class ContextFilter(logging.Filter):
    """Put request id, origin and actor on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the fields; let every record pass."""
        now = context.current()
        record.request_id = now.request_id
        record.origin = str(now.origin)
        record.actor_id = now.actor_id
        return True


class JsonFormatter(_JsonFormatter):
    """JSON with the fields we search by."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s %(origin)s %(actor_id)s", **options
        )
