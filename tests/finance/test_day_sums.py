"""A day's invoices, credit notes and declined cards, told to finance once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from common.models import OutboxEvent
from finance import services
from finance.models import DaySum, Payment
from tests.factories import LaunchFactory, make_booking

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 15, 0, 20, tzinfo=UTC)
DAY = datetime(2027, 3, 14, tzinfo=UTC)


def told() -> list[dict]:
    return [row.payload for row in OutboxEvent.objects.filter(name="finance.day.summed_up").order_by("id")]


def billed(day=DAY):
    booking = make_booking(launch=LaunchFactory(departure_at=DAY + timedelta(days=500)), now=day)
    services.invoice_issue(booking_id=booking.pk, event_id=booking.pk, today=day.date())
    return booking


def declined(at, status="declined"):
    booking = make_booking(launch=LaunchFactory(departure_at=DAY + timedelta(days=500)), now=DAY)
    return Payment.objects.create(
        booking=booking, gateway="sandbox", amount=100, currency="USD", status=status, created_at=at, settled_at=at
    )


def test_a_day_is_told_once_in_sums():
    first, second = billed(), billed()
    services.credit_note_issue(
        booking_id=first.pk, event_id=99, amount=Decimal(100), reason="cancelled", today=DAY.date()
    )
    declined(DAY)
    declined(DAY + timedelta(hours=23, minutes=59))
    declined(DAY + timedelta(hours=24))
    declined(DAY - timedelta(seconds=1))

    assert [services.days_sum_up(now=NOW + timedelta(hours=hours)) for hours in range(3)] == [1, 0, 0]

    (payload,) = told()
    assert payload["day"] == "2027-03-14"
    assert [(one["what"], one["currency"], one["count"], Decimal(one["amount"])) for one in payload["figures"]] == [
        ("customer", "USD", 2, first.price_amount + second.price_amount),
        ("credit_note", "USD", 1, Decimal(100)),
        ("declined", "USD", 2, Decimal(200)),
    ]


def test_a_day_that_brought_nothing_is_not_told():
    assert services.days_sum_up(now=NOW) == 0

    assert told() == []
    assert list(DaySum.objects.values_list("day", flat=True)) == [DAY.date()]


def test_days_on_which_nothing_ran_are_told_later_but_no_older_ones():
    for back in (0, 3, 30):
        billed(DAY - timedelta(days=back))
    DaySum.objects.create(day=(DAY - timedelta(days=4)).date(), told_at=NOW)

    assert services.days_sum_up(now=NOW) == 2

    assert [payload["day"] for payload in told()] == ["2027-03-11", "2027-03-14"]
