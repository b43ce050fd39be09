"""Proving the audit trail: whatever was done to it shows, with its first place."""

import dataclasses
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now
from django.test import override_settings

from common import outbox_failures
from common.context import Origin
from common.jobs import JobGivesWay
from common.models import OutboxEvent, OutboxFailure, OutboxPosition
from documents import audit, audit_checks, audit_proof, sealing, tasks
from documents.enums import CheckStatus
from documents.errors import AuditCheckRunning
from documents.models import AuditAnchor, AuditCheck
from documents.repositories import AuditTrail
from tests.documents.builders import NOW, make_audit
from tests.documents.trails import add, chain, passed, prove, published, remove, rewrite

pytestmark = [pytest.mark.usefixtures("stores"), pytest.mark.django_db]


def swap() -> None:
    rewrite(3, sequence=99)
    rewrite(4, sequence=3)
    rewrite(99, sequence=4)


def forge(place: int, key: str, previous: str = "") -> None:
    with override_settings(SECRET_KEY=key):
        before = chain()[-1]
        AuditTrail.append(
            [sealing.sealed(make_audit(66), sequence=place, previous_seal=previous or before.seal)],
        )


def rewrite_from(place: int) -> None:
    """What somebody who knows SECRET_KEY can do: alter an entry, and all seals after it."""
    entries = chain()
    AuditTrail.clear()
    kept, altered = entries[: place - 1], [dataclasses.replace(entries[place - 1], actor_id=666), *entries[place:]]
    AuditTrail.append(kept)
    AuditTrail.append(audit._chained(altered, audit.End(kept[-1].sequence, kept[-1].seal)))


@pytest.mark.parametrize(
    ("tamper", "place", "words"),
    [
        (lambda: rewrite(3, payload='{"booking_id": 42}'), 3, "Entry 3 was altered: its seal"),
        (lambda: rewrite(3, actor_id=8), 3, "Entry 3 was altered: its seal"),
        (lambda: rewrite(3, before='{"status": "x"}'), 3, "Entry 3 was altered: its seal"),
        (lambda: rewrite(3, occurred_at=NOW), 3, "Entry 3 was altered: it has not the form"),
        (lambda: rewrite(3, key="20200101000000000000-1"), 3, "Entry 3 was altered: it has not the form"),
        (lambda: rewrite(3, remark="added"), 3, "Entry 3 was altered: it has not the form"),
        (lambda: rewrite(3, payload="no json"), 3, "Entry 3 was altered: it has not the form"),
        (lambda: rewrite(3, occurred_at="lately"), 3, "Entry 3 was altered: it has not the form"),
        (lambda: rewrite(3, event_id="second"), 3, "Entry 3 was altered: it has not the form"),
        (lambda: rewrite(3, name=b"x"), 3, "Entry 3 was altered: it has not the form"),
        (lambda: rewrite(3, sealed_by=["x"]), 3, "Entry 3 was altered: it has not the form"),
        (lambda: rewrite(3, seal="é"), 3, "Entry 3 was altered: it has not the form"),
        (lambda: rewrite(3, seal=7), 3, "Entry 3 was altered: it has not the form"),
        (lambda: rewrite(3, sequence=[3]), 3, "Entry 3 was altered: it has not the form"),
        (lambda: remove(1), 1, "Entry 1 is missing"),
        (lambda: remove(3), 3, "Entry 3 is missing, later ones are there"),
        (lambda: remove(3, 4), 3, "Entry 3 is missing, later ones are there"),
        (lambda: remove(6), 6, "Entry 6 is missing: the chain ends before it, PostgreSQL knows of 6"),
        (lambda: remove(4, 5, 6), 4, "Entry 4 is missing: the chain ends before it"),
        (lambda: remove(1, 2, 3, 4, 5, 6), 1, "Entry 1 is missing: the chain ends before it"),
        (swap, 3, "Entry 3 was altered"),
        (lambda: forge(7, "not ours"), 7, "sealed with a key that is not ours"),
        (lambda: forge(7, "only-for-tests", previous="0" * 64), 7, "Entry 7 does not follow the one before it"),
        (lambda: rewrite_from(3), 6, "the chain was written anew"),
        (lambda: AuditTrail._documents().insert({"_id": "x", "key": "x", **_bare()}), None, "some were inserted"),
    ],
)  # fmt: skip
def test_what_was_done_to_the_chain_shows_with_its_first_place(monkeypatch, tamper, place, words):
    monkeypatch.setattr(audit_proof, "_LENGTH", 2)
    add(1, 2, 3, 4, 5)
    assert prove() == audit_proof.Proof(entries=6)

    tamper()

    proof = prove()
    assert words in proof.problem
    assert proof.broken_at == place


def _bare() -> dict:
    return {"event_id": 1, "name": "x", "occurred_at": NOW}


def test_gap_at_the_end_stays_when_new_entries_come():
    add(1, 2, 3)
    remove(4)

    add(4, 5)

    assert [entry.sequence for entry in chain()] == [1, 2, 3, 5, 6]
    assert prove().broken_at == 4


def test_gap_above_a_late_anchor_shows_though_new_entries_fill_it(monkeypatch):
    monkeypatch.setattr(audit, "_LOOK_AHEAD", 1)
    add(1, 2, 3)
    AuditAnchor.objects.update(sequence=1, seal=chain()[0].seal)
    remove(2)

    add(4, 5)

    assert [entry.event_id for entry in chain()] == [0, 4, 2, 3, 5]
    assert prove().broken_at == 3


def test_changed_secret_key_keeps_older_entries_provable_when_it_is_kept():
    add(1)
    with override_settings(SECRET_KEY="the next one"):
        assert "SECRET_KEY_FALLBACKS" in prove().problem
    with override_settings(SECRET_KEY="the next one", SECRET_KEY_FALLBACKS=["only-for-tests"]):
        add(2)
        assert prove() == audit_proof.Proof(entries=3)


def test_entries_from_before_the_chain_are_counted_and_may_not_become_fewer():
    old = AuditTrail._documents()
    for number in (1, 2):
        old.insert({"_id": number, "key": f"2020010100000000000{number}-x", **_bare()})
    add(10)

    assert prove() == audit_proof.Proof(entries=2, older_entries=2)
    old.delete({"_id": 1})
    assert "some were removed" in prove().problem


def test_new_fields_of_records_leave_older_seals_as_they_are():
    add(1)
    sealed = chain()[1]

    assert sealing._seal_of(dataclasses.replace(sealed, address=""), "only-for-tests") == sealed.seal
    assert sealing._seal_of(dataclasses.replace(sealed, address="10.0.0.0"), "only-for-tests") != sealed.seal


def test_events_that_the_outbox_still_has_are_compared():
    rows = published(1, 2, 3)
    passed(rows[:2])  # the third is still to be delivered

    assert prove() == audit_proof.Proof(entries=3, events=2)

    OutboxPosition.objects.update(event_id=rows[2].pk)
    assert prove().problem == (
        f"The audit trail has no entry of event {rows[2].pk} (bookings.booking.confirmed), which it was given."
    )


def test_event_that_the_trail_was_spared_is_not_missed():
    rows = published(1, 2)
    passed(rows[1:])
    failure = OutboxFailure.objects.create(consumer="audit", event=rows[0], error="x", parked_at=NOW)
    assert prove() == audit_proof.Proof(entries=2, events=1)

    outbox_failures.failure_drop(failure_id=failure.pk, reason="of no use")

    assert prove() == audit_proof.Proof(entries=2, events=1)


def test_entry_that_says_something_else_than_its_event_shows_even_with_a_right_seal():
    passed(published(1))
    OutboxEvent.objects.update(payload={"booking_id": 2, "card": "4242424242424242"})

    proof = prove()
    assert proof.broken_at == 2
    assert proof.problem.startswith("Entry 2 does not say what event")


def test_entry_that_names_another_network_than_its_event_shows_and_one_of_a_worker_of_before_does_not():
    before, now = published(1, 2)
    OutboxEvent.objects.filter(pk=now.pk).update(address="203.0.113.77")
    now.refresh_from_db()
    passed([before, now])

    OutboxEvent.objects.filter(pk=before.pk).update(address="203.0.113.77")  # that worker knew of no addresses
    assert prove() == audit_proof.Proof(entries=3, events=2)
    OutboxEvent.objects.filter(pk=now.pk).update(address="198.51.100.7")

    assert prove().problem.startswith("Entry 3 does not say what event")


# --- checks, the command, the job -------------------------------------------------------------------------------------
def test_command_says_that_the_trail_is_whole(capsys):
    add(1, 2)

    call_command("verify_audit")

    assert capsys.readouterr().out == "The audit trail is whole: 3 entries; 0 events compared.\n"
    check = AuditCheck.objects.get()
    assert (check.status, check.entries, check.origin) == (CheckStatus.WHOLE, 3, Origin.COMMAND)
    assert OutboxEvent.objects.count() == 0


def test_command_names_the_first_broken_entry_and_tells_it(capsys):
    add(1, 2)
    rewrite(2, actor_id=8)

    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--json")

    assert ended.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["broken_at"]) == ("broken", 2)
    event = OutboxEvent.objects.get()
    assert (event.name, event.payload["broken_at"]) == ("documents.audit.broken", 2)
    assert event.payload["problem"] == AuditCheck.objects.get().problem == told["problem"]


def test_command_says_that_it_cannot_tell_while_the_store_is_away(mongo_servers):
    mongo_servers.logs.stop()

    with pytest.raises(CommandError, match="logs document store cannot be reached") as refusal:
        call_command("verify_audit")

    assert refusal.value.returncode == 2
    assert AuditCheck.objects.get().status == CheckStatus.FAILED


def test_check_that_is_asked_for_is_done_once_and_one_at_a_time():
    add(1)
    assert tasks.audit_check_scheduled() == f"Check {AuditCheck.objects.get().pk} of the audit trail is queued."
    check = AuditCheck.objects.get()
    with pytest.raises(JobGivesWay, match="already"):
        tasks.audit_check_scheduled()
    with pytest.raises(AuditCheckRunning):
        audit_checks.check_request(origin=Origin.PORTAL, actor_id=4, actor_email="it@example.com")

    first = tasks.audit_check(check.pk)
    add(2)

    assert first == "The audit trail is whole: 2 entries; 0 events compared."
    assert tasks.audit_check(check.pk) == first


def test_check_whose_process_died_is_closed_by_the_next():
    dead = audit_checks.check_start(origin=Origin.COMMAND)
    AuditCheck.objects.update(claimed_at=Now(), started_at=Now() - audit_checks.DEAD_AFTER - timedelta(seconds=1))

    tasks.audit_check_scheduled()

    dead.refresh_from_db()
    assert (dead.status, dead.sentence) == (
        CheckStatus.FAILED,
        "The audit trail could not be checked. Its process ended without finishing.",
    )
