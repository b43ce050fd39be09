"""What the model has found, each as the shortest life that shows it."""

from datetime import timedelta

import pytest

from bookings import services
from bookings.models import SeatClaim
from finance import services as finance_services
from finance.models import Payment, SandboxCharge
from tests.factories import NOW, LaunchFactory, card, make_pending

pytestmark = pytest.mark.django_db
SLOW = "4000 0000 0000 0077"


def test_money_that_comes_late_buys_no_seat_that_was_withdrawn_meanwhile():
    launch = LaunchFactory(seats=2)
    booking = make_pending(launch=launch)
    finance_services.booking_pay(customer=booking.customer, reference=booking.reference, card=card(SLOW), now=NOW)
    seat_ids = list(SeatClaim.objects.values_list("launch_seat_id", flat=True))
    later = NOW + timedelta(minutes=20)
    services.seats_withdraw(actor=None, launch_id=launch.pk, seat_ids=seat_ids, now=later)
    SandboxCharge.objects.update(outcome="succeeded")

    finance_services.payment_ask(payment_id=Payment.objects.get().pk, now=later)

    booking.refresh_from_db()
    payment = Payment.objects.get()
    assert (booking.status, payment.status) == ("pending", "succeeded")
    assert list(SeatClaim.objects.values_list("status", flat=True)) == ["released"]
    assert [refund.amount for refund in payment.refunds.all()] == [payment.amount]
