"""Starting, watching and ending a reconciliation."""

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from documents import mongo, repositories
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


# --- the stores -------------------------------------------------------------------------------------------------------
STORES = f"{ADDRESS}stores/"


def row_of(page: str, collection: str) -> str:
    return page.split(f'<th scope="row">{collection}</th>')[1].split("</tr>")[0]


@pytest.mark.django_db(transaction=True)
def test_the_stores_are_shown_with_counts_indexes_and_rules(employee, make_launch, book):
    book(make_launch())
    client = employee("it")

    page = client.get(STORES).content.decode()

    assert f'href="{STORES}"' in client.get(ADDRESS).content.decode()
    assert page.count('<th scope="row">') == len(repositories.ALL)
    assert all(word in row_of(page, "trips") for word in ("customer", "about 1<", "All there", "In force"))
    assert "Missing" not in page


def test_what_is_not_in_order_is_shown_and_mended_by_ensure(employee):
    client = employee("it")
    Trips._documents().drop_index("of_customer")
    Trips.store().set_validator("trips", {"bsonType": "object"})

    broken = row_of(client.get(STORES).content.decode(), "trips")
    document_services.stores_ensure()
    mended = row_of(client.get(STORES).content.decode(), "trips")

    assert all(word in broken for word in ("Missing", "of_customer", "Missing or old"))
    assert all(word in mended for word in ("All there", "In force"))


def test_a_store_that_is_away_is_said_so(employee, mongo_servers, settings):
    client = employee("it")
    mongo.close()
    settings.MONGODB_TIMEOUT_S = 0.3
    mongo_servers.customer.stop()

    answer = client.get(STORES)

    assert (answer.status_code, "customer document store cannot be reached" in text(answer)) == (503, True)
    mongo.close()
