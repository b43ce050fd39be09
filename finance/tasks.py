"""Jobs, run by django-q2; safe to run twice."""

from datetime import date

from common import clock, context
from common.context import Origin
from finance import errors, services


def payments_settle() -> int:
    """Find out about open payments, send due refunds, act on callbacks that came too early; every minute."""
    with context.scope(origin=Origin.JOB):
        now = clock.now()
        return (
            services.sandbox_callbacks_send(now=now)
            + services.payments_settle(now=now)
            + services.callbacks_settle(now=now)
            + services.refunds_send_due(now=now)
        )


def launches_settle() -> int:
    """Issue statements and invoices of launches that are over; every five minutes."""
    with context.scope(origin=Origin.JOB):
        return services.launches_settle_due(now=clock.now())


def days_sum_up() -> int:
    """Tell finance what the day before brought; hourly, so that it is told soon after midnight (UTC)."""
    with context.scope(origin=Origin.JOB):
        return services.days_sum_up(now=clock.now())


def invoices_chase() -> int:
    """Mark overdue invoices and remind of them; daily."""
    with context.scope(origin=Origin.JOB):
        return services.invoices_chase(now=clock.now())


def payouts_send() -> int:
    """Pay suppliers what their statements say; daily."""
    with context.scope(origin=Origin.JOB):
        return services.payouts_send_due(now=clock.now())


def money_reconcile(
    *, day: str | None = None, is_dry_run: bool = False, actor_id: int | None = None, actor_email: str = ""
) -> str:
    """Reconcile all money, unless a run is at work already; daily, and when an employee asks."""
    origin = Origin.JOB if actor_id is None else Origin.PORTAL
    request_id = context.new_request_id()
    with context.scope(origin=origin, request_id=request_id, actor_id=actor_id, actor_email=actor_email):
        try:
            run = services.money_reconcile(
                now=clock.now(), day=date.fromisoformat(day) if day else None, is_dry_run=is_dry_run
            )
        except errors.MoneyReconciliationRunning as error:
            return error.message
        return f"Money reconciliation {run.pk}: {run.found} found, {run.repaired} repaired"
