"""Looking at every launch's viability by schedule (domain.md, Viability; launches.policies has the days)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bookings import selectors
from launches import selectors as launch_selectors
from launches import services as launch_services

log = logging.getLogger(__name__)

BATCH = 100


@dataclass(frozen=True, kw_only=True)
class ViabilityVerdict:
    """What was done, or in a dry run would be done, about a launch: outcome is aborted, warned or failed."""

    launch_id: int
    slug: str
    outcome: str
    seats_sold: int
    seats_needed: int


@dataclass(kw_only=True)
class ViabilityReport:
    """How many launches' day had come, and what became of them; the others have sold enough."""

    looked_at: int = 0
    warned: int = 0
    aborted: int = 0
    failed: int = 0


def viability_check(
    *, now: datetime, is_dry_run: bool = False, tell: Callable[[ViabilityVerdict], None] | None = None
) -> ViabilityReport:
    """
    Warn the suppliers of launches that are not viable, and abort those whose time is over.

    Safe to run at any time and twice: each launch is decided by its dates under its own lock. One that cannot be
    decided stops no other. Memory does not grow with the number of launches.

    Args:
        tell: hears of each launch that something is done about.
    """
    report, after = ViabilityReport(), 0
    while True:
        due, following = launch_selectors.viabilities_due(now=now, after=after, limit=BATCH)
        sold = selectors.seats_sold(launch_ids=[one.launch_id for one in due])
        for one in due:
            report.looked_at += 1
            count = sold[one.launch_id]
            if count >= one.seats_needed:
                continue
            outcome = ("aborted" if one.is_check_due else "warned") if is_dry_run else _decide(one.launch_id, now)
            if outcome:
                setattr(report, outcome, getattr(report, outcome) + 1)
                if tell is not None:
                    tell(
                        ViabilityVerdict(
                            launch_id=one.launch_id,
                            slug=one.slug,
                            outcome=outcome,
                            seats_sold=count,
                            seats_needed=one.seats_needed,
                        )
                    )
        if following is None:
            return report
        after = following


def _decide(launch_id: int, now: datetime) -> str:
    try:
        return launch_services.launch_viability_decide(
            launch_id=launch_id, seats_sold=lambda: selectors.seats_sold(launch_ids=[launch_id])[launch_id], now=now
        )
    except Exception:  # one launch must not keep the others waiting
        log.exception("The viability of launch %s could not be decided", launch_id)
        return "failed"
