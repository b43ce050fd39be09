"""The page of one audit entry, and the links that lead to it from what was done."""

import re

import pytest
from django.urls import reverse

from common import outbox_reading
from common.models import OutboxEvent
from documents import audit, audit_reading
from documents.records import AuditRecord
from documents.repositories import AuditTrail
from tests.documents.trails import rewrite
from tests.portals.desks import text


def entry_of(number: int, now, **changes) -> AuditRecord:
    values = {"name": "launches.supplier.suspended", "subject_kind": "supplier", "subject_id": "12", "origin": "portal"}
    return AuditRecord(event_id=number, occurred_at=now, **{**values, **changes})


def address_of(entry: AuditRecord) -> str:
    return reverse("employee:audit-entry", args=[AuditTrail.key_of(entry)])


def shown(client, entry: AuditRecord) -> str:
    answer = client.get(address_of(entry))
    assert answer.status_code == 200
    return text(answer)


def test_an_entry_tells_every_field_before_and_after_who_why_and_where_from(employee, now):
    entry = entry_of(
        7,
        now,
        actor_email="ana@astrobookings.example",
        address="203.0.113.0/24",
        request_id="request-seven",
        reason="unpaid <fees>",
        before={"status": "approved", "contact_email": ""},
        after={"status": "suspended", "contact_email": "new@example.org"},
        payload={
            "supplier_id": 12,
            "old_status": "approved",
            "status": "suspended",
            "launch_ids": [3, 4],
            "is_kept": True,
        },
    )
    audit.append(records=[entry], now=now)

    page = shown(employee("it"), entry)

    assert "<h1>Supplier suspended</h1>" in page
    cells = re.findall(r"<(?:del|ins) class=\"value\">([^<]*)<", page)
    assert cells == ["new@example.org", "approved", "suspended"]
    assert re.search(r"Contact email</th><td data-label=\"Before\"><span class=\"muted\">empty", page)
    assert "unpaid &lt;fees&gt;" in page
    assert "203.0.113.0/24" in page
    assert "ana@astrobookings.example" in page
    assert f"{reverse('employee:log-list')}?request_id=request-seven" in page
    # What is told besides, without what stands above already.
    assert re.search(r"Launch ids</th><td><span class=\"value\">3, 4<", page)
    assert re.search(r"Is kept</th><td><span class=\"value\">yes<", page)
    assert "Old status" not in page


def test_an_entry_shows_its_place_in_the_chain_and_leads_to_its_neighbours(employee, now):
    entries = [entry_of(number, now, subject_id=str(number)) for number in (1, 2, 3)]
    audit.append(records=entries, now=now)  # behind the entry that begins the chain

    page = shown(employee("it"), entries[1])

    assert "Genuine" in page
    assert "<dt>Place</dt><dd>3</dd>" in page
    assert "its seal is carried here" in page
    assert f'rel="prev" href="{address_of(entries[0])}"' in page
    assert f'rel="next" href="{address_of(entries[2])}"' in page


def test_an_altered_entry_is_called_broken_and_so_is_what_follows_another_than_it_did(employee, now):
    entries = [entry_of(number, now) for number in (1, 2)]
    audit.append(records=entries, now=now)
    client = employee("it")

    rewrite(2, reason="another")
    altered = shown(client, entries[0])
    rewrite(2, seal="0" * 64)
    after_it = shown(client, entries[1])

    assert "Broken" in altered
    assert "does not fit what the entry says" in altered
    assert "Broken" in after_it
    assert "has another seal than is carried here" in after_it


def test_an_entry_lists_what_else_happened_to_its_object(employee, now):
    mine, other, stranger = (
        entry_of(1, now),
        entry_of(2, now, name="launches.supplier.approved"),
        entry_of(3, now, subject_id="13"),
    )
    audit.append(records=[mine, other, stranger], now=now)

    page = shown(employee("it"), mine)

    assert "(this entry)" in page
    assert f'<a href="{address_of(other)}">Supplier approved</a>' in page
    assert "?kind=supplier&amp;number=12" in page
    assert page.count(address_of(stranger)) == 0


@pytest.mark.django_db(transaction=True)
def test_what_an_employee_did_leads_to_its_entry_before_and_after_the_worker_wrote_it(employee, supplier, now):
    client = employee("support")
    done = text(
        client.post(reverse("employee:supplier-suspend", args=[supplier.pk]), {"reason": "Papers ran out"}, follow=True)
    )
    link = re.search(r'href="(/employee/audit/[^"]+)" class="nowrap">See its audit entry', done)
    assert link

    waiting = text(client.get(link[1]))
    assert "The worker has not written this entry yet." in waiting
    assert "Papers ran out" in waiting

    event = outbox_reading.event_get(event_id=OutboxEvent.objects.get(name="launches.supplier.suspended").pk)
    audit.append(records=[audit.record_of(event)], now=now)
    written = text(client.get(link[1]))
    assert "has not written" not in written
    assert "Papers ran out" in written
    assert client.user.email in written


def test_who_is_not_of_it_sees_only_the_entries_of_what_they_did(employee, now):
    client = employee("finance")
    own = entry_of(1, now, actor_id=client.user.pk, subject_id="12")
    of_another = entry_of(2, now, actor_id=client.user.pk + 1000, subject_id="12", reason="none of your business")
    audit.append(records=[own, of_another], now=now)

    page = shown(client, own)

    assert "none of your business" not in page
    assert address_of(of_another) not in page
    assert client.get(address_of(of_another)).status_code == 404


@pytest.mark.parametrize("key", ["none", "20270314120000000000-0000000000000000009", f"x-{10**25}", "a\x00b-1"])
def test_a_made_up_key_is_not_found(employee, key):
    assert employee("it").get(reverse("employee:audit-entry", args=[key])).status_code == 404


def test_an_entry_says_that_the_store_is_away(employee, mongo_servers, now):
    client, entry = employee("it"), entry_of(1, now)
    mongo_servers.logs.kill()
    answer = client.get(address_of(entry))
    assert answer.status_code == 503
    assert "The store is away." in text(answer)


def test_an_event_of_no_door_has_its_key_by_its_number(db):
    event = OutboxEvent.objects.create(name="a.b.c", payload={}, origin="job")
    assert audit_reading.key_of_event_number(event_id=event.pk).endswith(f"-{event.pk:019d}")
    assert audit_reading.key_of_event_number(event_id=event.pk + 1) == ""
