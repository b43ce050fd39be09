"""Refunds that need a person, and goodwill, page by page."""

from datetime import timedelta

import pytest
from django.urls import reverse

from finance import services
from finance.models import Refund
from finance.services.refunds import FAILED_AFTER, refund_for_cancellation
from tests.factories import card, make_pending
from tests.portals.desks import text


@pytest.fixture
def failed(make_launch, now):
    booking = make_pending(launch=make_launch(), now=now)
    services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=card("4000 0000 0000 3220"), now=now
    )
    (refund,) = refund_for_cancellation(booking_id=booking.pk, amount=1000, cause="customer", event_id=1, now=now)
    for hour in range(FAILED_AFTER):
        services.refunds_send_due(now=now + timedelta(hours=hour))
    return refund


def test_the_worklist_says_what_is_wrong_and_what_can_be_done(employee, failed):
    page = text(employee("finance").get(reverse("employee:refund-list")))

    for expected in (
        failed.booking.reference,
        "$1,000",
        "the account is closed",
        "6 refusals",
        "Try again now",
        "Paid by hand",
    ):
        assert expected in page


def test_an_empty_worklist_says_so(employee):
    assert "Nothing to do" in text(employee("finance").get(reverse("employee:refund-list")))


def test_the_overview_counts_them_for_finance(employee, failed):
    assert "Refunds that need you" in text(employee("finance").get(reverse("employee:home")))
    assert "Refunds that need you" not in text(employee("it").get(reverse("employee:home")))


def test_trying_again_tells_how_it_went(employee, failed):
    page = text(employee("finance").post(reverse("employee:refund-retry", args=[failed.pk]), follow=True))

    assert "did not go back: The card&#x27;s bank refused the refund" in page


def test_paid_by_hand_asks_how_and_takes_it_off_the_list(employee, failed):
    client, address = employee("finance"), reverse("employee:refund-paid-by-hand", args=[failed.pk])
    asked, empty = client.get(address), client.post(address, {"note": ""})
    done = client.post(address, {"note": "wire 4711"}, follow=True)

    failed.refresh_from_db()
    assert (asked.status_code, empty.status_code) == (200, 422)
    assert "Say how it was paid" in text(empty)
    assert "Nothing to do" in text(done)
    assert (failed.status, failed.gateway_reference) == ("succeeded", "manual:wire 4711")


@pytest.mark.parametrize("role", ["finance", "support"])
def test_goodwill_is_given_once_however_often_the_form_is_sent(employee, make_launch, book, role):
    booking = book(make_launch())
    client, address = employee(role), reverse("employee:booking-goodwill", args=[booking.reference])
    given = {"amount": "150.50", "reason": "A late patch", "key": "0" * 32}
    link = address in text(client.get(reverse("employee:booking-detail", args=[booking.reference])))

    first, again = client.post(address, given), client.post(address, given)

    refund = Refund.objects.get()
    assert link
    assert (first.status_code, again.status_code) == (303, 303)
    assert (str(refund.amount), refund.cause) == ("150.500", "goodwill")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "450000.01"}, "At most $450,000 can go back"),
        ({"amount": "0"}, "Give an amount above zero."),
        ({"amount": "many"}, "Give the amount in figures"),
        ({"reason": " "}, "Say why, in up to 200 characters."),
    ],
)
def test_goodwill_says_what_is_wrong_and_gives_nothing(employee, make_launch, book, changes, sentence):
    booking = book(make_launch())
    given = {"amount": "1", "reason": "Because", "key": "0" * 32, **changes}

    answer = employee("support").post(reverse("employee:booking-goodwill", args=[booking.reference]), given)

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Refund.objects.exists()


def test_it_finds_no_button_for_goodwill(employee, make_launch, book):
    booking = book(make_launch())
    page = text(employee("it").get(reverse("employee:booking-detail", args=[booking.reference])))

    assert "goodwill" not in page
