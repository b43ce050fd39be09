"""What documents do when something happened: every event gets its entry in the audit trail."""

from common import clock, outbox_consumers
from documents import audit
from documents.errors import DocumentStoreUnavailable


def audit_write(events: list[outbox_consumers.Delivered]) -> None:
    """Add events to the audit trail, in this order; twice is once. Raises: Unavailable while the store is away."""
    try:
        audit.append(records=[audit.record_of(event) for event in events], now=clock.now())
    except DocumentStoreUnavailable as error:
        raise outbox_consumers.Unavailable(error.message) from error
