"""Stable codes of the package."""

from django.db.models import TextChoices


class Range(TextChoices):
    """How far a rocket flies, nearest first."""

    SUBORBITAL = "suborbital", "Suborbital"
    LOW_EARTH_ORBIT = "low_earth_orbit", "Low Earth orbit"
    MOON = "moon", "Moon"
    MARS = "mars", "Mars"


class LaunchStatus(TextChoices):
    """Where a launch stands; launches.policies has the moves."""

    DRAFT = "draft", "Draft"
    SCHEDULED = "scheduled", "Scheduled"
    CONFIRMED = "confirmed", "Confirmed"
    DELAYED = "delayed", "Delayed"
    ABORTED = "aborted", "Aborted"
    LAUNCHED = "launched", "Launched"
    FAILED = "failed", "Failed"


class SupplierStatus(TextChoices):
    """Whether a supplier may sell."""

    APPLIED = "applied", "Applied"
    APPROVED = "approved", "Approved"
    SUSPENDED = "suspended", "Suspended"


class MemberRole(TextChoices):
    """What a supplier member works on."""

    OWNER = "owner", "Owner"
    OPERATOR = "operator", "Operator"
    FINANCE = "finance", "Finance"
    GATE = "gate", "Gate"


ON_SALE = (LaunchStatus.SCHEDULED, LaunchStatus.CONFIRMED, LaunchStatus.DELAYED)
