"""What the reconciliation and the audit trail's checks find."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class DriftFound:
    """
    A run that repairs has ended, however, and the stores had differed; figures over all its data sets.

    is_whole: it came to its end. Else more may differ than it got to.
    """

    name: ClassVar[str] = "documents.reconciliation.drift_found"
    run_id: int
    missing: int
    stale: int
    orphaned: int
    repaired: int
    failed: int
    is_whole: bool


@dataclass(frozen=True, kw_only=True)
class AuditBroken:
    """A check found that the audit trail is not whole; `broken_at` is the place of the first broken entry, or None."""

    name: ClassVar[str] = "documents.audit.broken"
    check_id: int
    broken_at: int | None
    problem: str
