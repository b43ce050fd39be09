"""The pages of the system log and the audit trail: what they show, how they search and page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from documents import audit
from documents.models import AuditCheck
from documents.records import AuditRecord, SystemLogRecord
from documents.repositories import AuditTrail, SystemLog
from launches.models import LaunchSlug
from tests.portals.desks import text


@pytest.mark.parametrize("name", ["log-list", "audit-list"])
def test_the_journals_say_that_their_store_is_away(employee, mongo_servers, name):
    client = employee("it")
    mongo_servers.logs.kill()
    answer = client.get(reverse(f"employee:{name}"))
    assert answer.status_code == 503
    assert "The store is away." in text(answer)


@pytest.fixture
def log():
    from documents.repositories.by_time import time_key

    def write(*messages, **changes):
        now = timezone.now()
        records = []
        for number, message in enumerate(messages):
            at = now - timedelta(seconds=number)
            values = {"at": at, "level": "INFO", "logger": "bookings", "message": message, **changes}
            records.append(SystemLogRecord(key=time_key(at, f"{number:06}"), **values))
        SystemLog.add_many(records)

    return write


def test_the_log_is_searched_by_text_level_and_request(employee, log):
    log("A seat was held", "A mail was sent", request_id="request-one")
    log("The gateway is slow", level="WARNING", request_id="request-two")
    client = employee("it")
    address = reverse("employee:log-list")
    by_text = text(client.get(address, {"q": "SEAT"}))
    by_level = text(client.get(address, {"level": "WARNING"}))
    by_request = text(client.get(address, {"request_id": "request-one"}))
    assert "A seat was held" in by_text
    assert "A mail was sent" not in by_text
    assert "The gateway is slow" in by_level
    assert "A seat was held" not in by_level
    assert "A mail was sent" in by_request
    assert "The gateway is slow" not in by_request


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ({"day_from": "yesterday"}, "give the day as 2027-03-14"),
        ({"day_from": "2026-05-02", "day_to": "2026-05-01"}, "The last day lies before the first"),
        ({"level": "LOUD"}, "Select a valid choice"),
        ({"q": "a\x00b"}, "Null characters are not allowed"),
    ],
)
def test_a_bad_search_gets_its_sentence(employee, search, sentence):
    answer = employee("it").get(reverse("employee:log-list"), search)
    assert answer.status_code == 422
    assert sentence in text(answer)


def test_the_log_pages_backwards_without_loss(employee, log, monkeypatch):
    monkeypatch.setattr("portals.employee.views.logs.PAGE", 2)
    log("Line 1", "Line 2", "Line 3", logger="test.paging")
    client = employee("it")
    first = client.get(reverse("employee:log-list"), {"q": "Line"})
    second = client.get(reverse("employee:log-list"), {"q": "Line", "cursor": first.context["next_cursor"]})
    shown = [line.message for answer in (first, second) for line, _ in answer.context["lines"]]
    assert shown == ["Line 1", "Line 2", "Line 3"]
    assert client.get(reverse("employee:log-list"), {"cursor": "made up"}).status_code == 200


def test_a_hostile_log_line_is_only_text(employee, log):
    log("<script>alert(1)</script>")
    assert "<script>alert(1)" not in text(employee("it").get(reverse("employee:log-list")))


def test_the_audit_trail_of_one_object(employee, now):
    entries = [
        AuditRecord(
            event_id=number,
            name=f"launches.launch.moved{number}",
            occurred_at=now,
            subject_kind="launch",
            subject_id=subject,
        )
        for number, subject in ((1, "12"), (2, "13"))
    ]
    audit.append(records=entries, now=now)
    client = employee("it")
    both = text(client.get(reverse("employee:audit-list")))
    one = text(client.get(reverse("employee:audit-list"), {"kind": "launch", "number": "12"}))
    half = client.get(reverse("employee:audit-list"), {"kind": "launch"})
    assert "moved1" in both
    assert "moved2" in both
    assert "moved1" in one
    assert "moved2" not in one
    assert half.status_code == 422
    assert "Give both the kind and the id" in text(half)


def test_the_audit_trail_is_searched_by_what_people_know(employee, make_launch, book, now):
    launch = make_launch()
    booking, client = book(launch), employee("it")
    LaunchSlug.objects.create(slug="an-old-address", launch=launch)
    numbers = {"booking": booking.pk, "launch": launch.pk, "user": booking.customer_id}
    entries = [
        AuditRecord(event_id=n, name="a.b.c", occurred_at=now, subject_kind=kind, subject_id=str(pk))
        for n, (kind, pk) in enumerate([*numbers.items(), ("booking", booking.pk + 1)], start=1)
    ]
    audit.append(records=entries, now=now)

    def found(text_given: str) -> list[tuple[str, str]]:
        answer = client.get(reverse("employee:audit-list"), {"q": text_given})
        assert answer.status_code == 200
        return [(entry.subject_kind, entry.subject_id) for entry, *_ in answer.context["entries"]]

    page = f"https://site.example/launches/{launch.slug}/?from=mail"
    assert found(f" {booking.reference.lower()} ") == [("booking", str(booking.pk))]
    assert [found(one) for one in (launch.slug, page, "an-old-address")] == [[("launch", str(launch.pk))]] * 3
    assert found(booking.customer.email.upper()) == [("user", str(booking.customer_id))]


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ({"q": "nobody@example.org"}, "There is nothing like this. Give the six characters of a booking"),
        ({"q": "ZZZZZZ"}, "There is nothing like this."),
        ({"q": "https://site.example/launches/no-such/"}, "There is nothing like this."),
        ({"q": "a\x00b"}, "Null characters are not allowed"),
        ({"q": "ZZZZZZ", "kind": "booking", "number": "1"}, "Search by this or by kind and id, not by both"),
    ],
)
def test_a_search_of_the_audit_trail_that_finds_nothing_says_what_can_be_found(employee, search, sentence):
    answer = employee("it").get(reverse("employee:audit-list"), search)

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert answer.context["entries"] == []


def test_an_audit_entry_shows_what_was_before_and_after_why_and_where_from(employee, now):
    entry = AuditRecord(
        event_id=3,
        name="accounts.user.changed",
        occurred_at=now,
        origin="portal",
        address="203.0.113.0/24",
        subject_kind="user",
        subject_id="12",
        before={"full_name": "Ana <One>"},
        after={"full_name": "Ana Two"},
        reason="a typing error",
    )
    audit.append(records=[entry], now=now)
    client = employee("it")
    page = text(client.get(reverse("employee:audit-list")))
    assert reverse("employee:audit-entry", args=[AuditTrail.key_of(entry)]) in page
    assert "Full name: <del>Ana &lt;One&gt;</del>" in page
    assert "<ins>Ana Two</ins>" in page
    assert "Why: a typing error" in page
    assert "portal, 203.0.113.0/24" in page


def test_the_audit_trail_says_whether_it_is_whole_and_can_be_checked(employee, now):
    client = employee("it")
    address = reverse("employee:audit-list")
    assert "Never checked" in text(client.get(address))

    asked = client.post(reverse("employee:audit-check"), follow=True)
    assert "The audit trail is being checked." in text(asked)
    assert "No worker is running." in text(asked)
    again = client.post(reverse("employee:audit-check"), follow=True)
    assert "is being checked already" in text(again)
    check = AuditCheck.objects.get()
    assert check.actor_email == client.user.email

    AuditCheck.objects.update(status="broken", problem="Entry 3 is missing.", ended_at=now)
    page = text(client.get(address))
    assert "The audit trail is broken. Entry 3 is missing." in page
    assert f"by {client.user.email} (portal)" in page
