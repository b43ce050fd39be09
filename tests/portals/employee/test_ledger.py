"""The ledger's pages: balances, runs with what they found, a booking's entries."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from finance.models import MoneyReconciliationRun
from tests.factories import make_pending
from tests.portals.desks import text

ADDRESS = "/employee/money/"
FINDING = {
    "class": "currency_differs",
    "label": "Another currency at the gateway",
    "subject": "booking ABC234, payment 1",
    "expected": "$450,000, succeeded",
    "found": "€450,000 collected at the gateway",
    "done": "Nothing: <b>no rate</b> says what it is worth.",
    "repaired": False,
}


@pytest.fixture
def run(db, now):
    return MoneyReconciliationRun.objects.create(
        started_at=now, finished_at=now, origin="job", looked_at=7, found=3, repaired=2, findings=[FINDING]
    )


def test_a_run_is_asked_for_and_waits_for_the_worker(employee):
    answer = employee("finance").post(ADDRESS, {"day": "2027-01-15", "is_dry_run": "on"}, follow=True)

    assert "A run was asked for." in text(answer)
    assert "No worker is running." in text(answer)
    job = OrmQ.objects.get().task
    assert (job["func"], job["kwargs"]["day"]) == ("finance.tasks.money_reconcile", "2027-01-15")
    assert job["kwargs"]["is_dry_run"] is True


def test_a_day_that_is_none_is_refused_and_starts_nothing(employee):
    answer = employee("finance").post(ADDRESS, {"day": "tomorrow"})

    assert answer.status_code == 422
    assert "Give the day as a date" in text(answer)
    assert not OrmQ.objects.exists()


def test_the_list_says_what_each_run_found(employee, run):
    page = text(employee("finance").get(ADDRESS))

    assert "3 found, 2 repaired, 1 left." in page
    assert "the system" in page
    assert "Nothing is booked yet" in page


def test_a_run_says_of_each_difference_what_was_done(employee, run):
    page = text(employee("finance").get(f"{ADDRESS}{run.pk}/"))

    assert "Another currency at the gateway" in page
    assert "€450,000 collected at the gateway" in page
    assert "&lt;b&gt;no rate&lt;/b&gt;" in page
    assert "2 more are counted and not named here" in page


def test_a_booking_shows_its_entries_to_finance_only(employee, make_launch, book):
    booking = book(make_launch())
    address = reverse("employee:booking-ledger", args=[booking.reference])
    detail = reverse("employee:booking-detail", args=[booking.reference])

    client = employee("finance")
    page = text(client.get(address))

    assert "Money at the payment gateway" in page
    assert "Owed to suppliers" in page
    assert address in text(client.get(detail))
    assert address not in text(employee("support").get(detail))
    assert client.get(reverse("employee:booking-ledger", args=["NOPE23"])).status_code == 404


def test_a_booking_without_money_says_so(employee, make_launch):
    booking = make_pending(launch=make_launch(), now=timezone.now())
    page = text(employee("finance").get(reverse("employee:booking-ledger", args=[booking.reference])))

    assert "No money has moved for this booking." in page
