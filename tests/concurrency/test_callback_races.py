"""A payment's answer against the end of its hold: seats or a refund; without the guard both are seen."""

from collections import Counter
from datetime import timedelta

import pytest

from bookings import services as booking_services
from bookings import statements
from bookings.models import SeatClaim
from finance.gateways import ChargeAnswer
from finance.models import Payment, Refund
from finance.services.payments import payment_record
from tests.concurrency.processes import EXPECTED, contend
from tests.factories import LaunchFactory, UserFactory, make_pending
from tests.forks import fork

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
WITHIN_S = 30
GUARD = " WHERE (SELECT count(*) FROM c) = %(seats)s"  # in `statements._SELL`: every claim is still held


def callback_expiry_and_rival(*, before=lambda number: None, after=lambda number, answer: None):
    """
    A payment's success, the end of its hold, the job that clears it away and a rival for the seat, all at once.

    Args:
        before, after: called in each process with its number, and then with its answer. Number 0 is the callback that
            comes in time, 1 and 2 come at the hold's end and after it, 3 and 4 are the job, the others are rivals.
    """
    launch = LaunchFactory(seats=1)
    rivals = [UserFactory() for _ in range(4)]
    booking = make_pending(launch=launch)
    payment = Payment.objects.create(
        booking=booking, gateway="sandbox", amount=booking.price_amount, currency="USD",
        status="processing", created_at=booking.created_at,
    )  # fmt: skip
    ends = booking.hold.expires_at
    answer = ChargeAnswer(reference="sb_late", status="succeeded", card_last4="4242")

    def act(number):
        if number < 3:
            instant = ends + timedelta(seconds=number - 1)
            return f"seated {payment_record(payment_id=payment.pk, answer=answer, now=instant)[1]}"
        if number < 5:
            return f"cleared {booking_services.holds_expire(now=ends)}"
        return str(
            booking_services.seats_hold(customer=rivals[number - 5], launch_id=launch.pk, party=1, now=ends).status
        )

    def job(number):
        before(number)
        done = act(number)
        after(number, done)
        return done

    answers = contend(count=9, job=job)
    booking.refresh_from_db()
    payment.refresh_from_db()
    return launch, booking, payment, answers


def assert_seats_or_refund(launch, booking, payment, answers):
    assert set(answers) <= {"seated True", "seated False", "cleared 0", "cleared 1", "open"} | EXPECTED
    claims = SeatClaim.objects.filter(launch=launch, status__in=["held", "sold"])
    assert max(Counter(claims.values_list("launch_seat_id", flat=True)).values()) == 1
    assert payment.status == "succeeded"
    if booking.status == "confirmed":
        assert "open" not in answers
        assert not Refund.objects.filter(payment=payment).exists()
        assert claims.get().status == "sold"
    else:
        assert Refund.objects.get(payment=payment).amount == payment.amount


@pytest.mark.parametrize("round_", range(3))
def test_a_callback_against_expiry_ends_in_seats_or_in_a_refund_never_in_both(round_):
    assert_seats_or_refund(*callback_expiry_and_rival())


def rival_sits_when_the_callback_sells(monkeypatch):
    """Have the same race, with the callback about to sell when a rival sits; everybody else comes after it."""
    met, is_recorded = fork.Barrier(2), fork.Event()
    sell = statements.booking_sell

    def sell_when_the_rival_sits(**values):
        met.wait(WITHIN_S)
        return sell(**values)

    def before(number):
        if 0 < number < 5:
            assert is_recorded.wait(WITHIN_S)

    def after(number, answer):
        if answer == "open":
            met.wait(WITHIN_S)
        if number == 0:
            is_recorded.set()

    monkeypatch.setattr(statements, "booking_sell", sell_when_the_rival_sits)
    return callback_expiry_and_rival(before=before, after=after)


def test_a_rival_who_sits_when_the_callback_sells_keeps_the_seat(monkeypatch):
    launch, booking, payment, answers = rival_sits_when_the_callback_sells(monkeypatch)

    assert_seats_or_refund(launch, booking, payment, answers)
    assert answers.count("open") == 1
    assert booking.status == "expired"


def test_control_without_the_look_at_the_claims_the_same_callback_sells_what_the_rival_holds(monkeypatch):
    """The same race in the same order; all that is off is the condition that every claim is still held."""
    assert GUARD in statements._SELL
    monkeypatch.setattr(statements, "_SELL", statements._SELL.replace(GUARD, ""))

    launch, booking, payment, answers = rival_sits_when_the_callback_sells(monkeypatch)

    of_rivals = SeatClaim.objects.filter(launch=launch, status="held").exclude(hold_id=booking.hold_id)
    assert (booking.status, of_rivals.count(), answers.count("open")) == ("confirmed", 1, 1)
    assert not Refund.objects.filter(payment=payment).exists()
