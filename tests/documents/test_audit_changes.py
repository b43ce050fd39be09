"""What employees and suppliers change stands in the audit trail as it was and as it is."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts import services as account_services
from bookings import services as booking_services
from documents.repositories import AuditTrail
from finance import services as finance_services
from launches import services as launch_services
from launches.models import CancellationPolicy, Spaceport
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


NO_SEATS = {f"seats-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
NO_MEMBERS = {f"members-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
# What is typed into which form of the admin, on top of what stands there, and which event tells it.
CORRECTIONS = {
    "supplier": ("launches.supplier.changed", {"tax_id": "ES-2", "contact_email": "new@example.com"}, NO_MEMBERS),
    "rocket": ("launches.rocket.changed", {"description": "Seats that recline."}, NO_SEATS),
    "spaceport": ("launches.spaceport.changed", {"name": "Another Name"}, {}),
    "destination": ("launches.destination.changed", {"name": "Another Place"}, {}),
    "cancellationpolicy": (
        "launches.cancellation_policy.changed",
        {"tiers": '[{"months": 3, "percent": 50}]'},
        {},
    ),
}


@pytest.mark.parametrize("model", CORRECTIONS)
def test_what_the_admin_corrects_tells_before_and_after_also_where_no_launch_shows_it(model, deliver, client):
    admin, launch = EmployeeFactory(employee_role="admin"), LaunchFactory(status="draft")
    row = launch.cancellation_policy if model == "cancellationpolicy" else getattr(launch, model)
    name, typed, inline = CORRECTIONS[model]
    client.force_login(admin)
    page = reverse(f"admin:launches_{model}_change", args=[row.pk])
    shown = client.get(page).context["adminform"].form.initial
    before = {field: shown[field] for field in typed}
    as_it_was = {field: value for field, value in shown.items() if value is not None}

    answer = client.post(page, as_it_was | typed | inline)
    deliver()

    assert answer.status_code == 302
    row.refresh_from_db()
    told = entry(name.split(".")[1], row.pk, name)
    assert (told.before, told.after) == (before, {field: getattr(row, field) for field in typed})
    assert (told.actor_id, told.actor_email, told.origin) == (admin.pk, admin.email, "portal")


def test_what_is_entered_in_the_admin_stands_in_the_trail(deliver, client):
    client.force_login(EmployeeFactory(employee_role="admin"))
    port = {"code": "mahia", "name": "Mahia", "country": "NZ", "latitude": "-39.26", "longitude": "177.86"}
    terms = {"code": "strict", "name": "Strict", "tiers": '[{"months": 12, "percent": 10}]'}

    client.post(reverse("admin:launches_spaceport_add"), port | {"time_zone": "Pacific/Auckland"})
    client.post(reverse("admin:launches_cancellationpolicy_add"), terms)
    deliver()

    entered = entry("spaceport", Spaceport.objects.get(code="mahia").pk, "launches.spaceport.created")
    assert (entered.before["name"], entered.after["name"]) == (None, "Mahia")
    strict = CancellationPolicy.objects.get(code="strict")
    assert (
        entry("cancellation_policy", strict.pk, "launches.cancellation_policy.created").after["tiers"] == strict.tiers
    )


def test_who_may_act_for_a_supplier_stands_in_the_trail(deliver):
    launch, newcomer = LaunchFactory(), UserFactory(kind="supplier")

    launch_services.supplier_member_add(
        actor=EmployeeFactory(), supplier_id=launch.supplier_id, user_id=newcomer.pk, role="finance"
    )
    deliver()

    added = entry("supplier", launch.supplier_id, "launches.supplier.member_added")
    assert (added.payload["user_id"], added.payload["role"]) == (newcomer.pk, "finance")
