"""What people decide about events that a consumer could not handle: try them again, or drop them with a reason."""

from django.db import transaction
from django.db.models.functions import Now

from common import events, outbox
from common.errors import DomainError, InvalidInput, Kind, NotFound
from common.models import OutboxFailure

REASON_MAX = 300  # characters


class FailureNotFound(NotFound):
    """The event was handled meanwhile, or dropped by somebody else."""

    code = "failure_not_found"
    sentence = "This event is not among the failed ones any more."


class EventStillRetried(DomainError):
    """Only what nobody tries any more can be dropped."""

    code = "event_still_retried"
    kind = Kind.CONFLICT
    sentence = "This event is still tried again by itself. It can be dropped once it is parked."


@transaction.atomic
def failure_retry_now(*, failure_id: int) -> None:
    """
    Have the next delivery try a failed event again, parked or not; it starts with all its attempts.

    Raises: FailureNotFound.
    """
    failure = _lock(failure_id)
    OutboxFailure.objects.filter(pk=failure_id).update(parked_at=None, retry_at=Now(), attempts=1)
    outbox.publish(events.EventRetried(event_id=failure.event_id, event=failure.event.name, consumer=failure.consumer))


@transaction.atomic
def failure_drop(*, failure_id: int, reason: str) -> None:
    """
    Give a parked event up for the consumer that could not handle it; the audit trail says who did and why.

    Raises: EventStillRetried, FailureNotFound, InvalidInput (reason).
    """
    reason = " ".join(reason.replace("\0", "").split())
    if not 1 <= len(reason) <= REASON_MAX:
        raise InvalidInput(fields={"reason": f"Say why, in up to {REASON_MAX} characters."})
    failure = _lock(failure_id)
    if failure.parked_at is None:
        raise EventStillRetried
    failure.delete()
    outbox.publish(
        events.EventDropped(
            event_id=failure.event_id,
            event=failure.event.name,
            consumer=failure.consumer,
            error=failure.error,
            reason=reason,
        )
    )


def _lock(failure_id: int) -> OutboxFailure:
    rows = OutboxFailure.objects.select_for_update(of=("self",)).select_related("event")
    failure = rows.filter(pk=failure_id).first()
    if failure is None:
        raise FailureNotFound
    return failure
