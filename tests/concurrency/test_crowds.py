"""A crowd at once: seats, limits, keys and callbacks hold; and without their guards they are seen to fail."""

import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from bookings import services as booking_services
from bookings import statements
from bookings.models import Booking, Hold, SeatClaim
from bookings.services import holds as hold_services
from common import idempotency
from finance import services as finance_services
from finance.gateways import ChargeAnswer
from finance.models import Payment, Refund
from finance.services.payments import payment_record
from tests.concurrency.processes import contend
from tests.factories import LaunchFactory, UserFactory, card, make_booking, make_hold, make_pending, passenger_inputs
from tests.forks import fork

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

REFUSED = {"NotEnoughSeats", "SeatsTaken", "SeatsGone", "HoldExpired", "Busy"}


def live_claims(launch):
    rows = SeatClaim.objects.filter(launch=launch, status__in=["held", "sold"])
    return Counter(rows.values_list("launch_seat_id", flat=True))


def sold_seats(launch):
    return set(SeatClaim.objects.filter(launch=launch, status="sold").values_list("launch_seat_id", flat=True))


def take_part(number, launch, customer):
    """One of a hundred: holds, gives back, books, pays, cancels, checks out, or clears lapsed holds away."""
    now = timezone.now()
    role = number % 6
    if role == 0:
        hold = make_hold(launch=launch, customer=customer, now=now)
        booking_services.hold_release(customer=customer, hold_id=hold.pk)
        return "gave back"
    if role == 1:
        make_pending(launch=launch, customer=customer, now=now - timedelta(minutes=15))  # lapses at once
        return "lapsed"
    if role == 2:
        return make_booking(launch=launch, customer=customer, now=now).status
    if role == 3:
        booking = make_booking(launch=launch, customer=customer, now=now)
        quote = booking_services.cancellation_quote(customer=customer, reference=booking.reference, now=now)
        return booking_services.booking_cancel(
            customer=customer, reference=booking.reference, quote_id=quote.pk, now=now
        ).status
    if role == 4:
        made = finance_services.checkout(
            customer=customer, launch_id=launch.pk, passengers=passenger_inputs(1), card=card(), now=now
        )
        return made.booking.status
    return f"cleared {booking_services.holds_expire(now=now) >= 0}"


def test_a_hundred_contenders_for_six_seats_sell_each_seat_at_most_once():
    launch, customers = LaunchFactory(), [UserFactory() for _ in range(100)]

    answers = contend(count=100, job=lambda n: take_part(n, launch, customers[n]))

    assert set(answers) <= {"gave back", "lapsed", "confirmed", "cancelled", "cleared True"} | REFUSED
    assert max(live_claims(launch).values()) == 1
    confirmed = Booking.objects.filter(launch=launch, status="confirmed").count()
    assert confirmed == answers.count("confirmed") == len(sold_seats(launch)) <= 6
    assert Payment.objects.filter(status="succeeded").count() == confirmed + answers.count("cancelled")

    # And none is lost: once the dust has settled, the rest can be sold, to the last seat.
    booking_services.holds_expire(now=timezone.now() + timedelta(minutes=1))
    for _ in range(6 - confirmed):
        make_booking(launch=launch, now=timezone.now())
    assert len(sold_seats(launch)) == 6


def test_control_without_the_customers_lock_the_seat_limit_is_broken(monkeypatch):
    """Six times two seats at once for one customer, who may have four; the lock is what keeps it."""
    launch, customer = LaunchFactory(seats=20), UserFactory()
    together = fork.Barrier(6)
    check = hold_services._limits_check

    def check_together(*values):
        together.wait(30)
        check(*values)

    monkeypatch.setattr(hold_services, "taking_locks", lambda **_: statements.nothing())
    monkeypatch.setattr(hold_services, "_limits_check", check_together)

    def checkout(_):
        return finance_services.checkout(
            customer=customer, launch_id=launch.pk, passengers=passenger_inputs(2), card=card(), now=timezone.now()
        ).booking.status

    answers = contend(count=6, job=checkout)

    assert answers == ["confirmed"] * 6
    assert len(sold_seats(launch)) == 12


@pytest.fixture
def warm():
    """Load what a first request loads, once here instead of in each of fifty processes."""
    assert APIClient().get("/api/v1/customer/launches/").status_code == 200


def hold_through_api(launch, customer, key, seats=1):
    client = APIClient()
    client.force_authenticate(customer)
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post("/api/v1/customer/holds/", {"launch_id": launch.pk, "party": seats}, headers=headers)
    return answer.status_code, answer.json().get("id"), answer.headers.get("Idempotent-Replayed", "false")


def test_one_key_sent_fifty_times_at_once_has_one_effect(warm):
    launch, customer, key = LaunchFactory(), UserFactory(), str(uuid.uuid4())

    answers = contend(count=50, job=lambda n: hold_through_api(launch, customer, key))

    assert {status for status, _, _ in answers} <= {201, 409}
    assert [replayed for status, _, replayed in answers if status == 201].count("false") == 1
    assert len({hold_id for status, hold_id, _ in answers if status == 201}) == 1
    assert Hold.objects.count() == 1
    assert hold_through_api(launch, customer, key)[0::2] == (201, "true")
    assert hold_through_api(launch, customer, key, seats=2)[0] == 422
    assert Hold.objects.count() == 1


def test_control_without_remembering_keys_each_copy_has_its_effect(monkeypatch, warm):
    launch, customer, key = LaunchFactory(), UserFactory(), str(uuid.uuid4())

    def forget(*, call, **_):
        return idempotency.Answer(*call(idempotency.Attempt(uuid.uuid4(), is_again=False)), is_replay=False)

    monkeypatch.setattr(idempotency, "run", forget)

    answers = contend(count=10, job=lambda n: hold_through_api(launch, customer, key))

    assert len({hold_id for status, hold_id, _ in answers if status == 201}) > 1


def callback_expiry_and_rival():
    """A payment's success, the end of its hold, the job that clears it away and a rival for the seat, all at once."""
    launch = LaunchFactory(seats=1)
    rivals = [UserFactory() for _ in range(4)]
    booking = make_pending(launch=launch)
    payment = Payment.objects.create(
        booking=booking, gateway="sandbox", amount=booking.price_amount, currency="USD",
        status="processing", created_at=booking.created_at,
    )  # fmt: skip
    ends = booking.hold.expires_at
    answer = ChargeAnswer(reference="sb_late", status="succeeded", card_last4="4242")

    def job(number):
        if number < 3:
            instant = ends + timedelta(seconds=number - 1)
            return f"seated {payment_record(payment_id=payment.pk, answer=answer, now=instant)[1]}"
        if number < 5:
            return f"cleared {booking_services.holds_expire(now=ends)}"
        return str(
            booking_services.seats_hold(customer=rivals[number - 5], launch_id=launch.pk, party=1, now=ends).status
        )

    answers = contend(count=9, job=job)
    booking.refresh_from_db()
    payment.refresh_from_db()
    return launch, booking, payment, answers


@pytest.mark.parametrize("round_", range(3))
def test_a_callback_against_expiry_ends_in_seats_or_in_a_refund_never_in_both(round_):
    launch, booking, payment, answers = callback_expiry_and_rival()

    assert set(answers) <= {"seated True", "seated False", "cleared 0", "cleared 1", "open"} | REFUSED
    assert max(live_claims(launch).values()) == 1
    is_refunded = Refund.objects.filter(payment=payment).exists()
    assert payment.status == "succeeded"
    assert (booking.status == "confirmed") is not is_refunded
    if booking.status == "confirmed":
        assert "open" not in answers
        assert sold_seats(launch) == {launch.seats.get().pk}
    else:
        assert Refund.objects.get(payment=payment).amount == payment.amount


def test_control_a_callback_that_trusts_the_booking_alone_sells_a_seat_that_another_holds(monkeypatch):
    """What the look at the claims is for: without it the payment confirms a booking whose seat a rival holds."""
    launch = LaunchFactory(seats=1)
    booking = make_pending(launch=launch)
    make_hold(launch=launch, now=booking.hold.expires_at)

    def sell_anyway(*, booking_id, **_):
        Booking.objects.filter(pk=booking_id).update(status="confirmed", confirmed_at=timezone.now())
        return statements.Sold(booking.reference, booking.customer_id, booking.price_amount, "USD")

    monkeypatch.setattr(statements, "booking_sell", sell_anyway)
    monkeypatch.setattr(
        statements, "_glance", lambda _: statements.Glance(
            launch_id=launch.pk, status="pending", held_until=booking.hold.expires_at + timedelta(days=1), seats=1
        )
    )  # fmt: skip
    finance_services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=card(), now=booking.created_at
    )

    booking.refresh_from_db()
    rival_claims = SeatClaim.objects.filter(launch=launch, status="held").exclude(hold_id=booking.hold_id)
    assert (booking.status, rival_claims.count()) == ("confirmed", 1)
