"""What is offered, in the admin: found and read; states move through the same services as everywhere."""

from launches.admin.launches import LaunchAdmin, LaunchHistoryAdmin, LaunchSeatAdmin, LaunchSlugAdmin
from launches.admin.reference import CancellationPolicyAdmin, DestinationAdmin, SpaceportAdmin
from launches.admin.rockets import CabinSeatAdmin, RocketAdmin
from launches.admin.suppliers import SupplierAdmin, SupplierMemberAdmin

__all__ = [
    "CabinSeatAdmin",
    "CancellationPolicyAdmin",
    "DestinationAdmin",
    "LaunchAdmin",
    "LaunchHistoryAdmin",
    "LaunchSeatAdmin",
    "LaunchSlugAdmin",
    "RocketAdmin",
    "SpaceportAdmin",
    "SupplierAdmin",
    "SupplierMemberAdmin",
]
