"""What happens to launches."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class LaunchEvent:
    """Common to all: which launch, and its version after the change."""

    launch_id: int
    supplier_id: int
    version: int


@dataclass(frozen=True, kw_only=True)
class LaunchScheduled(LaunchEvent):
    """A draft was published: seats are on sale."""

    name: ClassVar[str] = "launches.launch.scheduled"


@dataclass(frozen=True, kw_only=True)
class LaunchConfirmed(LaunchEvent):
    """The supplier declared it viable."""

    name: ClassVar[str] = "launches.launch.confirmed"


@dataclass(frozen=True, kw_only=True)
class LaunchDelayed(LaunchEvent):
    """It leaves later; bookings stay."""

    name: ClassVar[str] = "launches.launch.delayed"
    old_departure_at: datetime
    old_departure_precision: str
    departure_at: datetime
    departure_precision: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class LaunchAborted(LaunchEvent):
    """It will not leave; everybody gets all money back."""

    name: ClassVar[str] = "launches.launch.aborted"
    reason: str


@dataclass(frozen=True, kw_only=True)
class LaunchLaunched(LaunchEvent):
    """It left and succeeded."""

    name: ClassVar[str] = "launches.launch.launched"


@dataclass(frozen=True, kw_only=True)
class LaunchFailed(LaunchEvent):
    """It left and failed; everybody gets all money back."""

    name: ClassVar[str] = "launches.launch.failed"
    reason: str


@dataclass(frozen=True, kw_only=True)
class LaunchChanged(LaunchEvent):
    """Something else that people see has changed: price, description, an imported date."""

    name: ClassVar[str] = "launches.launch.changed"
    fields: tuple[str, ...]
