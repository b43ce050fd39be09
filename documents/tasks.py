"""Jobs of documents, run by django-q2."""

import logging

from django.conf import settings
from django.utils import timezone

from common import context, jobs
from common.context import Origin
from documents import audit_checks, selectors, services
from documents.errors import AuditCheckRunning, DocumentStoreUnavailable, ReconciliationRunning
from documents.repositories import RequestLog, SystemLog
from documents.repositories.journals import SYSTEM_LOG_KEPT_FOR

log = logging.getLogger(__name__)


def reconcile(run_id: int) -> str:
    """Do an opened reconciliation; a second delivery of the job does nothing."""
    with context.scope(origin=Origin.JOB):
        return services.reconciliation_run(run_id=run_id).sentence


def reconcile_scheduled() -> str:
    """
    Reconcile what something happened to since the run before, and everything once a night; hourly.

    A run at work is left to its end. A night's full run that failed, or found the place taken, is made up for an hour
    later, because what counts is whether there has been one since the hour of the night. The job's run on record ends
    as the reconciliation ends, so failures show and are told (services.reconciliation_request).

    Raises: JobGivesWay while a run is at work.
    """
    with context.scope(origin=Origin.JOB):
        is_full = selectors.reconciliation_is_full_due(now=timezone.now(), hour=settings.RECONCILE_FULL_HOUR)
        try:
            run = services.reconciliation_request(origin=Origin.JOB, is_full=is_full)
        except ReconciliationRunning as error:
            raise jobs.JobGivesWay(error.message) from error
        return f"{'Full reconciliation' if is_full else 'Reconciliation'} {run.pk} is queued."


def logs_forget() -> int:
    """Delete log lines that are older than 90 days; daily. Where the store's own index does it, there are none."""
    with context.scope(origin=Origin.JOB):
        before = timezone.now() - SYSTEM_LOG_KEPT_FOR
        return SystemLog.forget_before(before) + RequestLog.forget_before(before)


def audit_check(check_id: int) -> str:
    """Do an opened check of the audit trail; a second delivery of the job does nothing."""
    with context.scope(origin=Origin.JOB):
        try:
            return audit_checks.check_run(check_id=check_id).sentence
        except DocumentStoreUnavailable as error:
            log.warning("The audit trail was not checked: %s", error.message)
            return error.message


def audit_check_scheduled() -> str:
    """Have the audit trail checked, unless that is under way; daily. The job's run ends as the check ends."""
    with context.scope(origin=Origin.JOB):
        try:
            check = audit_checks.check_request(origin=Origin.JOB)
        except AuditCheckRunning as error:
            raise jobs.JobGivesWay(error.message) from error
        return f"Check {check.pk} of the audit trail is queued."
