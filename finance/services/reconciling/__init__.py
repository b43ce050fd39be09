"""
`reconcile_money`: every cent explained.

Three comparisons: the gateways' books with our payments and refunds, those with the ledger, the ledger's rows with
bookings and invoices. What is found is said in a sentence; the known classes are made good, by the services that should
have done it or by a movement more, never by altering what is written; the rest is for people. docs/ledger.md has the
classes.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models.functions import Now
from django_q.tasks import async_task

from common import context, outbox
from finance import access, errors, events
from finance.models import MoneyReconciliationRun
from finance.services.reconciling.bookings import bookings_check, launches_check
from finance.services.reconciling.findings import Finding, Report
from finance.services.reconciling.gateways import gateways_check
from finance.services.reconciling.numbers import numbers_check

if TYPE_CHECKING:
    from accounts.models import User

__all__ = ["Finding", "Report", "money_reconcile", "money_reconcile_request"]

log = logging.getLogger(__name__)
SETTLE_S = 0.5  # what differs may be on its way this very moment
TASK_TIMEOUT_S = 3 * 3600
_LOCK = "finance.reconcile_money"


def money_reconcile(
    *, now: datetime, day: date | None = None, is_dry_run: bool = False, settle_s: float = SETTLE_S
) -> MoneyReconciliationRun:
    """
    Compare all money, or what moved on a day (UTC), repair the known differences, and keep what was found as a run.

    Must not be called inside a transaction: it asks the gateways. Safe while customers book.

    Args:
        is_dry_run: only say what differs.
        settle_s: how long to wait before a difference is looked at again.
    Raises: MoneyReconciliationRunning.
    """
    with _alone():
        here = context.current()
        run = MoneyReconciliationRun.objects.create(
            started_at=now, day=day, is_dry_run=is_dry_run, origin=here.origin, actor_id=here.actor_id
        )
        report = Report(now=now, day=day, is_dry_run=is_dry_run, settle_s=settle_s)
        gateways_check(report)
        bookings_check(report)
        launches_check(report)
        numbers_check(report)
        return _end(run, report)


def money_reconcile_request(*, actor: "User", day: date | None = None, is_dry_run: bool = False) -> None:
    """
    Have the worker reconcile, in the actor's name; the run shows in the list as soon as it begins.

    Raises: Forbidden.
    """
    access.money_desk_check(actor)
    async_task(
        "finance.tasks.money_reconcile",
        day=day and day.isoformat(),
        is_dry_run=is_dry_run,
        actor_id=actor.pk,
        actor_email=actor.email,
        q_options={"task_name": "reconcile money", "timeout": TASK_TIMEOUT_S},
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Let one run at a time in; the lock goes with the connection, so a dead run leaves none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [_LOCK])
        (is_ours,) = cursor.fetchone()
    if not is_ours:
        raise errors.MoneyReconciliationRunning
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [_LOCK])


def _end(run: MoneyReconciliationRun, report: Report) -> MoneyReconciliationRun:
    run.looked_at, run.found, run.repaired = report.looked_at, report.found, report.repaired
    run.findings = [finding.as_dict() for finding in report.findings]
    run.finished_at = Now()
    for finding in report.findings:
        log.warning("Money: %s; %s. %s", finding.kind.label, finding.subject, finding.done)
    with transaction.atomic():
        run.save()
        if run.found and not run.is_dry_run:
            outbox.publish(
                events.MoneyDifferencesFound(
                    run_id=run.pk, found=run.found, repaired=run.repaired, left=run.found - run.repaired
                )
            )
    run.refresh_from_db()
    return run
