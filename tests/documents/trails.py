"""An audit trail to build, prove and damage."""

from documents import audit, audit_proof
from documents.repositories import AuditTrail
from tests.documents.builders import NOW, make_audit


def add(*event_ids: int, **changes) -> None:
    audit.append(records=[make_audit(event_id, **changes) for event_id in event_ids], now=NOW)


def chain() -> list:
    return [link.record for link in AuditTrail.stretch(0, 1000)]


def prove() -> audit_proof.Proof:
    return audit_proof.prove(progress=lambda proof: None)


def rewrite(place: int, **fields) -> None:
    assert AuditTrail._documents().update({"sequence": place}, fields)


def remove(*places: int) -> None:
    for place in places:
        assert AuditTrail._documents().delete({"sequence": place})
