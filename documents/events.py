"""What the reconciliation finds."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class DriftFound:
    """A run that repairs has ended and the stores had differed; figures over all its data sets."""

    name: ClassVar[str] = "documents.reconciliation.drift_found"
    run_id: int
    missing: int
    stale: int
    orphaned: int
    repaired: int
    failed: int
