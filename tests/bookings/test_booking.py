from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from bookings import errors, services
from bookings.models import Booking, SeatClaim
from common.models import OutboxEvent
from finance import errors as finance_errors
from finance import services as finance_services
from finance.gateways import ChargeAnswer
from finance.models import Payment, Refund
from finance.services.payments import payment_record
from tests.factories import (
    NOW,
    LaunchFactory,
    card,
    make_booking,
    make_hold,
    make_pending,
    passenger_inputs,
)

pytestmark = pytest.mark.django_db


def test_booking_create_names_a_passenger_a_seat_at_the_price_of_the_hold():
    hold = make_hold(launch=LaunchFactory(), seats=2)

    booking = services.booking_create(customer=hold.customer, hold_id=hold.pk, passengers=passenger_inputs(2), now=NOW)

    assert len(booking.reference) == 6
    assert (booking.status, booking.price_amount) == ("pending", Decimal(900000))
    assert [(p.seat_label, p.phone) for p in booking.passengers.order_by("pk")] == [
        ("A1", "+14155550123"),
        ("B1", "+14155550123"),
    ]


def test_booking_create_says_that_the_time_ran_out_when_another_customer_took_a_lapsed_seat_meanwhile():
    launch = LaunchFactory(seats=2)
    hold = make_hold(launch=launch, seats=2)
    make_hold(launch=launch, now=hold.expires_at)

    with pytest.raises(errors.HoldExpired):
        services.booking_create(
            customer=hold.customer,
            hold_id=hold.pk,
            passengers=passenger_inputs(2),
            now=hold.expires_at - timedelta(microseconds=1),
        )

    assert not Booking.objects.exists()


def test_booking_create_again_corrects_the_passengers():
    hold = make_hold(launch=LaunchFactory())
    first = services.booking_create(customer=hold.customer, hold_id=hold.pk, passengers=passenger_inputs(1), now=NOW)

    second = services.booking_create(
        customer=hold.customer, hold_id=hold.pk, passengers=passenger_inputs(1, full_name="Another Name"), now=NOW
    )

    assert second.pk == first.pk
    assert second.passengers.get().full_name == "Another Name"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("full_name", "", "Enter the full name"),
        ("full_name", "A\nB", "without line breaks"),
        ("full_name", "x" * 121, "Shorten"),
        ("full_name", "1234", "in letters"),
        ("email", "nobody", "e-mail address like"),
        ("phone", "555 0123", "country code"),
        ("phone", "\x00", "country code"),
        ("birth_date", date(2010, 3, 15), "would be 17"),
        ("birth_date", date(1957, 3, 14), "would be 71"),
        ("birth_date", date(2030, 1, 1), "in the past"),
    ],
)
def test_booking_create_says_what_is_wrong_with_a_passenger_and_writes_nothing(field, value, sentence):
    hold = make_hold(launch=LaunchFactory(), seats=2)
    bad = [*passenger_inputs(1), *passenger_inputs(1, **{field: value})]

    with pytest.raises(errors.PassengersInvalid) as refusal:
        services.booking_create(customer=hold.customer, hold_id=hold.pk, passengers=bad, now=NOW)

    assert list(refusal.value.fields) == [f"1.{field}"]
    assert sentence in refusal.value.fields[f"1.{field}"]
    assert not Booking.objects.exists()


@pytest.mark.parametrize("birth_date", [date(2010, 3, 14), date(1957, 3, 15)], ids=["18 today", "70 until tomorrow"])
def test_the_age_counts_on_the_departure_date_at_the_spaceport(birth_date):
    # 14 March 23:30 in Texas is 15 March in UTC.
    launch = LaunchFactory(departure_at=datetime(2028, 3, 15, 4, 30, tzinfo=UTC))
    hold = make_hold(launch=launch)

    booking = services.booking_create(
        customer=hold.customer, hold_id=hold.pk, passengers=passenger_inputs(1, birth_date=birth_date), now=NOW
    )

    assert booking.passengers.count() == 1


def test_paying_confirms_and_sells_the_seats():
    booking = make_booking(launch=LaunchFactory(), seats=2)

    assert booking.status == "confirmed"
    assert set(SeatClaim.objects.values_list("status", flat=True)) == {"sold"}
    assert booking.payments.get().status == "succeeded"
    assert OutboxEvent.objects.filter(name="bookings.booking.confirmed").count() == 1


def test_paying_twice_charges_once():
    booking = make_booking(launch=LaunchFactory())

    again = finance_services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=card(), now=NOW + timedelta(minutes=2)
    )

    assert again.pk == booking.payments.get().pk
    assert OutboxEvent.objects.filter(name="finance.payment.succeeded").count() == 1


def test_a_declined_card_leaves_the_seats_held_and_another_card_may_pay():
    booking = make_pending(launch=LaunchFactory())

    with pytest.raises(finance_errors.PaymentDeclined, match="insufficient funds"):
        finance_services.booking_pay(
            customer=booking.customer, reference=booking.reference, card=card("4000 0000 0000 9995"), now=NOW
        )
    paid = finance_services.booking_pay(customer=booking.customer, reference=booking.reference, card=card(), now=NOW)

    booking.refresh_from_db()
    assert (paid.status, booking.status) == ("succeeded", "confirmed")
    assert sorted(booking.payments.values_list("status", flat=True)) == ["declined", "succeeded"]


def test_a_challenge_must_be_answered_rightly():
    booking = make_pending(launch=LaunchFactory())
    who = {"customer": booking.customer, "reference": booking.reference, "now": NOW}

    payment = finance_services.booking_pay(card=card("4000 0025 0000 3155"), **who)
    with pytest.raises(finance_errors.ChallengeRefused):
        finance_services.payment_challenge_answer(code="000000", **who)
    answered = finance_services.payment_challenge_answer(code="123456", **who)

    booking.refresh_from_db()
    assert (payment.status, answered.status, booking.status) == ("challenge", "succeeded", "confirmed")


def test_a_lost_answer_is_asked_about_until_known():
    booking = make_pending(launch=LaunchFactory())

    payment = finance_services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=card("4000 0000 0000 0259"), now=NOW
    )
    assert payment.status == "processing"
    finance_services.payments_settle(now=NOW + timedelta(minutes=1))

    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_a_payment_after_the_hold_lapsed_takes_the_seats_if_they_are_free():
    booking = make_pending(launch=LaunchFactory())
    finance_services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=card("4000 0000 0000 0259"), now=NOW
    )
    services.holds_expire(now=NOW + timedelta(hours=1))

    finance_services.payments_settle(now=NOW + timedelta(hours=1))

    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert booking.passengers.get().claim.status == "sold"


def test_a_payment_after_the_seats_were_sold_to_somebody_else_goes_back_by_itself():
    launch = LaunchFactory(seats=1)
    late = make_pending(launch=launch)
    finance_services.booking_pay(
        customer=late.customer, reference=late.reference, card=card("4000 0000 0000 0259"), now=NOW
    )
    winner = make_booking(launch=launch, now=NOW + timedelta(hours=1))

    finance_services.payments_settle(now=NOW + timedelta(hours=1))

    late.refresh_from_db()
    refund = Refund.objects.get()
    assert winner.status == "confirmed"
    assert late.status in ("pending", "expired")
    assert (refund.payment.booking_id, refund.amount, refund.cause) == (late.pk, late.price_amount, "platform")
    finance_services.refunds_send_due(now=NOW + timedelta(hours=1))
    refund.refresh_from_db()
    assert refund.status == "succeeded"


def test_a_payment_for_a_launch_aborted_meanwhile_goes_back():
    launch = LaunchFactory()
    booking = make_pending(launch=launch)
    who = {"customer": booking.customer, "reference": booking.reference, "now": NOW}
    finance_services.booking_pay(card=card("4000 0025 0000 3155"), **who)
    launch.status, launch.reason = "aborted", "weather"
    launch.save()

    with pytest.raises(errors.SeatsGone):
        finance_services.payment_challenge_answer(code="123456", **who)

    assert Refund.objects.get().amount == booking.price_amount


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"number": "4242 4242 4242 4241"}, "number"),
        ({"number": "abc"}, "number"),
        ({"expiry": "13/30"}, "expiry"),
        ({"expiry": "01/20"}, "expiry"),
        ({"code": "1"}, "code"),
    ],
)
def test_bad_card_details_reach_no_gateway(details, field):
    booking = make_pending(launch=LaunchFactory())
    bad = finance_services.Card(**{"number": "4242424242424242", "expiry": "12/30", "code": "123", **details})

    with pytest.raises(finance_errors.CardInvalid) as refusal:
        finance_services.booking_pay(customer=booking.customer, reference=booking.reference, card=bad, now=NOW)

    assert list(refusal.value.fields) == [field]
    assert not Payment.objects.exists()


def test_the_database_itself_refuses_a_second_live_claim_on_a_seat():
    sold = make_booking(launch=LaunchFactory()).passengers.get().claim
    rival = make_hold(launch=LaunchFactory())

    with pytest.raises(IntegrityError, match="bookings_one_live_claim_per_seat"), transaction.atomic():
        SeatClaim.objects.create(
            launch=sold.launch,
            launch_seat=sold.launch_seat,
            customer=rival.customer,
            hold=rival,
            held_until=NOW,
            created_at=NOW,
        )


def test_a_late_payment_does_not_take_a_seat_that_was_withdrawn_meanwhile():
    booking = make_pending(launch=LaunchFactory())
    lapsed = booking.hold.expires_at
    services.holds_expire(now=lapsed)
    booking.launch.seats.filter(claims__hold=booking.hold).update(is_blocked=True)
    payment = Payment.objects.create(
        booking=booking, gateway="sandbox", amount=booking.price_amount, currency="USD", status="processing",
        created_at=NOW,
    )  # fmt: skip

    payment_record(payment_id=payment.pk, answer=ChargeAnswer(reference="sb_1", status="succeeded"), now=lapsed)

    booking.refresh_from_db()
    assert booking.status == "expired"
    assert Refund.objects.get(payment=payment).amount == booking.price_amount
