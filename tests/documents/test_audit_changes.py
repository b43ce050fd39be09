"""What employees and suppliers change stands in the audit trail as it was and as it is."""

from decimal import Decimal

import pytest

from accounts import services as account_services
from bookings import services as booking_services
from documents.repositories import AuditTrail
from finance import services as finance_services
from launches import services as launch_services
from tests.factories import NOW, EmployeeFactory, LaunchFactory, UserFactory, make_booking
from tests.finance.test_refunds import NO_REFUND, failed, paid

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("stores")]


def entry(kind: str, number: int, name: str):
    (found,) = [one for one in AuditTrail.of_object(kind, number) if one.name == name]
    return found


def test_changes_tell_before_after_and_why(deliver):
    admin, person = EmployeeFactory(employee_role="admin"), UserFactory(full_name="Ana One")
    launch = LaunchFactory(price_amount=Decimal(250000))

    account_services.user_change(actor=admin, user_id=person.pk, changes={"full_name": "Ana Two", "is_active": True})
    launch_services.supplier_suspend(actor=admin, supplier_id=launch.supplier_id, reason="debts")
    launch_services.launch_change(actor=None, launch_id=launch.pk, price_amount=Decimal(300000), now=launch.created_at)
    launch_services.launch_confirm(actor=None, launch_id=launch.pk, now=launch.created_at)
    deliver()

    named = entry("user", person.pk, "accounts.user.changed")
    assert (named.before, named.after) == ({"full_name": "Ana One"}, {"full_name": "Ana Two"})
    suspended = entry("supplier", launch.supplier_id, "launches.supplier.suspended")
    assert (suspended.before, suspended.after, suspended.reason) == (
        {"status": "approved"},
        {"status": "suspended"},
        "debts",
    )
    dearer = entry("launch", launch.pk, "launches.launch.changed")
    assert Decimal(dearer.before["price_amount"]) == 250000
    assert Decimal(dearer.after["price_amount"]) == 300000
    confirmed = entry("launch", launch.pk, "launches.launch.confirmed")
    assert (confirmed.before, confirmed.after) == ({"status": "scheduled"}, {"status": "confirmed"})


def test_goodwill_tells_how_much_goes_back_before_and_after_and_why(deliver):
    booking, support = make_booking(launch=LaunchFactory()), EmployeeFactory(employee_role="support")
    for amount in (100, 50):
        finance_services.refund_goodwill(
            actor=support, reference=booking.reference, amount=Decimal(amount), reason="a cold cabin", now=NOW
        )
    deliver()

    entries = AuditTrail.of_object("booking", booking.pk)
    told = [one for one in entries if one.name == "bookings.booking.goodwill_granted"]
    assert [
        (Decimal(one.before["refund_amount"]), Decimal(one.after["refund_amount"]), one.reason, one.actor_id)
        for one in reversed(told)
    ] == [(0, 100, "a cold cabin", support.pk), (100, 150, "a cold cabin", support.pk)]


def test_a_refund_settled_by_hand_tells_what_it_was_and_how_it_was_paid(deliver):
    refund, finance = failed(paid(NO_REFUND)), EmployeeFactory(employee_role="finance")
    finance_services.refund_retry(actor=finance, refund_id=refund.pk, now=NOW)
    refund.status = "failed"  # once more
    refund.save()

    finance_services.refund_paid_by_hand(actor=finance, refund_id=refund.pk, note="wire 4711", now=NOW)
    deliver()

    again = entry("refund", refund.pk, "finance.refund.retried")
    assert (again.before, again.after) == ({"status": "failed"}, {"status": "requested"})
    by_hand = entry("refund", refund.pk, "finance.refund.succeeded")
    assert (by_hand.before, by_hand.after) == ({"status": "failed"}, {"status": "succeeded"})
    assert (by_hand.reason, by_hand.actor_id) == ("paid by hand: wire 4711", finance.pk)


def test_a_change_of_seats_tells_who_sat_where(deliver):
    booking = make_booking(launch=LaunchFactory(), seats=2)  # A1 and B1
    one, two = booking.passengers.order_by("pk")
    for label in ("A3", "B1"):  # a free one, then that of the other passenger
        booking_services.seat_change(
            actor=booking.customer,
            reference=booking.reference,
            passenger_id=one.pk,
            seat_id=booking.launch.seats.get(label=label).pk,
            now=NOW,
        )
    deliver()

    entries = [e for e in AuditTrail.of_object("booking", booking.pk) if e.name == "bookings.booking.changed"]
    first, second = f"seat_of_passenger_{one.pk}", f"seat_of_passenger_{two.pk}"
    assert [(e.before, e.after) for e in reversed(entries)] == [
        ({first: "A1"}, {first: "A3"}),
        ({first: "A3", second: "B1"}, {first: "B1", second: "A3"}),
    ]
