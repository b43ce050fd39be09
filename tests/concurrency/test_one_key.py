"""One Idempotency-Key sent many times at once has one effect, at every address that makes seats or money."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from bookings import services as booking_services
from bookings.models import Booking, Hold, Rebooking
from common import idempotency
from common.models import OutboxEvent
from finance import services as finance_services
from finance.models import Invoice, InvoicePayment, Payment, Refund
from launches import services as launch_services
from tests.bookings.moving import sister
from tests.concurrency.processes import contend
from tests.factories import EmployeeFactory, LaunchFactory, UserFactory, make_booking, make_hold, make_pending

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
CARD = {"number": "4242 4242 4242 4242", "expiry": "12/35", "code": "123"}
PASSENGER = {
    "full_name": "Ada Lovelace", "email": "ada@example.com", "phone": "+1 415 555 0123", "birth_date": "1985-06-15",
}  # fmt: skip


@dataclass
class Case:
    """A request, another one for the same address, and what counts its effects."""

    person: Any
    path: str
    body: dict[str, Any]
    other: dict[str, Any]
    effects: Callable[[], int] = field(repr=False)

    def send(self, key: str, *, body: dict[str, Any] | None = None) -> tuple[int, Any, str]:
        client = APIClient()
        client.force_authenticate(self.person)
        path = f"/api/v1/{self.path}"
        answer = client.post(path, self.body if body is None else body, format="json", headers={"Idempotency-Key": key})
        return answer.status_code, answer.json(), answer.headers.get("Idempotent-Replayed", "false")


def events(name: str) -> int:
    return OutboxEvent.objects.filter(name=name).count()


def launch_ahead(**fields):
    return LaunchFactory(departure_at=timezone.now() + timedelta(days=500), **fields)


def holds():
    body = {"launch_id": launch_ahead().pk, "party": 1}
    return Case(UserFactory(), "customer/holds/", body, {**body, "party": 2}, Hold.objects.count)


def bookings():
    hold = make_hold(launch=launch_ahead(), now=timezone.now())
    body = {"hold_id": str(hold.pk), "passengers": [PASSENGER]}
    other = {**body, "passengers": [{**PASSENGER, "full_name": "Grace Hopper"}]}
    return Case(hold.customer, "customer/bookings/", body, other, Booking.objects.count)


def checkouts():
    body = {"launch_id": launch_ahead().pk, "passengers": [PASSENGER], "payment": CARD}
    other = {**body, "payment": {**CARD, "code": "321"}}
    return Case(
        UserFactory(), "customer/checkouts/", body, other,
        lambda: max(Booking.objects.count(), Hold.objects.count(), Payment.objects.count()),
    )  # fmt: skip


def payments():
    booking = make_pending(launch=launch_ahead(), now=timezone.now())
    path = f"customer/bookings/{booking.reference}/payment/"
    return Case(booking.customer, path, CARD, {**CARD, "code": "321"}, Payment.objects.count)


def cancellations():
    now = timezone.now()
    booking = make_booking(launch=launch_ahead(), now=now)
    quote = booking_services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=now)
    path = f"customer/bookings/{booking.reference}/cancellation/"
    body, other = ({"quote_id": str(one)} for one in (quote.pk, uuid.uuid4()))
    return Case(booking.customer, path, body, other, lambda: events("bookings.booking.cancelled"))


def move(price):
    booking = make_booking(launch=launch_ahead(), now=timezone.now())
    target = sister(
        booking.launch, departure_at=booking.launch.departure_at + timedelta(days=9), price_amount=Decimal(price)
    )
    return booking, target


def open_move(price):
    booking, target = move(price)
    return booking_services.rebooking_open(
        customer=booking.customer, reference=booking.reference, launch_id=target.pk, now=timezone.now()
    )


def rebookings():
    booking, target = move(450000)
    body = {"launch_id": target.pk}
    path = f"customer/bookings/{booking.reference}/rebookings/"
    seat = target.seats.get(label="B3")
    return Case(booking.customer, path, body, {**body, "seat_ids": [seat.pk]}, Rebooking.objects.count)


def confirmations():
    opened = open_move(300000)
    path = f"customer/rebookings/{opened.pk}/confirmation/"
    return Case(opened.booking.customer, path, {}, {"other": 1}, lambda: events("bookings.booking.moved"))


def differences():
    opened = open_move(500000)
    path = f"customer/rebookings/{opened.pk}/payment/"
    paid_before = Payment.objects.count()
    return Case(
        opened.booking.customer, path, CARD, {**CARD, "code": "321"},
        lambda: max(Payment.objects.count() - paid_before, events("bookings.booking.moved")),
    )  # fmt: skip


def goodwill():
    booking = make_booking(launch=launch_ahead(), now=timezone.now())
    body = {"amount": "1000.00", "reason": "A long wait."}
    path = f"employee/bookings/{booking.reference}/goodwill-refund/"
    return Case(EmployeeFactory(), path, body, {**body, "amount": "2000.00"}, Refund.objects.count)


def receipts():
    launch = launch_ahead()
    launch_services.launch_abort(actor=None, launch_id=launch.pk, reason="A leak.", now=timezone.now())
    finance_services.launch_settle(launch_id=launch.pk, now=timezone.now())
    path = f"employee/invoices/{Invoice.objects.get(kind='supplier').pk}/payments/"
    body = {"amount": "1", "received_on": str(timezone.now().date())}
    return Case(
        EmployeeFactory(employee_role="finance"), path, body, {**body, "note": "Again."}, InvoicePayment.objects.count
    )


COPIES = {holds: 50} | dict.fromkeys(
    (bookings, checkouts, payments, cancellations, rebookings, confirmations, differences, goodwill, receipts), 12
)


@pytest.fixture
def _warm():
    """Load what a first request loads, once here instead of in each of fifty processes."""
    assert APIClient().get("/api/v1/customer/launches/").status_code == 200


@pytest.mark.usefixtures("_warm")
@pytest.mark.parametrize("make", COPIES, ids=lambda make: make.__name__)
def test_one_key_sent_many_times_at_once_has_one_effect(make):
    case, key = make(), str(uuid.uuid4())
    assert case.effects() == 0

    answers = contend(count=COPIES[make], job=lambda _: case.send(key))

    done = [(body, replayed) for status, body, replayed in answers if status == 201]
    running = [body["code"] for status, body, _ in answers if status == 409]
    assert len(done) + len(running) == len(answers)
    assert set(running) <= {"idempotency_key_in_use"}
    assert [replayed for _, replayed in done].count("false") == 1
    assert all(body == done[0][0] for body, _ in done)
    assert case.effects() == 1
    assert case.send(key) == (201, done[0][0], "true")
    status, refused, _ = case.send(key, body=case.other)
    assert (status, refused["code"]) == (422, "idempotency_key_reused")
    assert case.effects() == 1


@pytest.mark.usefixtures("_warm")
@pytest.mark.parametrize("make", [holds, goodwill, receipts], ids=lambda make: make.__name__)
def test_control_without_remembering_keys_each_copy_has_its_effect(monkeypatch, make):
    case, key = make(), str(uuid.uuid4())

    def forget(*, call, **_):
        return idempotency.Answer(*call(idempotency.Attempt(uuid.uuid4(), is_again=False)), is_replay=False)

    monkeypatch.setattr(idempotency, "run", forget)

    contend(count=6, job=lambda _: case.send(key))

    assert case.effects() > 1
