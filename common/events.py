"""What happened to deliveries and jobs, told like everything else: the audit trail has it."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class EventParked:
    """A consumer gave an event up until a person decides; told of its first one, and again after none was parked."""

    name: ClassVar[str] = "common.event.parked"
    event_id: int
    event_name: str
    consumer: str
    error: str


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


@dataclass(frozen=True, kw_only=True)
class JobRequested:
    """A person asked for a run of a job beside its schedule."""

    name: ClassVar[str] = "common.job.requested"
    job: str
    job_run_id: int


@dataclass(frozen=True, kw_only=True)
class JobKeepsFailing:
    """A job has failed so many times in a row; once until it succeeds again."""

    name: ClassVar[str] = "common.job.keeps_failing"
    job: str
    job_run_id: int
    failures: int
    error: str
