"""A lock that somebody holds too long, when moving a trip, answering a slip, waiting, and at the desks."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import selectors
from bookings.models import Booking, Rebooking, WaitingEntry
from finance import services as finance_services
from finance.models import Invoice, InvoicePayment, Payment, Refund, SandboxCharge
from finance.services.refunds import refund_for_cancellation
from launches.models import Launch, LaunchSeat
from tests.bookings.moving import open_move, sister
from tests.bookings.test_slips import delay
from tests.factories import make_booking
from tests.finance import settling
from tests.locked import somebody_holds
from tests.portals.customer.conftest import GOOD_CARD, enter, make_launch, now, supplier, vera, words
from tests.portals.desks import *  # noqa: F403 - fixtures
from tests.portals.desks import _ensured_stores, _stores  # noqa: F401 - fixtures
from tests.portals.test_busy import UNRECORDED, _little_patience, busy

__all__ = ["_little_patience", "enter", "make_launch", "now", "supplier", "vera"]
pytestmark = pytest.mark.django_db(transaction=True)


# --- moving a trip, and answering a slip ------------------------------------------------------------
@pytest.fixture
def target(make_launch, now):
    """A booking's launch, and another of the same supplier to the same place, a day later and dearer by one."""
    launch = make_launch()
    launch.other = sister(
        launch, departure_at=launch.departure_at + timedelta(days=1), price_amount=launch.price_amount + 1
    )
    return launch


def test_choosing_seats_of_a_move_keeps_them_ticked(vera, target, now):
    booking = make_booking(launch=target, customer=vera.user, now=now)
    seat = target.other.seats.get(label="A3")
    delay(target, now=now)
    link = selectors.slip_token(booking.slip_decisions.get().pk)

    with somebody_holds(LaunchSeat.objects.filter(pk=seat.pk)):
        answers = [
            vera.post(
                reverse("customer:trip-move-seats", args=[booking.reference, target.other.slug]), {"seats": seat.pk}
            ),
            Client().post(reverse("customer:slip-move-seats", args=[link, target.other.slug]), {"seats": seat.pk}),
        ]

    for answer in answers:
        assert busy(answer)
        assert f'value="{seat.pk}" checked' in answer.content.decode()
    assert not Rebooking.objects.exists()


def test_paying_for_a_move_says_so_and_charges_nothing(vera, target, now):
    booking = make_booking(launch=target, customer=vera.user, now=now)
    move = open_move(booking, target.other, now=now)
    path = reverse("customer:trip-move-check", args=[booking.reference, move.pk])

    with somebody_holds(Booking.objects.filter(pk=booking.pk)):
        answer = vera.post(path, GOOD_CARD)

    assert busy(answer)
    assert 'name="number"' in answer.content.decode()
    assert SandboxCharge.objects.count() == 1  # the booking's own
    assert "Your booking has moved" in words(vera.post(path, GOOD_CARD, follow=True))


def test_a_move_whose_lock_is_lost_after_the_charge_is_made_by_itself(vera, target, now):
    booking = make_booking(launch=target, customer=vera.user, now=now)
    move = open_move(booking, target.other, now=now)
    path = reverse("customer:trip-move-check", args=[booking.reference, move.pk])

    with somebody_holds(Launch.objects.filter(pk=target.pk)):
        page = words(vera.post(path, GOOD_CARD, follow=True))

    assert "We are checking your payment" in page
    assert "Nothing was changed" not in page
    finance_services.payments_settle(now=timezone.now() + timedelta(minutes=1))
    assert "Your booking has moved" in words(vera.get(path))


def test_the_code_for_a_move_is_asked_again(vera, target, now):
    booking = make_booking(launch=target, customer=vera.user, now=now)
    move = open_move(booking, target.other, now=now)
    path = reverse("customer:trip-move-check", args=[booking.reference, move.pk])
    asked = vera.post(path, {**GOOD_CARD, "number": "4000 0025 0000 3155"}, follow=True)

    with somebody_holds(Booking.objects.filter(pk=booking.pk)):
        answer = vera.post(path, {"code": asked.context["code"]})

    assert (answer.status_code, answer["Retry-After"]) == (503, "3")
    assert UNRECORDED in words(answer)
    assert 'name="code"' in answer.content.decode()
    assert Booking.objects.get(pk=booking.pk).launch_id == target.pk
    assert "Your booking has moved" in words(vera.post(path, {"code": asked.context["code"]}, follow=True))


def test_a_move_that_costs_nothing_is_asked_again(vera, make_launch, now):
    launch = make_launch()
    target = sister(launch, departure_at=launch.departure_at + timedelta(days=1))
    booking = make_booking(launch=launch, customer=vera.user, now=now)
    move = open_move(booking, target, now=now)

    with somebody_holds(Booking.objects.filter(pk=booking.pk)):
        answer = vera.post(reverse("customer:trip-move-check", args=[booking.reference, move.pk]))

    assert busy(answer)
    assert "Move my booking" in answer.content.decode()
    assert Booking.objects.get(pk=booking.pk).launch_id == launch.pk


@pytest.mark.parametrize("what", ["keep", "refund"])
def test_an_answer_to_a_slip_keeps_the_yes(make_launch, now, what):
    booking = make_booking(launch=make_launch(), now=now)
    delay(booking.launch, now=now)
    path = reverse("customer:slip", args=[selectors.slip_token(booking.slip_decisions.get().pk)])

    with somebody_holds(Booking.objects.filter(pk=booking.pk)):
        answer = Client().post(path, {"answer": what, "sure": "on"})

    assert busy(answer)
    assert (" checked" in answer.content.decode()) is (what == "refund")
    assert booking.slip_decisions.get().status == "open"


def test_joining_a_waiting_list_keeps_the_party(vera, make_launch, now):
    launch = make_launch(seats=3)
    make_booking(launch=launch, seats=3, now=now)

    with somebody_holds(Launch.objects.filter(pk=launch.pk)):
        answer = vera.post(f"/launches/{launch.slug}/waiting/", {"party": "3"})

    assert busy(answer)
    assert '<option value="3" selected>' in answer.content.decode()
    assert not WaitingEntry.objects.exists()


# --- the desks --------------------------------------------------------------------------------------
def test_a_supplier_keeps_the_reason_of_a_move(member, make_launch):
    launch, client = make_launch(mission_name="Quiet Dawn"), member()
    typed = {"reason": "Engine trouble.", "confirmation": "Quiet Dawn"}

    with somebody_holds(Launch.objects.filter(pk=launch.pk)):
        answer = client.post(reverse("supplier:launch-abort", args=[launch.pk]), typed)

    assert busy(answer)
    assert "Engine trouble." in answer.content.decode()
    assert 'value="Quiet Dawn"' in answer.content.decode()
    assert Launch.objects.get(pk=launch.pk).status == "scheduled"


def test_a_supplier_keeps_the_delay_that_was_checked(member, make_launch, now):
    launch, client = make_launch(departure_precision="day"), member()
    later = (launch.departure_at + timedelta(days=40)).date().isoformat()
    typed = {"departure_date": later, "departure_precision": "day", "reason": "A valve.", "step": "confirmed",
             "confirmation": launch.mission_name}  # fmt: skip
    path = reverse("supplier:launch-delay", args=[launch.pk])

    with somebody_holds(Launch.objects.filter(pk=launch.pk)):
        answer = client.post(path, typed)

    html = answer.content.decode()
    assert busy(answer)
    assert "Publish the delay" in html
    for name in ("departure_date", "departure_precision", "reason"):
        assert f'name="{name}" value="{typed[name]}"' in html
    assert f'value="{launch.mission_name}"' in html
    assert Launch.objects.get(pk=launch.pk).status == "scheduled"


def test_an_employee_keeps_goodwill_and_its_key(employee, make_launch, now):
    booking, client = make_booking(launch=make_launch(), now=now), employee("finance")
    typed = {"amount": "12.50", "reason": "A long wait.", "key": "a" * 32}
    path = reverse("employee:booking-goodwill", args=[booking.reference])

    with somebody_holds(Payment.objects.filter(booking=booking)):
        answer = client.post(path, typed)

    html = answer.content.decode()
    assert busy(answer)
    for value in typed.values():
        assert f'value="{value}"' in html
    assert not Refund.objects.exists()


def test_an_employee_keeps_how_a_refund_was_paid_by_hand(employee, make_launch, now):
    booking, client = make_booking(launch=make_launch(), now=now), employee("finance")
    (refund,) = refund_for_cancellation(booking_id=booking.pk, amount=1000, cause="customer", event_id=1, now=now)
    Refund.objects.update(status="failed")

    with somebody_holds(Refund.objects.filter(pk=refund.pk)):
        answer = client.post(reverse("employee:refund-paid-by-hand", args=[refund.pk]), {"note": "wire 4711"})

    assert busy(answer)
    assert 'value="wire 4711"' in answer.content.decode()
    assert Refund.objects.get().status == "failed"


def test_an_employee_keeps_what_came_in_for_an_invoice(employee, supplier):
    launch = settling.make_launch(supplier)
    settling.end(launch, "aborted")
    bill, client = Invoice.objects.get(kind="supplier"), employee("finance")
    typed = {"amount": "400", "received_on": "2026-11-22", "note": "wire 4712", "seen_paid_amount": "0"}

    with somebody_holds(Invoice.objects.filter(pk=bill.pk)):
        answer = client.post(reverse("employee:invoice-detail", args=[bill.pk]), typed)

    html = answer.content.decode()
    assert busy(answer)
    for value in ("400", "2026-11-22", "wire 4712"):
        assert f'value="{value}"' in html
    assert not InvoicePayment.objects.exists()
