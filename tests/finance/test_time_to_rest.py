"""How long until money that came in has its seats or goes back, by the clock of a job that runs each minute."""

from datetime import timedelta

import pytest

from finance import services
from finance.models import Payment
from tests.factories import NOW, LaunchFactory, make_hold, make_pending
from tests.finance.on_stripe import pay, refund_of

pytestmark = pytest.mark.django_db
AT_MOST = 5
MINUTES = [0, 1, 2, 3, 4, 5, 7, 8, 11, 14, 20, 45, 90]


def job(minute):
    """Run the job; a few seconds late, as a worker is."""
    now = NOW + timedelta(minutes=minute, seconds=7)
    services.payments_settle(now=now)
    services.refunds_send_due(now=now)


def minutes_until(is_at_rest, *, since):
    """Run the job each minute from then on; return after how many it was at rest."""
    for minute in range(since + 1, since + 30):
        job(minute)
        if is_at_rest():
            return minute - since
    pytest.fail("It never came to rest.")


@pytest.mark.parametrize("known", MINUTES)
def test_money_that_comes_in_later_buys_its_seat_in_time(stripe_double, known):
    booking = make_pending(launch=LaunchFactory())
    pay(booking, "pm_slow")
    for minute in range(1, known + 1):
        job(minute)
    stripe_double.intents["pi_1"]["status"] = "succeeded"

    def is_at_rest():
        booking.refresh_from_db()
        return booking.status == "confirmed"

    assert minutes_until(is_at_rest, since=known) <= AT_MOST


@pytest.mark.parametrize("known", [minute for minute in MINUTES if minute > 15])
def test_money_whose_seat_is_gone_is_back_in_time(stripe_double, known):
    launch = LaunchFactory(seats=1)
    pay(make_pending(launch=launch), "pm_slow")
    for minute in range(1, known + 1):
        job(minute)
    make_hold(launch=launch, now=NOW + timedelta(minutes=known))
    stripe_double.intents["pi_1"]["status"] = "succeeded"

    def is_at_rest():
        return [one["status"] for one in stripe_double.refunds.values()] == ["succeeded"]

    assert minutes_until(is_at_rest, since=known) <= AT_MOST


@pytest.mark.parametrize("silent", MINUTES[1:])
def test_after_a_silence_payments_and_refunds_come_to_rest_in_time(stripe_double, silent):
    booking, other = make_pending(launch=LaunchFactory()), make_pending(launch=LaunchFactory())
    pay(other)
    refund = refund_of(other)
    stripe_double.lose.add("confirm")
    pay(booking)
    stripe_double.break_down.update(("refunds", "pi_2"))
    for minute in range(1, silent + 1):
        job(minute)
    stripe_double.break_down.clear()

    def is_at_rest():
        booking.refresh_from_db()
        refund.refresh_from_db()
        return (booking.status, refund.status) == ("confirmed", "succeeded")

    assert minutes_until(is_at_rest, since=silent) <= AT_MOST


def test_every_open_payment_gets_its_turn_while_the_gateway_is_silent(stripe_double):
    bookings = [make_pending(launch=LaunchFactory()) for _ in range(30)]
    for booking in bookings:
        pay(booking, "pm_slow")
    stripe_double.break_down.update(stripe_double.intents)

    for minute in range(1, 7):
        job(minute)

    assert not Payment.objects.filter(attempts=0).exists()
