"""
The end of the audit trail's chain: events become entries there.

# Note [Who may write to the chain]
The outbox gives a consumer to one process at a time, but a lapsed lease may let two write. The unique place of an
entry decides: entries go in one after the other and stop at the first whose place (or event) is taken, so what a writer
got in is always a correct continuation. It then looks where the chain ends now and goes on with what is still missing.

# Note [The anchor]
PostgreSQL keeps the place and seal of the latest entry, written right after it. Cutting off the end of the chain then
shows. A process that dies in between leaves the anchor behind the chain, which is harmless: the next one finds the end
by looking onwards, and the events of entries above the anchor are delivered again because their consumer's position had
not moved either. So what could be cut off unseen in that moment comes back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, NamedTuple

from django.db.models.functions import Now

from common import outbox_consumers
from documents import sealing
from documents.errors import DocumentExists
from documents.models import AuditAnchor
from documents.records import AuditRecord
from documents.redaction import mask_value
from documents.repositories import AuditTrail

BEGINNING = "documents.audit.begun"
CONSUMER = "audit"
_LOOK_AHEAD = 200  # places
# Events that are about another object than their name says: what the object is, and where its id stands.
_ABOUT = {
    "slip": ("booking", "booking_id"),
    "seats": ("launch", "launch_id"),
    "waiting": ("launch", "launch_id"),
    "purchase": ("launch", "launch_id"),
    "supplier_invoice": ("invoice", "invoice_id"),
    "invoice_payment": ("invoice", "invoice_id"),
    "profile": ("user", "user_id"),
    "job": ("job", "job"),
}
_TRIES = 20  # each ends with an entry of ours or of another writer


class End(NamedTuple):
    """The latest entry: its place, 0 when there is none, and its seal."""

    sequence: int
    seal: str


def record_of(event: outbox_consumers.Delivered) -> AuditRecord:
    """Return what the audit trail says of an event, free of secrets."""
    kind, object_id = _subject(event)
    payload = mask_value("", event.payload)
    before, after = _changes(event.payload)
    return AuditRecord(
        event_id=event.id,
        name=event.name,
        occurred_at=event.occurred_at,
        actor_id=event.actor_id,
        actor_email=event.actor_email,
        origin=event.origin,
        address=_network(event.address),
        request_id=event.request_id,
        subject_kind=kind,
        subject_id=object_id,
        reason=str(payload.get("reason") or payload.get("cause") or ""),
        before=mask_value("", before),
        after=mask_value("", after),
        payload=payload,
    )


def append(*, records: Sequence[AuditRecord], now: datetime) -> None:
    """
    Add entries to the end of the chain, in this order; an event that has an entry is passed over.

    Raises: DocumentRefused, DocumentStoreUnavailable; entries before the one concerned stay.
    """
    waiting = list(records)
    for _ in range(_TRIES):
        end = _end()
        chain = _chained(waiting if end.sequence else [_beginning(now), *waiting], end)
        try:
            AuditTrail.append(chain)
        except DocumentExists:  # another writer was here, or an event comes again
            present = AuditTrail.of_keys([AuditTrail.key_of(record) for record in waiting])
            waiting = [record for record in waiting if AuditTrail.key_of(record) not in present]
            continue
        _anchor_move(End(chain[-1].sequence, chain[-1].seal) if chain else end)
        return
    raise DocumentExists(AuditTrail.store().label, AuditTrail.name, ("sequence",))


def anchor() -> End:
    """Return the latest entry as PostgreSQL knows it; place 0 before the first."""
    row = AuditAnchor.objects.first()
    return End(row.sequence, row.seal) if row else End(0, "")


def _end() -> End:
    """Return where the chain ends, not before the anchor: what was cut off leaves a gap that shows."""
    known = anchor()
    if not known.sequence:  # the first entry ever, or PostgreSQL was restored from before it
        latest = AuditTrail.latest_in_chain()
        return End(latest.sequence, latest.seal) if latest else known
    while links := AuditTrail.stretch(known.sequence, _LOOK_AHEAD):
        last = links[-1]
        known = End(last.sequence, last.record.seal if last.record else "")
    return known


def _anchor_move(end: End) -> None:
    """Keep the end in PostgreSQL; never backwards, should a slower writer come late."""
    AuditAnchor.objects.get_or_create(pk=AuditAnchor.ONLY, defaults={"sequence": 0, "seal": ""})
    AuditAnchor.objects.filter(sequence__lt=end.sequence).update(sequence=end.sequence, seal=end.seal, moved_at=Now())


def _chained(records: Sequence[AuditRecord], end: End) -> list[AuditRecord]:
    chain = []
    for record in records:
        entry = sealing.sealed(record, sequence=end.sequence + 1, previous_seal=end.seal)
        end = End(entry.sequence, entry.seal)
        chain.append(entry)
    return chain


def _beginning(now: datetime) -> AuditRecord:
    """Make the first entry: entries that are there already are older than the chain, and are counted."""
    return AuditRecord(
        event_id=0,
        name=BEGINNING,
        occurred_at=now,
        subject_kind="audit",
        payload={"older_entries": AuditTrail.count_outside()},
    )


def _subject(event: outbox_consumers.Delivered) -> tuple[str, str]:
    """Return the kind and id of what the event is about: "bookings.booking.confirmed" is about payload's booking_id."""
    parts = event.name.split(".")
    kind = parts[1] if len(parts) > 2 else parts[0]
    kind, field = _ABOUT.get(kind, (kind, f"{kind}_id"))
    return kind, str(event.payload.get(field, event.payload.get("id", "")))


def _network(address: str) -> str:
    """
    Return the network of an address, which is what is kept for good: it shows where from, and points at no one.

    Cut off are the last 8 of IPv4's 32 bits, and 80 of IPv6's 128, for a household has a network of its own there.
    """
    try:
        found = ip_address(address)
    except ValueError:  # none, or what a proxy wrote instead of one
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))


def _changes(payload: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    Return the fields whose old value an event tells, as they were and as they are.

    An event tells them as `changes` ({field: {"before": ..., "after": ...}}), or as old_x with new_x or x beside it.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, change in dict(payload.get("changes") or {}).items():
        before[name], after[name] = change["before"], change["after"]
    for name, value in payload.items():
        field = name.removeprefix("old_")
        if field != name and value != "":
            before[field] = value
            after[field] = payload.get(f"new_{field}", payload.get(field))
    return before, after
