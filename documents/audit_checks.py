"""Checks of the audit trail: start one, do it, and tell IT when something is broken."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django_q.tasks import async_task

from common import context, jobs, outbox
from common.context import Origin
from documents import audit_proof, events
from documents.enums import CheckStatus
from documents.errors import AuditCheckRunning
from documents.models import AuditCheck

log = logging.getLogger(__name__)

TASK_TIMEOUT_S = 3600
DEAD_AFTER = timedelta(seconds=TASK_TIMEOUT_S)


@transaction.atomic
def check_start(*, origin: Origin, actor_id: int | None = None, actor_email: str = "") -> AuditCheck:
    """Open a check; one whose process has died is closed first."""
    problem = "Its process ended without finishing."
    dead = AuditCheck.objects.filter(status=CheckStatus.RUNNING, started_at__lt=Now() - DEAD_AFTER)
    for check in dead.select_for_update().order_by("pk"):
        AuditCheck.objects.filter(pk=check.pk).update(status=CheckStatus.FAILED, ended_at=Now(), problem=problem)
        jobs.job_run_follow_up(run_id=check.job_run_id, error=problem)
    return AuditCheck.objects.create(
        origin=origin, actor_id=actor_id, actor_email=actor_email, job_run_id=context.current().job_run_id
    )


@transaction.atomic
def check_request(*, origin: Origin, actor_id: int | None = None, actor_email: str = "") -> AuditCheck:
    """Open a check and have the worker do it. Raises: AuditCheckRunning while another one is at work."""
    if AuditCheck.objects.filter(status=CheckStatus.RUNNING, started_at__gte=Now() - DEAD_AFTER).exists():
        raise AuditCheckRunning
    check = check_start(origin=origin, actor_id=actor_id, actor_email=actor_email)
    async_task(
        "documents.tasks.audit_check",
        check.pk,
        q_options={"task_name": f"check the audit trail {check.pk}", "timeout": TASK_TIMEOUT_S},
    )
    return check


def check_run(*, check_id: int, progress: audit_proof.Progress | None = None) -> AuditCheck:
    """
    Do an open check and return it; one that has ended, or that another process does, is left as it is.

    IT is told of a break by an event.

    Must not be called inside a transaction: it reads the document store for as long as it takes.

    Raises: DocumentStoreUnavailable (the check is closed as failed first).
    """
    is_ours = AuditCheck.objects.filter(pk=check_id, claimed_at=None).update(claimed_at=Now())
    check = AuditCheck.objects.get(pk=check_id)
    if not is_ours:
        return check
    with context.scope(actor_id=check.actor_id, actor_email=check.actor_email):
        try:
            proof = audit_proof.prove(progress=progress or _silent)
        except BaseException as error:
            _end(check, CheckStatus.FAILED, audit_proof.Proof(problem=str(error) or type(error).__name__))
            raise
        _end(check, CheckStatus.BROKEN if proof.problem else CheckStatus.WHOLE, proof)
    return check


def _silent(_: audit_proof.Proof) -> None:
    """Show no progress."""


def _end(check: AuditCheck, status: CheckStatus, proof: audit_proof.Proof) -> None:
    with transaction.atomic():
        check.status = status
        check.entries, check.older_entries, check.events = proof.entries, proof.older_entries, proof.events
        check.problem, check.broken_at = proof.problem[:2000], proof.broken_at
        AuditCheck.objects.filter(pk=check.pk).update(
            status=status,
            entries=check.entries,
            older_entries=check.older_entries,
            events=check.events,
            problem=check.problem,
            broken_at=check.broken_at,
            ended_at=Now(),
        )
        if status == CheckStatus.BROKEN:
            log.error("The audit trail is broken: %s", check.problem)
            outbox.publish(
                events.AuditBroken(check_id=check.pk, broken_at=check.broken_at, problem=check.problem),
                actor_id=check.actor_id,
            )
        # That the trail is broken is what it is there to find, and no failure of the job.
        jobs.job_run_follow_up(
            run_id=check.job_run_id,
            result=check.sentence,
            error=check.problem if status == CheckStatus.FAILED else "",
        )
    check.refresh_from_db()
