"""What happens to launches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

Changes = Mapping[str, Mapping[str, Any]]  # {field: {"before": ..., "after": ...}}, values fit for JSON


@dataclass(frozen=True, kw_only=True)
class SupplierEvent:
    """Common to all: which supplier."""

    supplier_id: int


@dataclass(frozen=True, kw_only=True)
class SupplierCreated(SupplierEvent):
    """A supplier applied, or was entered."""

    name: ClassVar[str] = "launches.supplier.created"


@dataclass(frozen=True, kw_only=True)
class SupplierApproved(SupplierEvent):
    """It may sell from now on."""

    name: ClassVar[str] = "launches.supplier.approved"
    old_status: str
    new_status: str


@dataclass(frozen=True, kw_only=True)
class SupplierSuspended(SupplierEvent):
    """It may not sell any more; its launches leave the catalogue, bookings stay."""

    name: ClassVar[str] = "launches.supplier.suspended"
    old_status: str
    new_status: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SupplierChanged(SupplierEvent):
    """Its data were corrected: names, texts, contact, legal data."""

    name: ClassVar[str] = "launches.supplier.changed"
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class SupplierMemberAdded(SupplierEvent):
    """A user works for it from now on, and may what the role may."""

    name: ClassVar[str] = "launches.supplier.member_added"
    user_id: int
    role: str


@dataclass(frozen=True, kw_only=True)
class RocketCreated(SupplierEvent):
    """A supplier has a new vehicle."""

    name: ClassVar[str] = "launches.rocket.created"
    rocket_id: int


@dataclass(frozen=True, kw_only=True)
class RocketChanged(SupplierEvent):
    """A vehicle's texts, range or cabin are others, or it flies no more."""

    name: ClassVar[str] = "launches.rocket.changed"
    rocket_id: int
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class SpaceportCreated:
    """There is another place to leave from."""

    name: ClassVar[str] = "launches.spaceport.created"
    spaceport_id: int
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class SpaceportChanged:
    """A place to leave from was corrected."""

    name: ClassVar[str] = "launches.spaceport.changed"
    spaceport_id: int
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class DestinationCreated:
    """There is another place to go to."""

    name: ClassVar[str] = "launches.destination.created"
    destination_id: int
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class DestinationChanged:
    """A place to go to was corrected."""

    name: ClassVar[str] = "launches.destination.changed"
    destination_id: int
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class CancellationPolicyCreated:
    """There are other terms to sell under."""

    name: ClassVar[str] = "launches.cancellation_policy.created"
    cancellation_policy_id: int
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class CancellationPolicyChanged:
    """Other terms hold for what is sold from now on; bookings keep those they were sold under."""

    name: ClassVar[str] = "launches.cancellation_policy.changed"
    cancellation_policy_id: int
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class LaunchEvent:
    """Common to all: which launch, its version after the change, and what its status was and is where that moved."""

    launch_id: int
    supplier_id: int
    version: int
    old_status: str = ""
    new_status: str = ""


@dataclass(frozen=True, kw_only=True)
class LaunchDrafted(LaunchEvent):
    """A supplier began to plan it; nobody else sees it yet."""

    name: ClassVar[str] = "launches.launch.drafted"


@dataclass(frozen=True, kw_only=True)
class LaunchDraftDeleted(LaunchEvent):
    """A draft was thrown away."""

    name: ClassVar[str] = "launches.launch.deleted"


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
    """It leaves later by `slip_days` (calendar days at the spaceport); bookings stay."""

    name: ClassVar[str] = "launches.launch.delayed"
    announced_at: datetime
    slip_days: int
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
    changes: Changes = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LaunchViabilityWarned(LaunchEvent):
    """
    Too few seats are sold; it is aborted on `check_on` (ISO date, at the spaceport) if that stays so.

    seats_needed: sold seats, out of seats_on_sale, that make it viable.
    """

    name: ClassVar[str] = "launches.launch.viability_warned"
    seats_sold: int
    seats_needed: int
    seats_on_sale: int
    check_on: str
