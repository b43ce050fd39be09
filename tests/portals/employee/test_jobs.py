"""Jobs: what IT sees of them, and running one now."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django_q.models import Schedule

from common.models import JobRun, OutboxEvent
from tests.portals.desks import text

LIST = reverse("employee:job-list")
DETAIL = reverse("employee:job-detail", args=["expire-holds"])
RUN = reverse("employee:job-run", args=["expire-holds"])


@pytest.fixture
def make_run(now):
    def make(**changes):
        facts = {
            "job": "expire holds", "status": "done", "result": "4", "started_at": now - timedelta(seconds=2),
            "ended_at": now,
        }  # fmt: skip
        return JobRun.objects.create(**{**facts, **changes})

    return make


def test_the_list_says_how_each_job_went_and_what_lapsed(employee, make_run, now):
    call_command("sync_schedules")
    make_run()
    for _ in range(3):
        make_run(job="pay suppliers", status="failed", error="ValueError: no bank")
    Schedule.objects.filter(name="tend slips").update(next_run=now - timedelta(hours=1))
    client = employee("it")

    page = text(client.get(LIST))
    home = text(client.get(reverse("employee:home")))

    for expected in (
        "Expire holds",
        "In order",
        "2.0&nbsp;s",
        "Failing",
        "3 times in a row",
        "ValueError: no bank",
        "Overdue",
    ):
        assert expected in page
    assert "No worker is running." in page
    assert "overdue, or failing again and again" in home


def test_a_job_that_has_no_schedule_says_so(employee):
    assert "Not scheduled" in text(employee("it").get(LIST))


def test_running_a_job_now_shows_that_it_waits_and_is_audited(employee):
    client = employee("it")
    answer = text(client.post(RUN, follow=True))
    again = text(client.post(RUN, follow=True, headers={"Referer": f"http://testserver{DETAIL}"}))

    assert "runs as soon as the worker has a free hand" in answer
    assert "Waiting for the worker" in answer
    assert f"asked for by {client.user.email}" in answer
    assert "is running or waiting for the worker already" in again
    assert JobRun.objects.count() == 1
    assert OutboxEvent.objects.get(name="common.job.requested").actor_email == client.user.email
    assert client.post(reverse("employee:job-run", args=["rob-a-bank"])).status_code == 404
    assert client.get(reverse("employee:job-detail", args=["rob-a-bank"])).status_code == 404


def test_the_runs_of_a_job_are_paged(employee, make_run, monkeypatch):
    monkeypatch.setattr("portals.employee.views.jobs.PAGE", 2)
    for number in range(3):
        make_run(result=f"result {number}")
    client = employee("it")

    first = text(client.get(DETAIL))
    second = text(client.get(DETAIL, {"cursor": JobRun.objects.get(result="result 1").pk}))

    assert "result 2" in first
    assert "result 1" in first
    assert "result 0" not in first
    assert "Next page" in first
    assert "result 0" in second
    assert "result 1" not in second


@pytest.mark.parametrize("address", [LIST, DETAIL])
def test_the_number_of_queries_does_not_grow(
    employee, make_run, address, django_assert_num_queries, django_assert_max_num_queries
):
    call_command("sync_schedules")
    client = employee("it")
    make_run()
    with django_assert_max_num_queries(8) as few:
        client.get(address)
    make_run()
    make_run(job="pay suppliers")
    make_run(job="tend slips")
    with django_assert_num_queries(len(few)):
        client.get(address)
