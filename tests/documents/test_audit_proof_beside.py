"""A check of the audit trail goes on beside those who write to it, and takes nothing of that for a break."""

import pytest

from common import outbox_failures, outbox_reading
from common.models import OutboxFailure, OutboxPosition
from documents import audit_proof
from documents.repositories import AuditTrail
from tests.documents.builders import NOW
from tests.documents.trails import add, passed, prove, published

pytestmark = [pytest.mark.usefixtures("stores"), pytest.mark.django_db]


def test_check_goes_on_while_entries_are_added(monkeypatch):
    monkeypatch.setattr(audit_proof, "_LENGTH", 2)
    add(1, 2, 3)
    more = iter(range(10, 14))

    def progress(proof) -> None:
        if (number := next(more, None)) is not None:
            add(number)

    proof = audit_proof.prove(progress=progress)

    assert (proof.problem, proof.entries) == ("", 8)


def test_entry_that_is_added_between_the_last_look_and_the_count_is_no_gap(monkeypatch):
    add(1, 2)
    count_above, more = AuditTrail.count_above, iter([10, 11])

    def after_another_entry(place: int) -> int:
        if (number := next(more, None)) is not None:
            add(number)
        return count_above(place)

    monkeypatch.setattr(AuditTrail, "count_above", after_another_entry)

    assert prove() == audit_proof.Proof(entries=5)


def test_event_that_is_dropped_during_the_check_is_not_missed():
    first, second = published(1, 2)
    passed([first])
    failure = OutboxFailure.objects.create(consumer="audit", event=second, error="x", parked_at=NOW)
    OutboxPosition.objects.update(event_id=second.pk)
    batches = outbox_reading.events_passed(consumer="audit", size=1)
    compared = [[event.id for event in next(batches)]]

    outbox_failures.failure_drop(failure_id=failure.pk, reason="of no use")

    compared += [[event.id for event in batch] for batch in batches]
    assert compared == [[first.pk], []]
