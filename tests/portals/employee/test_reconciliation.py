"""Starting, watching and ending a reconciliation."""

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from documents import services as document_services
from documents.models import ReconciliationRun
from documents.repositories import Trips
from tests.portals.desks import text

ADDRESS = "/employee/reconciliation/"


def test_a_run_waits_for_the_worker_and_says_so(employee):
    client = employee("it")
    answer = client.post(ADDRESS, {"datasets": ["trips"], "is_dry_run": "on"}, follow=True)
    run = ReconciliationRun.objects.get()
    assert (run.datasets, run.is_dry_run, run.origin, run.actor_email) == (["trips"], True, "portal", client.user.email)
    assert OrmQ.objects.count() == 1
    assert "Waiting for the worker" in text(answer)
    assert "No worker is running." in text(answer)
    assert 'hx-trigger="every 1s"' in text(answer)


def test_a_second_run_is_refused_while_one_is_under_way(employee):
    client = employee("it")
    client.post(ADDRESS, {"datasets": ["trips"]})
    answer = client.post(ADDRESS, {"datasets": ["trips"]})
    assert answer.status_code == 422
    assert "is still running" in text(answer)
    assert ReconciliationRun.objects.count() == 1


@pytest.mark.parametrize("datasets", [[], ["no such"]])
def test_a_bad_choice_gets_its_sentence_and_starts_nothing(employee, datasets):
    answer = employee("it").post(ADDRESS, {"datasets": datasets})
    assert answer.status_code == 422
    assert "There is a problem" in text(answer)
    assert not ReconciliationRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_result_says_what_differed_and_was_repaired(employee, make_launch, book, deliver):
    booking = book(make_launch())
    deliver()  # what is on its way is no drift
    Trips.delete(booking.pk)
    client = employee("it")
    client.post(ADDRESS, {"datasets": ["trips"]})
    run = ReconciliationRun.objects.get()
    document_services.reconciliation_run(run_id=run.pk, settle_s=0)

    page = text(client.get(f"{ADDRESS}{run.pk}/"))

    assert "Drift repaired" in page
    assert "1 differed, all repaired" in page
    assert "every 1s" not in page
    assert Trips.get(booking.pk) is not None
    assert "Drift repaired" in text(client.get(reverse("employee:home")))


def test_the_progress_is_a_fragment_for_htmx(employee):
    client = employee("it")
    client.post(ADDRESS, {"datasets": ["trips"]})
    run = ReconciliationRun.objects.get()
    page = text(client.get(f"{ADDRESS}{run.pk}/", headers={"HX-Request": "true"}))
    assert page.startswith('<div id="progress"')


def test_a_run_can_be_cancelled(employee):
    client = employee("it")
    client.post(ADDRESS, {"datasets": ["trips"]})
    run = ReconciliationRun.objects.get()
    page = text(client.post(f"{ADDRESS}{run.pk}/cancel/", follow=True))
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert "is cancelled" in page
    assert client.get(f"{ADDRESS}999999/").status_code == 404


def test_a_run_can_go_on_from_the_one_before_and_shows_how_far_it_is(employee):
    client = employee("it")
    client.post(ADDRESS, {"datasets": ["trips", "offers"], "scope": "since_last"})
    run = ReconciliationRun.objects.get()
    assert run.is_full is False
    run.counts = {"trips": {"looked_at": 50, "expected": 100}}
    run.save()

    page = text(client.get(f"{ADDRESS}{run.pk}/"))

    assert "Only what has changed since the run before is compared" in page
    assert '<rect width="25" height="10"/>' in page
    assert "since the run before" in text(client.get(ADDRESS))
