"""
The story, through the API alone: a customer books two seats, the supplier and the employee see them, the mail arrives,
reconciliation finds nothing, she cancels and gets the quoted refund.
"""

import threading
from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from common.models import OutboxEvent
from documents.repositories import AuditTrail, Offers, Trips
from finance.models import Invoice, Refund
from notifications.tasks import send_due
from tests.factories import PASSWORD, MemberFactory, make_booking
from tests.journeys.world import drift, mails_about, make_world, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

PASSENGERS = [
    {"full_name": "First Traveller", "email": "first@example.com", "phone": "+14155550123", "birth_date": "1985-06-15"},
    {
        "full_name": "Second Traveller",
        "email": "second@example.com",
        "phone": "+34 600 000 001",
        "birth_date": "1990-01-02",
    },
]
CARD = {"number": "4242 4242 4242 4242", "expiry": "12/35", "code": "123"}


def test_the_story_of_two_seats(deliver, settings):
    world = make_world()
    launch, ana = world.launch, world.customer
    customer, supplier, staff = signed_in(ana), signed_in(world.desk), signed_in(world.employee)

    # She looks around and holds the two best seats.
    found = APIClient().get("/api/v1/customer/launches/", {"seats": 2}).json()["results"]
    assert [(one["id"], one["seats_left"]) for one in found] == [(launch.pk, 6)]
    hold = customer.post("/api/v1/customer/holds/", {"launch_id": launch.pk, "party": 2}, format="json")
    assert (hold.status_code, hold.json()["seats"]) == (201, ["A1", "B1"])

    # Passengers, payment, confirmed.
    booking = customer.post(
        "/api/v1/customer/bookings/", {"hold_id": hold.json()["id"], "passengers": PASSENGERS}, format="json"
    )
    assert (booking.status_code, booking.json()["status"]) == (201, "pending")
    reference = booking.json()["reference"]
    payment = customer.post(f"/api/v1/customer/bookings/{reference}/payment/", CARD, format="json")
    assert (payment.status_code, payment.json()["booking_status"]) == (201, "confirmed")

    # The worker does its rounds.
    deliver()
    send_due()

    # The supplier and the employee see it, another supplier does not.
    seen = supplier.get(f"/api/v1/supplier/launches/{launch.pk}/bookings/").json()["results"]
    assert [(one["reference"], len(one["passengers"])) for one in seen] == [(reference, 2)]
    assert staff.get(f"/api/v1/employee/bookings/{reference}/").json()["price_amount"] == "900000.00"
    stranger = signed_in(MemberFactory(user__password=PASSWORD).user)
    assert stranger.get(f"/api/v1/supplier/launches/{launch.pk}/bookings/").status_code == 404

    # The mail is there, for her and for the supplier's desk.
    receivers = {mail["To"] for mail in mails_about(settings.MAIL_DIR, reference)}
    assert receivers >= {ana.email, world.desk.email}

    # The documents, the invoice and the audit trail say the same; reconciliation finds nothing.
    trip = Trips.of_reference(ana.pk, reference)
    assert (trip.status, [seat.passenger.full_name for seat in trip.seats]) == (
        "confirmed",
        ["First Traveller", "Second Traveller"],
    )
    assert Offers.get(launch.pk).seats_left == 4
    assert Invoice.objects.get().amount == Decimal(900000)
    confirmed = OutboxEvent.objects.get(name="bookings.booking.confirmed")
    entries = AuditTrail.of_object("booking", confirmed.payload["booking_id"])
    assert [entry.origin for entry in entries if entry.event_id == confirmed.pk] == ["api"]
    assert drift() == 0

    # She cancels and gets exactly the quoted refund.
    quote = customer.post(f"/api/v1/customer/bookings/{reference}/cancellation-quotes/", {}, format="json").json()
    assert (quote["percent"], quote["refund_amount"]) == (90, "810000.00")
    cancelled = customer.post(
        f"/api/v1/customer/bookings/{reference}/cancellation/", {"quote_id": quote["id"]}, format="json"
    )
    assert (cancelled.status_code, cancelled.json()["status"]) == (201, "cancelled")
    deliver()

    refund = Refund.objects.get()
    assert (refund.status, refund.amount) == ("succeeded", Decimal("810000"))
    note = Invoice.objects.get(kind="credit_note")
    assert (note.amount, note.corrects.kind) == (Decimal("810000"), "customer")
    assert Offers.get(launch.pk).seats_left == 6
    assert drift() == 0


def test_a_lost_document_is_found_and_brought_back(deliver):
    world = make_world()
    launch, ana = world.launch, world.customer
    booking = make_booking(launch=launch, customer=ana, now=timezone.now())
    deliver()
    Trips.delete(booking.pk)

    assert drift() == 1
    assert Trips.get(booking.pk).reference == booking.reference
    assert drift() == 0


def test_the_same_key_gives_the_same_answer_once():
    world = make_world()
    launch, ana = world.launch, world.customer
    customer = signed_in(ana)
    hold = {"launch_id": launch.pk, "party": 1}

    first = customer.post("/api/v1/customer/holds/", hold, format="json", headers={"Idempotency-Key": "one"})
    again = customer.post("/api/v1/customer/holds/", hold, format="json", headers={"Idempotency-Key": "one"})
    other = customer.post(
        "/api/v1/customer/holds/", {**hold, "party": 2}, format="json", headers={"Idempotency-Key": "one"}
    )

    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert OutboxEvent.objects.filter(name="bookings.hold.opened").count() == 1


def test_a_call_that_still_runs_is_answered_409(monkeypatch):
    from django.db import connections

    from bookings import services

    world = make_world()
    launch, ana = world.launch, world.customer
    customer, twin = signed_in(ana), signed_in(ana)
    inside, may_go_on = threading.Event(), threading.Event()
    hold_seats = services.seats_hold

    def slowly(**arguments):
        inside.set()
        may_go_on.wait(30)
        return hold_seats(**arguments)

    monkeypatch.setattr(services, "seats_hold", slowly)
    body, key = {"launch_id": launch.pk, "party": 1}, {"Idempotency-Key": "two"}
    answers = []

    def first():
        answers.append(customer.post("/api/v1/customer/holds/", body, format="json", headers=key))
        connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(30)
    second = twin.post("/api/v1/customer/holds/", body, format="json", headers=key)
    may_go_on.set()
    thread.join()

    assert (second.status_code, second.json()["code"]) == (409, "idempotency_key_in_use")
    assert answers[0].status_code == 201
