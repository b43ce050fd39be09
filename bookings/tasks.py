"""Jobs, run by django-q2; safe to run twice."""

from bookings import services
from common import clock, context
from common.context import Origin


def holds_expire() -> int:
    """Close lapsed holds, unpaid bookings and moves that were not finished; every minute."""
    with context.scope(origin=Origin.JOB):
        now = clock.now()
        return services.holds_expire(now=now) + services.rebookings_expire(now=now)


def holds_warn() -> int:
    """Tell customers whose unpaid seats are free again in a few minutes; every minute."""
    with context.scope(origin=Origin.JOB):
        return services.holds_warn(now=clock.now())


def slips_tend() -> int:
    """Remind of questions about slips, and close those whose deadline has passed; every ten minutes."""
    with context.scope(origin=Origin.JOB):
        now = clock.now()
        return services.slips_lapse(now=now) + services.slips_remind(now=now)


def waiting_lists_serve() -> int:
    """Offer free seats to those who wait for them; every minute."""
    with context.scope(origin=Origin.JOB):
        return services.waiting_lists_serve(now=clock.now())


def viability_check() -> int:
    """Warn of launches that sell too few seats, and abort those whose time is over; every hour."""
    with context.scope(origin=Origin.JOB):
        report = services.viability_check(now=clock.now())
    return report.warned + report.aborted
