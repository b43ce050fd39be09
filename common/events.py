"""What happened to deliveries, told like everything else: the audit trail has it."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class EventRetried:
    """A person had an event tried again that a consumer could not handle."""

    name: ClassVar[str] = "common.event.retried"
    event_id: int
    event: str
    consumer: str


@dataclass(frozen=True, kw_only=True)
class EventDropped:
    """A person decided that a consumer need not handle a parked event; `error` is what it had failed with."""

    name: ClassVar[str] = "common.event.dropped"
    event_id: int
    event: str
    consumer: str
    error: str
    reason: str
