"""What documents do when something happened: every event gets its entry in the audit trail."""

from common import outbox
from documents.errors import DocumentStoreUnavailable
from documents.records import AuditRecord
from documents.redaction import mask_value
from documents.repositories import AuditTrail


def audit_record(event: outbox.Delivered) -> None:
    """Add an event to the audit trail; twice is once. Raises outbox.Unavailable while the store is away."""
    kind, object_id = _subject(event)
    record = AuditRecord(
        event_id=event.id,
        name=event.name,
        occurred_at=event.occurred_at,
        actor_id=event.actor_id,
        actor_email=event.actor_email,
        origin=event.origin,
        request_id=event.request_id,
        subject_kind=kind,
        subject_id=object_id,
        payload=mask_value("", event.payload),
    )
    try:
        AuditTrail.add(record)
    except DocumentStoreUnavailable as error:
        raise outbox.Unavailable(error.message) from error


def _subject(event: outbox.Delivered) -> tuple[str, str]:
    """Return the kind and id of what the event is about: "bookings.booking.confirmed" is about payload's booking_id."""
    parts = event.name.split(".")
    kind = parts[1] if len(parts) > 2 else parts[0]
    object_id = event.payload.get(f"{kind}_id", event.payload.get("id", ""))
    return kind, str(object_id)
