"""
One entry of the audit trail, with its neighbours in the chain and what else happened to its object.

An entry's key tells its event's instant and number, so a door can link to it before the worker has written it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common import outbox_reading
from common.outbox_consumers import Delivered
from documents import audit, sealing
from documents.errors import AuditEntryNotFound
from documents.records import AuditRecord
from documents.repositories import AuditTrail


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    An entry as a person reads it.

    Args:
        is_written: whether the trail has it; else it is what the worker will write.
        is_genuine: its seal fits what it says. is_linked: it carries the seal of the entry before it, None when that
            one is missing.
        previous, following: keys of its neighbours in the chain, '' for none.
        others: entries about the same object, the newest first, this one among them.
    """

    record: AuditRecord
    is_written: bool = True
    is_genuine: bool = False
    is_linked: bool | None = None
    previous: str = ""
    following: str = ""
    others: tuple[AuditRecord, ...] = ()

    @property
    def is_in_chain(self) -> bool:
        """Tell whether it has a place, which entries from before the chain have not."""
        return bool(self.record.sequence)

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """Return the fields whose earlier value is known: name, before, after."""
        return changes_of(self.record)

    @property
    def values(self) -> list[tuple[str, Any]]:
        """Return what the event tells besides: name and value."""
        told = (
            {"changes"}
            | set(self.record.before)
            | {f"{word}_{name}" for name in self.record.before for word in ("old", "new")}
        )
        return [
            (name, value)
            for name, value in self.record.payload.items()
            if name not in told and not (name == "reason" and value == self.record.reason)
        ]


def changes_of(record: AuditRecord) -> list[tuple[str, Any, Any]]:
    """Return the changed fields of an entry, each with what it was and what it is."""
    return [(name, was, record.after.get(name)) for name, was in record.before.items()]


def key_of_event(event: Delivered) -> str:
    """Return the key that the entry of an event has, or will have."""
    return AuditTrail.key_of(audit.record_of(event))


def key_of_event_number(*, event_id: int) -> str:
    """Return the key of an event's entry by the event's number; '' when the outbox has no such event."""
    event = outbox_reading.event_get(event_id=event_id)
    return key_of_event(event) if event else ""


def entry_get(*, key: str, actor_id: int | None = None, limit: int = 20) -> Entry:
    """
    Return an entry by its key.

    Args:
        actor_id: whose entry it must be, for readers who see only their own; the object's others are then theirs too.
        limit: how many of the object's other entries.
    Raises: AuditEntryNotFound, DocumentStoreUnavailable.
    """
    record = AuditTrail.of_keys([key]).get(key)
    waiting = None if record else _waiting(key)
    found = record or waiting
    if found is None or (actor_id is not None and found.actor_id != actor_id):
        raise AuditEntryNotFound(key)
    others: list[AuditRecord] = []
    if found.subject_id:
        of_object = AuditTrail.of_object(found.subject_kind, found.subject_id)
        others = [one for one in of_object if actor_id is None or one.actor_id == actor_id]
    return Entry(record=found, is_written=record is not None, others=tuple(others[:limit]), **_place(record))


def _waiting(key: str) -> AuditRecord | None:
    """Return what the worker will write under a key, should the outbox have its event."""
    number = key.rpartition("-")[2]
    # Nineteen digits, and no more than the column holds.
    if not (number.isascii() and number.isdigit() and int(number) < 2**63):
        return None
    event = outbox_reading.event_get(event_id=int(number))
    record = audit.record_of(event) if event else None
    return record if record and AuditTrail.key_of(record) == key else None


def _place(record: AuditRecord | None) -> Mapping[str, Any]:
    if record is None or not record.sequence:
        return {}
    links = {link.sequence: link.record for link in AuditTrail.stretch(record.sequence - 2, 3)}
    before, after = links.get(record.sequence - 1), links.get(record.sequence + 1)
    is_first = record.sequence == 1
    return {
        "is_genuine": sealing.is_genuine(record),
        "is_linked": record.previous_seal == "" if is_first else before and before.seal == record.previous_seal,
        "previous": AuditTrail.key_of(before) if before else "",
        "following": AuditTrail.key_of(after) if after else "",
    }
