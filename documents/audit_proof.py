"""
Prove that nothing in the audit trail was altered, removed, inserted or put elsewhere; or name the first break.

The chain is streamed from its first entry, so memory stays flat. What is added meanwhile does no harm.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from common import outbox_reading
from documents import audit, sealing
from documents.records import AuditRecord
from documents.redaction import MASK
from documents.repositories import AuditTrail
from documents.repositories.audit import Link

_LENGTH = 500  # places read at once
_CARD = "[card ..."


@dataclass(slots=True)
class Proof:
    """
    What was proven, and the first thing that is wrong ('' for nothing).

    Args:
        entries: of the chain. older_entries: from before it; nothing proves them. events: compared with the outbox.
        broken_at: the place of the first broken entry; None when the break is not at a place.
    """

    entries: int = 0
    older_entries: int = 0
    events: int = 0
    problem: str = ""
    broken_at: int | None = None


Progress = Callable[[Proof], None]


class _Broken(Exception):
    def __init__(self, problem: str, broken_at: int | None = None) -> None:
        self.problem = problem
        self.broken_at = broken_at
        super().__init__(problem)


def prove(*, progress: Progress) -> Proof:
    """
    Go through the whole chain, then through the events that the outbox still has.

    Args:
        progress: called after each batch with the figures so far.
    Raises: DocumentStoreUnavailable.
    """
    proof = Proof()
    try:
        _chain(proof, progress)
        _outside(proof)
        _events(proof, progress)
    except _Broken as broken:
        proof.problem, proof.broken_at = broken.problem, broken.broken_at
    return proof


def _chain(proof: Proof, progress: Progress) -> None:
    anchor = audit.anchor()  # first: the chain only grows from here
    previous = ""
    for link in _links(proof, progress):
        record = _proven(link, proof.entries + 1, previous)
        if record.sequence == anchor.sequence and record.seal != anchor.seal:
            raise _Broken(
                f"Entry {link.sequence} is not the one whose seal PostgreSQL keeps: the chain was written anew.",
                link.sequence,
            )
        if record.sequence == 1:
            proof.older_entries = int(record.payload.get("older_entries", 0))
        previous, proof.entries = record.seal, record.sequence
    if proof.entries < anchor.sequence:
        raise _Broken(
            f"Entry {proof.entries + 1} is missing: the chain ends before it, PostgreSQL knows of {anchor.sequence}.",
            proof.entries + 1,
        )


def _links(proof: Proof, progress: Progress) -> Iterator[Link]:
    while True:
        links = AuditTrail.stretch(proof.entries, _LENGTH)
        if not links and not AuditTrail.count_above(proof.entries):
            return
        # What was counted may have been added after the look; entries are added without a gap, so then it is here now.
        links = links or AuditTrail.stretch(proof.entries, _LENGTH)
        if not links:
            raise _Broken(f"Entry {proof.entries + 1} is missing, later ones are there.", proof.entries + 1)
        yield from links
        progress(proof)


def _proven(link: Link, place: int, previous: str) -> AuditRecord:
    if not isinstance(link.sequence, int | float):
        raise _Broken(f"Entry {place} was altered: it has not the form of an entry.", place)
    if link.sequence < place:
        raise _Broken(f"Place {link.sequence} has a second entry, which was inserted.", link.sequence)
    if link.sequence > place:
        raise _Broken(f"Entry {place} is missing, later ones are there.", place)
    record = link.record
    if record is None:
        raise _Broken(f"Entry {place} was altered: it has not the form of an entry.", place)
    try:
        is_key_known, is_genuine = sealing.is_key_known(record), sealing.is_genuine(record)
    except (TypeError, ValueError):  # values of a kind that no entry has, such as a list for a text
        raise _Broken(f"Entry {place} was altered: it has not the form of an entry.", place) from None
    if not is_key_known:
        raise _Broken(
            f"Entry {place} was sealed with a key that is not ours. If SECRET_KEY was changed, put the old one into "
            "SECRET_KEY_FALLBACKS; else the entry is forged.",
            place,
        )
    if not is_genuine:
        raise _Broken(f"Entry {place} was altered: its seal does not fit what it says.", place)
    if record.previous_seal != previous:
        raise _Broken(f"Entry {place} does not follow the one before it: one of them is not where it was.", place)
    return record


def _outside(proof: Proof) -> None:
    outside = AuditTrail.count_outside()
    if outside != proof.older_entries:
        raise _Broken(
            f"{outside:,} entries stand outside the chain, {proof.older_entries:,} were there when it began: "
            f"{'some were removed' if outside < proof.older_entries else 'some were inserted'}."
        )


def _events(proof: Proof, progress: Progress) -> None:
    for batch in outbox_reading.events_passed(consumer=audit.CONSUMER):
        records = [audit.record_of(event) for event in batch]
        entries = AuditTrail.of_keys([AuditTrail.key_of(record) for record in records])
        for record in records:
            key = AuditTrail.key_of(record)
            what = f"event {record.event_id} ({record.name})"
            if key not in entries:
                raise _Broken(f"The audit trail has no entry of {what}, which it was given.")
            entry = entries[key]
            if entry is None:
                raise _Broken(f"The entry of {what} was altered: it has not the form of an entry.")
            if not _agree(entry, record):
                raise _Broken(f"Entry {entry.sequence} does not say what {what} says.", entry.sequence or None)
        proof.events += len(batch)
        progress(proof)


def _agree(entry: AuditRecord, event: AuditRecord) -> bool:
    facts = ("name", "actor_id", "actor_email", "origin", "request_id")
    # While versions change, a worker of before may have written the entry: it knew of no address.
    return (
        all(getattr(entry, name) == getattr(event, name) for name in facts)
        and entry.address in ("", event.address)
        and _is_like(dict(entry.payload), dict(event.payload))
    )


def _is_like(kept: Any, told: Any) -> bool:
    """Tell whether two values are the same apart from what is masked in one; what is masked changes with our rules."""
    if isinstance(kept, dict) and isinstance(told, dict):
        return kept.keys() == told.keys() and all(_is_like(kept[name], told[name]) for name in kept)
    if isinstance(kept, list) and isinstance(told, list):
        return len(kept) == len(told) and all(map(_is_like, kept, told))
    return bool(kept == told) or any(mask in str(value) for mask in (MASK, _CARD) for value in (kept, told))
