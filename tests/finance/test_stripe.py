"""Stripe over HTTP, against the double: every answer, lost ones included, ends in a seat or in nothing charged."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bookings import errors as booking_errors
from finance import errors, services
from finance.gateways import gateway
from finance.gateways.stripe import from_minor, to_minor
from finance.models import Payment, Refund
from tests.factories import NOW, LaunchFactory, card, make_hold, make_pending
from tests.finance.on_stripe import pay, receive, refund_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


def test_a_good_card_books_and_its_particulars_are_kept(stripe_double, booking):
    payment = pay(booking)

    booking.refresh_from_db()
    intent = stripe_double.intents["pi_1"]
    assert (payment.status, payment.gateway, payment.gateway_reference) == ("succeeded", "stripe", "pi_1")
    assert (payment.card_brand, payment.card_last4, booking.status) == ("visa", "4242", "confirmed")
    assert (intent["amount"], intent["currency"]) == (45_000_000, "usd")
    assert [key for _, _, key in stripe_double.calls] == [f"payment-{payment.pk}", f"confirm-{payment.pk}"]


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("pm_poor", "insufficient funds"),
        ("pm_stolen", "the bank refused it"),
        ("pm_nobodys", "the card is not known to Stripe"),
    ],
)
def test_a_refused_card_is_told_and_another_one_books(stripe_double, booking, token, reason):
    with pytest.raises(errors.PaymentDeclined, match=reason):
        pay(booking, token)

    assert pay(booking).status == "succeeded"
    assert [row.status for row in Payment.objects.order_by("created_at", "decline_reason")] == ["succeeded", "declined"]


def test_numbers_of_cards_are_refused_before_anything_is_asked(stripe_double, booking):
    with pytest.raises(errors.CardInvalid) as refusal:
        services.booking_pay(customer=booking.customer, reference=booking.reference, card=card(), now=NOW)

    assert "payment_method" in refusal.value.fields
    assert stripe_double.calls == []
    assert not Payment.objects.exists()


def test_a_card_that_wants_the_banks_check_books_after_it(stripe_double, booking):
    payment = pay(booking, "pm_careful")
    secret = services.payment_client_secret(payment=payment)
    stripe_double.intents["pi_1"]["status"] = "succeeded"  # the card holder's browser and the bank did that

    answered = services.payment_challenge_answer(
        customer=booking.customer, reference=booking.reference, code="", now=LATER
    )

    assert (payment.status, secret, answered.status) == ("challenge", "pi_1_secret_x", "succeeded")


def test_stripes_own_form_asks_for_the_card_and_its_message_books(stripe_double, booking):
    payment = services.booking_pay(customer=booking.customer, reference=booking.reference, card=None, now=NOW)
    stripe_double.intents["pi_1"]["status"] = "succeeded"

    receive("payment_intent.succeeded", stripe_double.intents["pi_1"], now=LATER)

    booking.refresh_from_db()
    assert (payment.status, booking.status) == ("challenge", "confirmed")


@pytest.mark.parametrize("lost", ["payment_intents", "confirm"])
def test_a_lost_answer_is_asked_about_and_never_charges_twice(stripe_double, booking, lost):
    stripe_double.lose.add(lost)

    payment = pay(booking)
    again = pay(booking)
    services.payments_settle(now=LATER)

    payment.refresh_from_db()
    booking.refresh_from_db()
    assert payment.pk == again.pk
    # Without the reference the charge was never confirmed: the card holder is asked again.
    expected = ("challenge", "pending") if lost == "payment_intents" else ("succeeded", "confirmed")
    assert (payment.status, booking.status) == expected
    assert len(stripe_double.intents) == 1


def test_while_stripe_is_down_nothing_is_known_and_the_job_goes_on_asking(stripe_double, booking):
    stripe_double.break_down.add("payment_intents")
    payment = pay(booking)
    for minute in range(1, 200, 20):
        services.payments_settle(now=NOW + timedelta(minutes=minute))
    payment.refresh_from_db()
    asked, status = payment.attempts, payment.status
    stripe_double.break_down.clear()

    services.payments_settle(now=NOW + timedelta(hours=5))

    payment.refresh_from_db()
    assert (status, asked) == ("processing", 10)
    assert (payment.status, payment.decline_reason) == ("declined", "it was not finished in time")
    assert stripe_double.intents["pi_1"]["status"] == "canceled"


def test_a_job_does_not_wait_for_a_silent_gateway_once_for_each_payment(stripe_double):
    bookings = [make_pending(launch=LaunchFactory()) for _ in range(7)]
    for booking in bookings:
        pay(booking, "pm_slow")
    stripe_double.break_down.update(stripe_double.intents)
    stripe_double.calls.clear()

    services.payments_settle(now=LATER)
    first = len(stripe_double.calls)
    services.payments_settle(now=LATER)

    assert (first, len(stripe_double.calls)) == (5, 7)  # those asked first have their pause, the others their turn


def test_a_slow_charge_is_never_given_up_while_stripe_is_at_it(stripe_double, booking):
    payment = pay(booking, "pm_slow")
    services.payments_settle(now=NOW + timedelta(hours=30))
    payment.refresh_from_db()
    status = payment.status
    stripe_double.intents["pi_1"]["status"] = "succeeded"

    services.payments_settle(now=NOW + timedelta(hours=31))

    payment.refresh_from_db()
    booking.refresh_from_db()
    assert (status, payment.status, booking.status) == ("processing", "succeeded", "confirmed")


def test_giving_up_cancels_at_stripe_and_another_card_books(stripe_double, booking):
    pay(booking, "pm_careful")

    given_up = services.payment_abandon(customer=booking.customer, reference=booking.reference, now=LATER)

    assert (given_up.status, stripe_double.intents["pi_1"]["status"]) == ("abandoned", "canceled")
    assert pay(booking, now=LATER).status == "succeeded"


def test_giving_up_what_was_paid_meanwhile_counts_as_paid(stripe_double, booking):
    pay(booking, "pm_careful")
    stripe_double.intents["pi_1"]["status"] = "succeeded"

    payment = services.payment_abandon(customer=booking.customer, reference=booking.reference, now=LATER)

    booking.refresh_from_db()
    assert (payment.status, booking.status) == ("succeeded", "confirmed")


def test_giving_up_while_stripe_is_down_changes_nothing(stripe_double, booking):
    payment = pay(booking, "pm_careful")
    stripe_double.break_down.update(("cancel", "pi_1"))

    with pytest.raises(errors.GatewaySilent):
        services.payment_abandon(customer=booking.customer, reference=booking.reference, now=LATER)

    payment.refresh_from_db()
    assert payment.status == "challenge"


def test_paid_too_late_goes_back_by_itself(stripe_double):
    launch = LaunchFactory(seats=1)
    booking = make_pending(launch=launch)
    pay(booking, "pm_careful")
    make_hold(launch=launch, now=NOW + timedelta(minutes=16))
    stripe_double.intents["pi_1"]["status"] = "succeeded"

    receive("payment_intent.succeeded", stripe_double.intents["pi_1"], now=NOW + timedelta(minutes=17))
    services.refunds_send_due(now=NOW + timedelta(minutes=17))

    refund = Refund.objects.get()
    booking.refresh_from_db()
    assert (booking.status, refund.status, refund.gateway_reference) == ("pending", "succeeded", "re_1")
    assert stripe_double.refunds["re_1"]["amount"] == 45_000_000
    with pytest.raises(booking_errors.SeatsGone):
        pay(booking, now=NOW + timedelta(minutes=18))


def test_another_amount_than_ours_books_nothing(stripe_double, booking):
    pay(booking, "pm_careful")
    stripe_double.intents["pi_1"].update(status="succeeded", amount=100)

    receive("payment_intent.succeeded", stripe_double.intents["pi_1"], now=LATER)
    services.payments_settle(now=LATER)

    booking.refresh_from_db()
    assert (booking.status, Payment.objects.get().status) == ("pending", "challenge")


def test_without_its_keys_stripe_is_not_asked_and_nothing_is_given_up(stripe_double, booking, settings):
    payment = pay(booking, "pm_slow")
    settings.PAYMENT_GATEWAY, settings.STRIPE_SECRET_KEY = "sandbox", ""

    services.payments_settle(now=NOW + timedelta(hours=5))

    payment.refresh_from_db()
    assert payment.status == "processing"
    with pytest.raises(errors.GatewayUnavailable, match="not set up"):
        gateway("stripe")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("450000.50", "USD", 45000050), ("1234", "JPY", 1234), ("12.345", "KWD", 12345), ("100", "ISK", 10000)],
)
def test_amounts_in_stripes_smallest_unit(amount, currency, minor):
    assert to_minor(Decimal(amount), currency) == minor
    assert from_minor(minor, currency) == Decimal(amount)


def test_the_secret_key_is_in_no_log_and_no_row(stripe_double, booking, caplog):
    caplog.set_level("DEBUG", logger="finance")
    pay(booking)
    stripe_double.break_down.add("refunds")
    refund_of(booking)
    services.refunds_send_due(now=LATER)

    assert set(stripe_double.keys) == {"Bearer sk_test_of_the_tests"}
    assert "sk_test" not in caplog.text
    assert "sk_test" not in Refund.objects.get().latest_error
