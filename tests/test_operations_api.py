"""IT looks after reconciliation, the message queue and the audit trail by API, as on the pages."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from common.models import OutboxEvent
from documents.audit import append, record_of
from documents.models import AuditCheck, ReconciliationRun
from documents.repositories import AuditTrail
from notifications.models import Notification
from tests.documents.conftest import _ensured_stores, short_timeouts, stores  # noqa: F401 - fixtures
from tests.factories import EmployeeFactory
from tests.notifications.builders import make_row, make_user
from tests.notifications.mails import mail_to, send

pytestmark = pytest.mark.django_db
RUNS, MESSAGES, AUDIT = (f"/api/v1/employee/{part}/" for part in ("reconciliations", "messages", "audit"))


@pytest.fixture
def client():
    client = APIClient()
    client.force_login(EmployeeFactory(employee_role="it", email="it@example.org"))
    return client


def ended(**values) -> ReconciliationRun:
    fixed = {"datasets": ["trips"], "origin": "job", "status": "done", "ended_at": timezone.now()}
    return ReconciliationRun.objects.create(**{**fixed, **values})


# --- reconciliation ---------------------------------------------------------------------------------------------------
def test_a_run_is_started_since_the_run_before_says_who_and_is_cancelled(client):
    body = {"datasets": ["trips"], "scope": "since_last", "dry_run": True}
    started = client.post(RUNS, body, format="json").json()
    taken = client.post(RUNS, {}, format="json")
    cancelled = client.post(f"{RUNS}{started['id']}/cancel/").json()
    again = client.post(f"{RUNS}{started['id']}/cancel/").json()
    full = client.post(RUNS, {}, format="json").json()

    wanted = {"status": "running", "datasets": ["trips"], "is_full": False, "is_dry_run": True, "origin": "api"}
    assert started == started | wanted | {"actor_email": "it@example.org"}
    assert (taken.status_code, taken.json()["code"]) == (409, "reconciliation_running")
    assert (cancelled["status"], cancelled["ended_at"] is not None, again) == ("cancelled", True, cancelled)
    assert (full["is_full"], full["status"]) == (True, "running")
    assert client.post(f"{RUNS}999999/cancel/").status_code == 404


def test_a_scope_that_there_is_none_of_is_refused(client):
    refused = client.post(RUNS, {"scope": "half"}, format="json")

    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["scope"])
    assert ReconciliationRun.objects.count() == 0


def test_runs_are_listed_page_by_page_with_what_they_found(client):
    figures = {"missing": 2, "stale": 1, "orphaned": 0, "repaired": 2, "failed": 1}
    runs = [ended(), ended(counts={"trips": figures}), ended()]

    first = client.get(RUNS, {"limit": 2}).json()["results"]
    second = client.get(RUNS, {"limit": 2, "before_id": first[-1]["id"]}).json()["results"]
    wrong = client.get(RUNS, {"before_id": "x"})

    assert [[one["id"] for one in page] for page in (first, second)] == [[runs[2].pk, runs[1].pk], [runs[0].pk]]
    assert (first[1]["drift"], first[1]["failed"], first[1]["actor_email"]) == (3, 1, "")
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["before_id"])


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_cost_the_same_for_one_and_for_three(client, count, django_assert_num_queries):
    for number in range(count):
        ended()
        make_row(number + 1, receiver=make_user(f"{number}@example.org"))

    for address in (RUNS, MESSAGES):
        with django_assert_num_queries(3):  # two for the session and its user
            assert len(client.get(address).json()["results"]) == count


# --- messages ---------------------------------------------------------------------------------------------------------
def test_messages_are_found_by_state_and_words_page_by_page(client):
    ada = make_user("ada@example.org")
    failed = make_row(1, receiver=ada, address=ada.email, status="failed", latest_error="mailbox full")
    waiting = make_row(2, receiver=ada, address=ada.email)
    make_row(3)

    def ids(**wanted):
        return [one["id"] for one in client.get(MESSAGES, wanted).json()["results"]]

    assert ids(text="ADA@") == [waiting.pk, failed.pk]
    assert ids(text="ada@", limit=1) == [waiting.pk]
    assert ids(text="ada@", before_id=waiting.pk) == [failed.pk]
    assert ids(status="failed") == [failed.pk]
    assert (client.get(MESSAGES, {"status": "lost"}).status_code, client.get(f"{MESSAGES}999999/").status_code) == (
        422,
        404,
    )
    one = client.get(f"{MESSAGES}{failed.pk}/").json()
    assert (one["status"], one["address"], one["latest_error"]) == ("failed", "ada@example.org", "mailbox full")
    assert "facts" not in one


def test_a_failed_message_is_retried_with_its_reason_in_the_trail(client):
    row = make_row(1, status="failed", attempts=9)

    done = client.post(f"{MESSAGES}{row.pk}/retry/", {"reason": "The mailbox was full."}, format="json")
    send()

    assert (done.status_code, done.json()["status"], done.json()["attempts"]) == (200, "pending", 0)
    row.refresh_from_db()
    assert (row.status, len(mail_to(row.address))) == ("sent", 1)
    event = OutboxEvent.objects.get(name="notifications.notification.retried")
    assert (event.payload["reason"], event.actor_email, event.origin) == (
        "The mailbox was full.",
        "it@example.org",
        "api",
    )


@pytest.mark.parametrize(("move", "status"), [("cancel", "cancelled"), ("mark-sent", "sent")])
def test_a_waiting_message_is_not_sent_any_more(client, move, status):
    row = make_row(1)

    done = client.post(f"{MESSAGES}{row.pk}/{move}/", {"reason": "Told by phone."}, format="json").json()
    refused = client.post(f"{MESSAGES}{row.pk}/{move}/", {}, format="json")
    send()

    assert (done["status"], done["latest_error"]) == (status, "Told by phone.")
    assert (refused.status_code, mail_to(row.address)) == (409, [])
    assert Notification.objects.get(pk=row.pk).status == status


# --- the audit trail --------------------------------------------------------------------------------------------------
@pytest.fixture
def trail(stores):  # noqa: F811
    """Three entries: two about launch 7, one about launch 8."""
    from common import outbox_consumers

    events = [
        OutboxEvent.objects.create(
            name="launches.launch.scheduled", payload={"launch_id": launch}, origin="portal", request_id=f"r{number}"
        )
        for number, launch in enumerate((7, 8, 7))
    ]
    append(records=[record_of(outbox_consumers.delivered(event)) for event in events], now=timezone.now())
    return [event.pk for event in events]


def test_the_trail_is_read_page_by_page_and_by_object(client, trail):
    def page(**wanted):
        return client.get(AUDIT, wanted).json()["results"]

    whole = [one for one in page() if one["event_id"] in trail]
    seven = page(kind="launch", number="7")

    assert [one["event_id"] for one in whole] == trail[::-1]
    after_the_first = [one["event_id"] for one in page(before_key=whole[0]["key"]) if one["event_id"] in trail]
    assert after_the_first == trail[1::-1]
    assert len(page(limit=1)) == 1
    assert [one["event_id"] for one in seven] == [trail[2], trail[0]]
    assert [one["event_id"] for one in page(kind="launch", number="7", before_key=seven[0]["key"])] == [trail[0]]
    assert (seven[0]["name"], seven[0]["origin"], seven[0]["payload"]) == (
        "launches.launch.scheduled", "portal", {"launch_id": 7},
    )  # fmt: skip
    assert seven[0]["sequence"] > seven[1]["sequence"] > 0
    assert page(before_key="made up") == []
    refused = client.get(AUDIT, {"kind": "launch"})
    assert (refused.status_code, refused.json()["fields"]) == (
        422, {"number": "Give both the kind and the number of the object, or neither."},
    )  # fmt: skip


def test_the_trail_says_that_its_store_is_away(client, stores, mongo_servers, short_timeouts):  # noqa: F811
    mongo_servers.logs.stop()

    assert client.get(AUDIT).status_code == 503


def test_the_trail_is_checked_and_says_how_it_stands(client, trail):
    from documents import audit_checks

    started = client.post(f"{AUDIT}checks/")
    taken = client.post(f"{AUDIT}checks/")
    at_work = client.get(f"{AUDIT}checks/").json()
    audit_checks.check_run(check_id=started.json()["id"])
    done = client.get(f"{AUDIT}checks/").json()

    assert (started.status_code, started.json()["status"], started.json()["actor_email"]) == (
        202, "running", "it@example.org",
    )  # fmt: skip
    assert (taken.status_code, AuditCheck.objects.count()) == (409, 1)
    assert (at_work["latest"], at_work["running"]["id"]) == (None, started.json()["id"])
    assert (done["running"], done["latest"]["id"]) == (None, started.json()["id"])
    assert AuditTrail.latest_in_chain() is not None
