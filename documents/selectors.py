"""Reads: reconciliation runs and the state of the document stores. Only doors for employees call them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from documents import mongo, reconcile, repositories
from documents.enums import CheckStatus, RunStatus
from documents.errors import ReconciliationNotFound
from documents.models import AuditCheck, ReconciliationRun
from documents.records import AuditRecord, SystemLogRecord


def reconciliation_list(*, limit: int = 20, before_id: int | None = None) -> list[ReconciliationRun]:
    """Return runs, the newest first; `before_id` is the last one of the page before."""
    runs = ReconciliationRun.objects.order_by("-pk")
    if before_id is not None:
        runs = runs.filter(pk__lt=before_id)
    return list(runs[:limit])


def reconciliation_get(*, run_id: int) -> ReconciliationRun:
    """Return a run; raises ReconciliationNotFound."""
    try:
        return ReconciliationRun.objects.get(pk=run_id)
    except ReconciliationRun.DoesNotExist:
        raise ReconciliationNotFound(run_id) from None


def reconciliation_running() -> ReconciliationRun | None:
    """Return the run that is at work, if any."""
    return ReconciliationRun.objects.filter(status=RunStatus.RUNNING).first()


def reconciliation_is_full_due(*, now: datetime, hour: int) -> bool:
    """Tell whether no full run that repairs was begun and finished since the latest time it was `hour` (UTC)."""
    night = now.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    if night > now:
        night -= timedelta(days=1)
    done = ReconciliationRun.objects.filter(status=RunStatus.DONE, is_full=True, is_dry_run=False)
    return not done.filter(
        started_at__gte=night, datasets__contains=[one.name for one in reconcile.registered()]
    ).exists()


def log_search(*, request_id: str = "", limit: int = 50, before_key: str = "", **filters: Any) -> list[SystemLogRecord]:
    """
    Return log lines, the newest first, as `SystemLog.search`; those of requests that went well only by their id.

    Raises: DocumentStoreUnavailable.
    """
    found = repositories.SystemLog.search(request_id=request_id, limit=limit, before_key=before_key, **filters)
    if request_id and filters.get("level", "") in ("", *repositories.LEVELS[:2]):
        found += [
            line
            for line in repositories.RequestLog.of_request(request_id)
            if filters["day_from"] <= line.at.date() <= filters["day_to"]
            and filters.get("text", "").lower() in line.message.lower()
            and (not before_key or line.key < before_key)
        ]
        found.sort(key=lambda line: line.key, reverse=True)
    return found[:limit]


def audit_list(
    *, now: datetime, kind: str = "", number: str = "", before_key: str = "", limit: int = 50
) -> list[AuditRecord]:
    """
    Return entries of the audit trail, the newest first; with a kind and a number those of one object, up to 200.

    Args:
        before_key: the key of the last entry of the page before; a made-up one finds nothing.
    Raises: DocumentStoreUnavailable.
    """
    if kind and number:
        entries = repositories.AuditTrail.of_object(kind, number)
        return [one for one in entries if not before_key or repositories.AuditTrail.key_of(one) < before_key][:limit]
    try:
        return repositories.AuditTrail.latest(limit=limit, until=now + timedelta(minutes=1), before=before_key)
    except ValueError:
        return []


@dataclass(frozen=True, slots=True)
class AuditStanding:
    """The latest check of the audit trail that has ended, and the one that is at work."""

    latest: AuditCheck | None
    running: AuditCheck | None


def audit_standing() -> AuditStanding:
    """Return how the audit trail stands. One query."""
    checks = list(AuditCheck.objects.order_by("-pk")[:2])
    running = next((check for check in checks if check.status == CheckStatus.RUNNING), None)
    return AuditStanding(next((check for check in checks if check is not running), None), running)


@dataclass(frozen=True, slots=True)
class CollectionStatus:
    """One collection as it stands."""

    store: str
    name: str
    exists: bool
    documents: int
    missing_indexes: tuple[str, ...]
    has_validator: bool

    @property
    def is_ready(self) -> bool:
        """Tell whether it is as it should be."""
        return self.exists and self.has_validator and not self.missing_indexes


def stores_status(*, wait_s: float = 120, is_quick: bool = False) -> list[CollectionStatus]:
    """
    Return every collection of ours with its count, missing indexes and validator.

    Args:
        is_quick: take the stores' word for the counts, which takes no time; else they count.
    Raises: DocumentStoreUnavailable.
    """
    with mongo.patient(wait_s):
        present = {store.label: store.validators() for store in (mongo.customer(), mongo.logs())}
        found = []
        for repository in repositories.ALL:
            label = repository.store().label
            exists = repository.name in present[label]
            count = (repository.count_about() if is_quick else repository.count()) if exists else 0
            missing = tuple(repository.missing_indexes())
            has_validator = repository.is_validator(present[label].get(repository.name))
            found.append(CollectionStatus(label, repository.name, exists, count, missing, has_validator))
        return found
