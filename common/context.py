"""Who is doing what, from where: set by doors, read by events, logs and history rows."""

import contextvars
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Origin(StrEnum):
    """The door a change came through."""

    PORTAL = "portal"
    API = "api"
    COMMAND = "command"
    JOB = "job"


@dataclass(frozen=True, kw_only=True)
class Context:
    """The present request, command or job."""

    request_id: str = ""
    origin: Origin = Origin.COMMAND
    actor_id: int | None = None
    actor_email: str = ""
    address: str = ""  # of the visitor's network, for quotas and events; '' in commands and jobs
    job_run_id: int | None = None  # of the job (common.jobs) that this is a part of
    is_awaited: bool = False  # somebody waits for the answer, so a store that is away is not asked again and again


_current: contextvars.ContextVar[Context] = contextvars.ContextVar("astro_context", default=Context())  # noqa: B039 - frozen


def current() -> Context:
    """Return the context of the running request, command or job."""
    return _current.get()


def new_request_id() -> str:
    """Return a fresh id that ties log lines, events and mails of one request together."""
    return uuid.uuid4().hex[:20]


def update(**changes: Any) -> None:
    """Change the running context; for middleware that learns more on the way."""
    _current.set(replace(_current.get(), **changes))


def begin(**known: Any) -> None:
    """Start afresh with what is known and a new request id; what starts a job calls it."""
    _current.set(Context(**{"request_id": new_request_id(), **known}))


def clear(**_: Any) -> None:
    """Forget the running context; what ends a request calls it."""
    _current.set(Context())


@contextmanager
def scope(**changes: Any) -> Iterator[Context]:
    """Run a block under a changed context and restore the old one after."""
    token = _current.set(replace(_current.get(), **changes))
    try:
        yield _current.get()
    finally:
        _current.reset(token)
