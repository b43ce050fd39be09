"""What a job queues ends the job's run on record as it ends itself, and IT hears when it keeps failing."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from common import job_state, jobs
from common.models import JobRun, OutboxEvent
from documents import audit_checks, services
from documents.errors import DocumentStoreUnavailable
from documents.models import DEAD_AFTER, AuditCheck, ReconciliationRun
from notifications import services as notification_services
from tests.factories import EmployeeFactory

pytestmark = [pytest.mark.usefixtures("stores"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _it():
    EmployeeFactory(employee_role="it", email="it@example.org")
    OutboxEvent.objects.all().delete()


def work_off() -> None:
    """Do what the documents have queued, as the worker does: what a task raises is its own affair."""
    for row in OrmQ.objects.order_by("pk"):
        task = SignedPackage.loads(row.payload)
        row.delete()
        if task["func"].startswith("documents.tasks."):
            try:
                import_string(task["func"])(*task["args"])
            except DocumentStoreUnavailable:
                continue


def tick(name: str) -> tuple[str, str, str]:
    """Let a job's hour come, and its work be done; return how its latest run stands."""
    jobs.job_run(name=name)
    work_off()
    run = JobRun.objects.filter(job=name).latest("pk")
    return run.status, run.result, run.error


def sent() -> list[mail.EmailMessage]:
    notification_services.notifications_send_due(now=timezone.now() + timedelta(minutes=1), limit=50)
    return mail.outbox


AWAY = "The {} document store cannot be reached just now. Please try again in a moment."


@pytest.mark.parametrize(("job", "store"), [("reconcile", "customer"), ("check the audit trail", "logs")])
def test_three_times_without_its_store_are_failures_and_a_mail_to_it(
    job, store, mongo_servers, short_timeouts, deliver, settings
):
    getattr(mongo_servers, store).stop()
    outcomes = []
    for _ in range(3):
        outcomes.append(tick(job))
        deliver()

    assert [(status, error.endswith(AWAY.format(store))) for status, _, error in outcomes] == [("failed", True)] * 3
    slug = job.replace(" ", "-")
    assert job_state.job_state(slug=slug).failures_in_a_row == 3
    (found,) = [one for one in sent() if "keeps failing" in one.subject]
    assert (found.to, job in found.subject) == (["it@example.org"], True)
    assert AWAY.format(store) in found.body
    assert f"{settings.SITE_URL}/employee/jobs/{slug}/" in found.body


@pytest.mark.parametrize(
    ("job", "result"),
    [
        ("reconcile", "Reconciliation {}: done, drift 1, failed 0"),  # our employee has never set a password
        ("check the audit trail", "The audit trail is whole"),
    ],
)
def test_the_run_on_record_says_what_came_of_it_and_how_long_it_took(job, result, deliver):
    deliver()
    jobs.job_run(name=job)
    run = JobRun.objects.get(job=job)
    queued, ended_at = run.result, run.ended_at
    work_off()

    run.refresh_from_db()
    number = getattr(ReconciliationRun.objects.first(), "pk", "")
    assert "is queued" in queued
    assert (run.status, run.result.startswith(result.format(number)), run.error) == ("done", True, "")
    assert run.ended_at > ended_at


def test_a_success_ends_the_row_of_failures(mongo_servers, short_timeouts):
    mongo_servers.customer.stop()
    first = tick("reconcile")[0]
    mongo_servers.customer.start()
    services.mongo.forget_failures()

    assert (first, tick("reconcile")[0]) == ("failed", "done")
    assert job_state.job_state(slug="reconcile").failures_in_a_row == 0


def test_a_tick_that_finds_the_place_taken_counts_neither_as_failed_nor_as_done(mongo_servers, short_timeouts):
    mongo_servers.customer.stop()
    tick("reconcile")
    jobs.job_run(name="reconcile")  # takes longer than an hour ...
    jobs.job_run(name="reconcile")
    work_off()  # ... and fails then

    ended = JobRun.objects.order_by("pk").values_list("status", flat=True)
    assert list(ended) == ["failed", "failed", "skipped"]
    assert job_state.job_state(slug="reconcile").failures_in_a_row == 2


def test_work_that_died_or_was_never_begun_is_a_failure_when_its_place_is_taken():
    jobs.job_run(name="reconcile")
    jobs.job_run(name="check the audit trail")
    ReconciliationRun.objects.update(heartbeat_at=Now() - DEAD_AFTER - timedelta(seconds=1))
    AuditCheck.objects.update(started_at=Now() - audit_checks.DEAD_AFTER - timedelta(seconds=1))
    jobs.job_run(name="reconcile")
    jobs.job_run(name="check the audit trail")

    for job in ("reconcile", "check the audit trail"):
        dead, fresh = JobRun.objects.filter(job=job).order_by("pk")
        assert (dead.status, dead.error) == ("failed", "Its process ended without finishing.")
        assert fresh.status == "done"


def test_work_that_fails_before_its_job_has_returned_stays_failed(mongo_servers, short_timeouts, monkeypatch):
    """The worker's other process was quick."""
    mongo_servers.customer.stop()
    request = services.reconciliation_request

    def at_once(**arguments):
        run = request(**arguments)
        with pytest.raises(DocumentStoreUnavailable):
            services.reconciliation_run(run_id=run.pk, settle_s=0)
        return run

    monkeypatch.setattr(services, "reconciliation_request", at_once)
    run = jobs.job_run(name="reconcile")

    assert (run.status, "customer" in run.error) == ("failed", True)


def test_what_a_person_starts_on_the_page_is_no_run_of_the_job(mongo_servers, short_timeouts):
    tick("reconcile")
    mongo_servers.customer.stop()
    run = services.reconciliation_request(origin="portal")
    work_off()

    run.refresh_from_db()
    assert (run.status, run.job_run_id) == ("failed", None)
    assert JobRun.objects.get().status == "done"
