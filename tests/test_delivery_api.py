"""IT looks after events and jobs by API."""

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from common import jobs, outbox_consumers
from common.models import JobRun, OutboxEvent, OutboxFailure
from tests.factories import EmployeeFactory

pytestmark = pytest.mark.django_db
FAILURES = "/api/v1/employee/events/failures/"


@pytest.fixture
def client():
    client = APIClient()
    client.force_login(EmployeeFactory(employee_role="it"))
    return client


@pytest.fixture
def parked():
    event = OutboxEvent.objects.create(name="a.b.c", payload={"number": 1}, origin="api", request_id="request-1")
    return OutboxFailure.objects.create(
        consumer="audit", event=event, attempts=8, error="ValueError: no", parked_at=timezone.now()
    )


def test_the_consumers_and_what_waits_for_them_are_listed(client, parked):
    found = {one["name"]: one for one in client.get("/api/v1/employee/events/consumers/").json()["results"]}

    assert sorted(found) == outbox_consumers.consumers()
    assert (found["audit"]["waiting"], found["audit"]["is_late"]) == (1, False)


def test_failed_events_are_listed_page_by_page(client, parked):
    first = client.get(FAILURES, {"limit": 1}).json()["results"]
    beyond = client.get(FAILURES, {"before_id": first[0]["id"]}).json()["results"]
    wrong = client.get(FAILURES, {"before_id": "x"})

    assert [(one["event"], one["request_id"], one["error"]) for one in first] == [
        ("a.b.c", "request-1", "ValueError: no")
    ]
    assert beyond == []
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["before_id"])


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(client, count, django_assert_num_queries):
    for number in range(count):
        event = OutboxEvent.objects.create(name="a.b.c", payload={}, origin="api")
        OutboxFailure.objects.create(consumer="audit", event=event, error=f"no {number}")

    with django_assert_num_queries(3):  # two for the session and its user
        assert len(client.get(FAILURES).json()["results"]) == count


def test_a_parked_event_is_dropped_with_a_reason(client, parked):
    address = f"{FAILURES}{parked.pk}/drop/"
    without = client.post(address, {"reason": " "})
    done = client.post(address, {"reason": "A test booking"})
    again = client.post(address, {"reason": "A test booking"})

    assert (without.status_code, list(without.json()["fields"])) == (422, ["reason"])
    assert (done.status_code, again.status_code) == (204, 404)
    assert OutboxEvent.objects.get(name="common.event.dropped").payload["reason"] == "A test booking"


def test_a_parked_event_is_tried_again_and_not_dropped_meanwhile(client, parked):
    retried = client.post(f"{FAILURES}{parked.pk}/retry/")
    dropped = client.post(f"{FAILURES}{parked.pk}/drop/", {"reason": "Because"})

    parked.refresh_from_db()
    assert (retried.status_code, parked.parked_at) == (204, None)
    assert (dropped.status_code, dropped.json()["code"]) == (409, "event_still_retried")


# --- jobs ------------------------------------------------------------
JOBS = "/api/v1/employee/jobs/"


def test_jobs_are_listed_with_how_they_stand(client):
    call_command("sync_schedules")
    now = timezone.now()
    JobRun.objects.create(job="expire holds", status="done", result="4", started_at=now, ended_at=now)

    found = {one["slug"]: one for one in client.get(JOBS).json()["results"]}

    assert set(found) == {job.slug for job in jobs.job_list()}
    told = found["expire-holds"]
    assert (told["minutes"], told["latest"]["result"], told["overdue_since"]) == (1, "4", None)
    assert found["pay-suppliers"]["latest"] is None


@pytest.mark.parametrize("count", [1, 3])
def test_the_jobs_cost_the_same_for_one_run_and_for_three(client, count, django_assert_num_queries):
    now = timezone.now()
    for job in jobs.job_list()[:count]:
        JobRun.objects.create(job=job.name, status="done", started_at=now, ended_at=now)

    with django_assert_num_queries(4):  # two for the session and its user
        client.get(JOBS)
    with django_assert_num_queries(3):
        client.get(f"{JOBS}deliver-events/runs/")


def test_a_job_is_run_now_once(client):
    asked = client.post(f"{JOBS}expire-holds/runs/")
    again = client.post(f"{JOBS}expire-holds/runs/")
    unknown = client.post(f"{JOBS}rob-a-bank/runs/")
    listed = client.get(f"{JOBS}expire-holds/runs/").json()["results"]

    assert (asked.status_code, asked.json()["status"]) == (202, "queued")
    assert (again.status_code, again.json()["code"]) == (409, "job_under_way")
    assert (unknown.status_code, client.get(f"{JOBS}rob-a-bank/runs/").status_code) == (404, 404)
    assert [one["id"] for one in listed] == [asked.json()["id"]]
    assert OutboxEvent.objects.get(name="common.job.requested").origin == "api"
