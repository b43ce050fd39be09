"""The audit trail: one entry an event, in a chain that two writers cannot tear."""

import dataclasses
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection

from common import outbox_consumers
from documents import audit, audit_proof, handlers
from documents.models import AuditAnchor
from documents.repositories import AuditTrail
from documents.selectors import audit_list
from tests.documents.builders import NOW, make_audit
from tests.documents.processes import race
from tests.documents.trails import add, chain, prove, rewrite

pytestmark = [pytest.mark.usefixtures("stores"), pytest.mark.django_db]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_an_entry_keeps_the_network_of_an_address(address, network):
    assert audit.record_of(delivered(address=address)).address == network


@pytest.mark.parametrize(
    ("name", "payload", "subject"),
    [
        ("bookings.booking.confirmed", {"booking_id": 4}, ("booking", "4")),
        ("bookings.slip.opened", {"booking_id": 4, "decision_id": 9}, ("booking", "4")),
        ("bookings.waiting.joined", {"entry_id": 9, "launch_id": 3}, ("launch", "3")),
        ("finance.supplier_invoice.issued", {"invoice_id": 7, "launch_id": 3}, ("invoice", "7")),
        ("finance.invoice_payment.recorded", {"invoice_id": 7}, ("invoice", "7")),
        ("accounts.profile.changed", {"user_id": 2, "fields": ["phone"]}, ("user", "2")),
        ("common.job.requested", {"job": "expire-holds", "job_run_id": 5}, ("job", "expire-holds")),
    ],
)
def test_an_entry_is_found_with_the_object_it_is_about(name, payload, subject):
    record = audit.record_of(delivered(name=name, payload=payload))
    assert (record.subject_kind, record.subject_id) == subject


# --- the end of the chain ---------------------------------------------------------------------------------------------
def delivered(**changes) -> outbox_consumers.Delivered:
    facts = {
        "id": 5,
        "xid": 900,
        "name": "bookings.booking.confirmed",
        "payload": {"booking_id": 41, "password": "x"},
        "actor_id": 7,
        "actor_email": "one@example.com",
        "origin": "api",
        "request_id": "r1",
        "address": "",
        "occurred_at": NOW,
    }
    return outbox_consumers.Delivered(**{**facts, **changes})


def test_every_event_gets_one_entry_free_of_secrets():
    handlers.audit_write([delivered()])
    handlers.audit_write([delivered()])

    (entry,) = AuditTrail.of_object("booking", 41)
    assert dataclasses.replace(entry, sequence=0, previous_seal="", sealed_by="", seal="") == make_audit(
        5, occurred_at=NOW, payload={"booking_id": 41, "password": "[masked]"}
    )
    assert outbox_consumers._batch_handlers["audit"] == [("*", handlers.audit_write)]


def test_entry_tells_what_it_was_before_and_after_and_why():
    payload = {"launch_id": 3, "old_status": "delayed", "new_status": "aborted", "reason": "engine"}
    handlers.audit_write([delivered(id=5, name="launches.launch.aborted", payload=payload)])
    changes = {"is_active": {"before": True, "after": False}, "api_key": {"before": "k1", "after": "k2"}}
    handlers.audit_write([delivered(id=6, name="accounts.user.changed", payload={"user_id": 9, "changes": changes})])
    slip = {"launch_id": 4, "old_departure_at": "2027-01-01", "departure_at": "2027-03-01"}
    handlers.audit_write([delivered(id=7, name="launches.launch.delayed", payload=slip)])

    (aborted,) = AuditTrail.of_object("launch", 3)
    assert (aborted.before, aborted.after, aborted.reason) == ({"status": "delayed"}, {"status": "aborted"}, "engine")
    (changed,) = AuditTrail.of_object("user", 9)
    assert changed.before == {"is_active": True, "api_key": "[masked]"}
    assert changed.after == {"is_active": False, "api_key": "[masked]"}
    (delayed,) = AuditTrail.of_object("launch", 4)
    assert (delayed.before, delayed.after) == ({"departure_at": "2027-01-01"}, {"departure_at": "2027-03-01"})


def test_audit_waits_while_the_store_is_away(mongo_servers):
    mongo_servers.logs.stop()

    with pytest.raises(outbox_consumers.Unavailable, match="logs document store"):
        handlers.audit_write([delivered()])


def test_entries_are_chained_from_a_first_one_that_says_where_the_chain_begins():
    add(1, 2, 3)
    add(4)

    entries = chain()
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.event_id for entry in entries] == [0, 1, 2, 3, 4]
    assert (entries[0].name, entries[0].payload) == ("documents.audit.begun", {"older_entries": 0})
    assert all(later.previous_seal == earlier.seal for earlier, later in pairwise(entries))
    assert audit.anchor() == (5, entries[-1].seal)
    assert prove() == audit_proof.Proof(entries=5)


def test_event_that_comes_again_is_passed_over_and_the_others_of_its_batch_are_kept():
    add(1, 2)
    add(2, 3, 1, 4)

    assert [entry.event_id for entry in chain()] == [0, 1, 2, 3, 4]
    assert prove().problem == ""


def test_entry_that_cannot_be_read_hides_no_other_and_its_event_that_comes_again_holds_up_none():
    add(1, 2, 3)
    rewrite(3, occurred_at="lately")  # of the second event

    add(2, 4)

    assert [entry.event_id for entry in AuditTrail.of_object("booking", 41)] == [4, 3, 1]
    listed = audit_list(now=NOW + timedelta(days=1))
    assert [entry.event_id for entry in listed] == [4, 3, 1, 0]


def test_event_that_was_set_aside_stands_where_it_was_delivered_at_last():
    add(1, 3)
    add(2)

    assert [entry.event_id for entry in chain()] == [0, 1, 3, 2]
    assert prove().problem == ""


def test_number_given_out_anew_after_a_restore_is_another_event():
    add(1, 2)
    add(2, occurred_at=NOW + timedelta(days=1), name="bookings.booking.cancelled")

    assert [entry.name for entry in chain()][-2:] == ["bookings.booking.confirmed", "bookings.booking.cancelled"]


def test_writer_that_died_before_the_anchor_is_followed():
    add(1)
    AuditAnchor.objects.update(sequence=1, seal=chain()[0].seal)

    add(2)

    assert audit.anchor().sequence == 3
    assert prove() == audit_proof.Proof(entries=3)


def test_lost_anchor_is_found_again():
    add(1, 2)
    AuditAnchor.objects.all().delete()

    add(3)

    assert audit.anchor().sequence == 4
    assert prove() == audit_proof.Proof(entries=4)


def test_anchor_never_moves_back():
    add(1, 2)
    before = audit.anchor()

    audit._anchor_move(audit.End(2, "late"))

    assert audit.anchor() == before


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_processes_that_write_at_once_tear_nothing_and_lose_nothing():
    add(1)
    connection.close()

    def write(number: int) -> None:
        try:
            for turn in range(10):  # every event comes to two of them
                audit.append(records=[make_audit(100 + turn * 4 + (number + k) % 4) for k in (0, 1)], now=NOW)
        finally:
            connection.close()

    race(write, count=4)

    assert sorted(entry.event_id for entry in chain()) == [0, 1, *range(100, 140)]
    assert prove() == audit_proof.Proof(entries=42)


def test_two_writers_of_the_same_end_would_tear_the_chain_were_places_not_unique():
    """The control: without the unique place the second writer's entries stand beside the first one's."""
    add(1)
    AuditTrail._documents().drop_index("in_chain")
    try:
        end = audit.anchor()
        AuditTrail.append(audit._chained([make_audit(2)], end))
        AuditTrail.append(audit._chained([make_audit(3)], end))

        assert "second entry" in prove().problem
    finally:
        AuditTrail.clear()
        AuditTrail.ensure()
