"""An audit trail to build, prove and damage."""

from common import outbox_consumers
from common.models import OutboxEvent, OutboxPosition
from documents import audit, audit_proof, handlers
from documents.repositories import AuditTrail
from tests.documents.builders import NOW, make_audit


def add(*event_ids: int, **changes) -> None:
    audit.append(records=[make_audit(event_id, **changes) for event_id in event_ids], now=NOW)


def chain() -> list:
    return [link.record for link in AuditTrail.stretch(0, 1000)]


def prove() -> audit_proof.Proof:
    return audit_proof.prove(progress=lambda proof: None)


def rewrite(place: int, **fields) -> None:
    """Set fields of an entry, past the store's validator: who may write there may switch that off."""
    raw = AuditTrail.store().raw(AuditTrail.name, journalled=False)
    assert raw.update_one({"sequence": place}, {"$set": fields}, bypass_document_validation=True).matched_count


def remove(*places: int) -> None:
    for place in places:
        assert AuditTrail._documents().delete({"sequence": place})


def published(*booking_ids: int) -> list[OutboxEvent]:
    rows = [
        OutboxEvent(
            name="bookings.booking.confirmed", payload={"booking_id": number, "card": "4242424242424242"}, origin="api"
        )
        for number in booking_ids
    ]
    OutboxEvent.objects.bulk_create(rows)
    return list(OutboxEvent.objects.filter(payload__booking_id__in=booking_ids).order_by("pk"))


def passed(rows: list[OutboxEvent]) -> None:
    """Deliver to the trail as the outbox does; in one transaction, where positions would not move."""
    handlers.audit_write([outbox_consumers.delivered(row) for row in rows])
    OutboxPosition.objects.update_or_create(consumer="audit", defaults={"xid": rows[-1].xid, "event_id": rows[-1].pk})
