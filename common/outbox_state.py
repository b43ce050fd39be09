"""How delivery from the outbox stands: for the people who look after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone
from django_q.status import Stat

from common import outbox_consumers
from common.models import OutboxFailure
from common.outbox_failures import FailureNotFound

LATE_AFTER = timedelta(minutes=3)


@dataclass(frozen=True, kw_only=True)
class ConsumerState:
    """
    One consumer: how many events lie ahead of it and since when, and whether it rests.

    retry_at: it waits for its store until then; None when it does not rest.
    """

    name: str
    waiting: int
    oldest_at: datetime | None
    latest_event_id: int
    retry_at: datetime | None
    failures_in_a_row: int

    @property
    def is_late(self) -> bool:
        """Whether its oldest event has waited longer than the minute's sweep explains."""
        return self.oldest_at is not None and timezone.now() - self.oldest_at > LATE_AFTER


def consumer_states() -> list[ConsumerState]:
    """Return how each registered consumer stands, by name. One query."""
    names = outbox_consumers.consumers()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.name, count(e.id), min(e.occurred_at), coalesce(p.event_id, 0), p.retry_at,
                   coalesce(p.failures_in_a_row, 0)
            FROM unnest(%s::text[]) AS c(name)
            LEFT JOIN common_outboxposition p ON p.consumer = c.name
            LEFT JOIN common_outboxevent e ON (e.xid, e.id) > (coalesce(p.xid, 0), coalesce(p.event_id, 0))
            GROUP BY c.name, p.event_id, p.retry_at, p.failures_in_a_row ORDER BY c.name
            """,
            [names],
        )
        rows = cursor.fetchall()
    return [
        ConsumerState(
            name=name,
            waiting=waiting,
            oldest_at=oldest_at,
            latest_event_id=event_id,
            retry_at=retry_at,
            failures_in_a_row=failures,
        )
        for name, waiting, oldest_at, event_id, retry_at, failures in rows
    ]


def failure_list(*, limit: int, before: int | None = None) -> list[OutboxFailure]:
    """Return events that a consumer could not handle, the latest first; `before` is the last id of the page before."""
    rows = OutboxFailure.objects.select_related("event").order_by("-pk")
    return list((rows.filter(pk__lt=before) if before is not None else rows)[:limit])


def failure_get(*, failure_id: int) -> OutboxFailure:
    """Return one with its event. Raises: FailureNotFound."""
    failure = OutboxFailure.objects.select_related("event").filter(pk=failure_id).first()
    if failure is None:
        raise FailureNotFound
    return failure


def parked_count(*, consumer: str = "") -> int:
    """Count the events that nobody tries any more until a person says so: of a consumer, or of all."""
    rows = OutboxFailure.objects.filter(parked_at__isnull=False)
    return (rows.filter(consumer=consumer) if consumer else rows).count()


def is_worker_running() -> bool:
    """Tell whether a worker has reported within the last seconds; jobs wait while none does."""
    return bool(Stat.get_all())
