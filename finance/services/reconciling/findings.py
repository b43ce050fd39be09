"""What a run of `reconcile_money` finds, in words."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from finance.enums import MoneyDifference

NAMED_UP_TO = 500  # so many findings are kept in words, the others are only counted


@dataclass(frozen=True, kw_only=True)
class Finding:
    """
    A difference.

    Args:
        kind: its class.
        subject: what it is about: "payment <id>", "booking ABC234", "launch 7".
        expected, found: what each side says, in words and amounts.
        done: what was done about it, or what somebody should look at.
    """

    kind: MoneyDifference
    subject: str
    expected: str
    found: str
    done: str
    is_repaired: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as the run keeps it."""
        values = asdict(self)
        kind, is_repaired = values.pop("kind"), values.pop("is_repaired")
        return {"class": kind.value, "label": kind.label, **values, "repaired": is_repaired}


@dataclass(kw_only=True)
class Report:
    """What a run has looked at and found so far."""

    now: datetime
    day: date | None
    is_dry_run: bool
    settle_s: float
    looked_at: int = 0
    found: int = 0
    repaired: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Count a difference, and keep it in words while there are not too many."""
        self.found += 1
        self.repaired += finding.is_repaired
        if len(self.findings) < NAMED_UP_TO:
            self.findings.append(finding)
