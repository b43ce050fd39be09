"""An event that a consumer set aside comes after later ones: what follows in money and papers is the same."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from bookings import services as booking_services
from common import outbox_consumers
from common.models import OutboxEvent
from finance import services
from finance.models import Invoice, Refund, SupplierStatement
from finance.services.reconciling import money_reconcile
from launches import services as launch_services
from tests.bookings.moving import confirm, open_move, sister
from tests.factories import NOW, make_booking
from tests.finance.settling import AFTER, make_launch

pytestmark = pytest.mark.django_db


def cancelled_by_its_customer(launch):
    booking = make_booking(launch=launch, seats=2)
    quote = booking_services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=NOW)
    booking_services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=NOW)
    return booking


def launch_called_off(launch):
    booking = make_booking(launch=launch, seats=2)
    launch_services.launch_abort(actor=None, launch_id=launch.pk, reason="A leak.", now=NOW)
    return booking


def handle(*, set_aside: str) -> None:
    """Give all events to bookings and finance in order, but one kind to finance only at the very end."""
    seen, late = set(), []
    while rows := [row for row in OutboxEvent.objects.order_by("pk") if row.pk not in seen]:
        for row in rows:
            seen.add(row.pk)
            event = outbox_consumers.delivered(row)
            outbox_consumers.handle("bookings", [event])
            if event.name == set_aside:
                late.append(event)
            else:
                outbox_consumers.handle("finance", [event])
    for event in late:
        outbox_consumers.handle("finance", [event])
    assert late or not set_aside


def outcome(booking) -> dict:
    papers = Invoice.objects.filter(booking=booking)
    return {
        "papers": sorted(papers.values_list("kind", "amount", "leg")),
        "credits name their invoice": all(
            paper.corrects_id is not None for paper in papers if paper.kind == "credit_note"
        ),
        "refunded": Refund.objects.filter(booking=booking).aggregate(sum=Sum("amount"))["sum"],
        "differences": money_reconcile(now=NOW, is_dry_run=True, settle_s=0).found,
    }


@pytest.mark.parametrize("story", [cancelled_by_its_customer, launch_called_off])
@pytest.mark.parametrize(
    "late", ["bookings.booking.confirmed", "bookings.booking.cancelled", "finance.refund.requested"]
)
def test_a_late_event_changes_nothing_in_the_end(story, late):
    in_order, out_of_order = story(make_launch()), None
    handle(set_aside="")
    expected = outcome(in_order)
    OutboxEvent.objects.all().delete()
    out_of_order = story(make_launch())
    handle(set_aside=late)

    assert outcome(out_of_order) == expected
    assert expected["refunded"] > 0
    assert len(expected["papers"]) == 2


@pytest.mark.parametrize("direction", ["to it", "away from it"])
def test_a_launch_is_settled_only_when_the_money_of_moved_bookings_has_followed_them(direction):
    flown = make_launch()
    other = sister(flown, status="confirmed", departure_at=AFTER + timedelta(days=30))
    start, goal = (other, flown) if direction == "to it" else (flown, other)
    booking = make_booking(launch=start)
    handle(set_aside="")
    known = OutboxEvent.objects.latest("pk").pk
    confirm(open_move(booking, goal))
    launch_services.launch_mark_flown(actor=None, launch_id=flown.pk, outcome="launched", now=AFTER)
    new = [outbox_consumers.delivered(row) for row in OutboxEvent.objects.filter(pk__gt=known).order_by("pk")]
    for event in new:
        outbox_consumers.handle("bookings", [event])

    early = services.launches_settle_due(now=AFTER)  # the job, while finance has not heard of the move
    for event in new:
        outbox_consumers.handle("finance", [event])
    services.launches_settle_due(now=AFTER)

    statement = SupplierStatement.objects.get()
    assert early == 0
    taken = 450_000 if direction == "to it" else 0
    assert (statement.collected_amount, statement.fee_amount) == (taken, taken / 100)
    assert money_reconcile(now=NOW, is_dry_run=True, settle_s=0).found == 0
