"""One structured line per log record on stdout, with the request's context."""

import logging
from typing import Any

from pythonjsonlogger.json import JsonFormatter as _JsonFormatter

from common import context


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
