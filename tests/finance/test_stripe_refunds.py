"""Refunds through Stripe, against the double: lost, refused, slow or forgotten, each is paid once."""

from datetime import timedelta

import pytest

from finance import services
from finance.models import Refund
from finance.services.refunds import refund_for_cancellation
from tests.factories import NOW, LaunchFactory, card, make_pending
from tests.finance.on_stripe import pay, receive, refund_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


def test_a_lost_refund_is_sent_again_with_the_same_key_and_paid_once(stripe_double, booking):
    pay(booking)
    refund = refund_of(booking)
    stripe_double.lose.add("refunds")

    services.refunds_send_due(now=LATER)
    services.refunds_send_due(now=LATER + timedelta(minutes=2))

    refund.refresh_from_db()
    assert (refund.status, refund.attempts, len(stripe_double.refunds)) == ("succeeded", 0, 1)


@pytest.mark.parametrize(
    ("at_stripe", "ends", "made"),
    [
        ("succeeded", ("succeeded", "re_1"), 1),
        ("pending", ("requested", "re_1"), 1),
        ("failed", ("succeeded", "re_2"), 2),
    ],
)
def test_a_lost_refund_is_looked_for_where_stripe_has_forgotten_its_key(stripe_double, booking, at_stripe, ends, made):
    pay(booking)
    refund = refund_of(booking)
    stripe_double.lose.add("refunds")
    services.refunds_send_due(now=LATER)
    stripe_double.refunds["re_1"]["status"] = at_stripe
    stripe_double.a_day_passes()

    services.refunds_send_due(now=LATER + timedelta(hours=25))

    refund.refresh_from_db()
    assert (refund.status, refund.gateway_reference) == ends
    assert len(stripe_double.refunds) == made


def test_another_refund_of_the_same_charge_is_not_taken_for_the_one_that_is_looked_for(stripe_double, booking):
    pay(booking)
    half = {"booking_id": booking.pk, "amount": booking.price_amount / 2, "cause": "customer", "now": NOW}
    (paid,) = refund_for_cancellation(event_id=1, **half)
    services.refunds_send_due(now=LATER)
    (refund,) = refund_for_cancellation(event_id=2, **half)

    services.refunds_send_due(now=NOW + timedelta(hours=25))

    references = {one.pk: one.gateway_reference for one in Refund.objects.all()}
    assert references == {paid.pk: "re_1", refund.pk: "re_2"}


def test_while_stripes_records_cannot_be_read_an_old_refund_is_not_sent_again(stripe_double, booking):
    pay(booking)
    refund = refund_of(booking)
    stripe_double.lose.add("refunds")
    services.refunds_send_due(now=LATER)
    stripe_double.a_day_passes()
    stripe_double.lose.add("refunds")  # now the list

    services.refunds_send_due(now=NOW + timedelta(hours=25))

    refund.refresh_from_db()
    assert (refund.status, len(stripe_double.refunds)) == ("requested", 1)


def test_a_refused_refund_is_tried_again_with_a_new_key(stripe_double, booking):
    pay(booking)
    refund = refund_of(booking)
    stripe_double.refund_refusal = "Insufficient funds in your Stripe account."
    services.refunds_send_due(now=LATER)
    stripe_double.refund_refusal = ""

    services.refunds_send_due(now=LATER + timedelta(minutes=2))

    refund.refresh_from_db()
    keys = [key for _, path, key in stripe_double.calls if path == "/v1/refunds"]
    assert keys == [f"refund-{refund.pk}", f"refund-{refund.pk}:1"]
    assert (refund.status, refund.attempts) == ("succeeded", 1)


def test_a_refund_under_way_is_asked_about_and_its_message_settles_it(stripe_double, booking):
    pay(booking)
    refund = refund_of(booking)
    stripe_double.refund_status = "pending"
    services.refunds_send_due(now=LATER)
    services.refunds_send_due(now=LATER + timedelta(minutes=5))
    refund.refresh_from_db()
    waiting = (refund.status, refund.gateway_reference)
    stripe_double.refunds["re_1"]["status"] = "succeeded"

    receive("refund.updated", stripe_double.refunds["re_1"], now=LATER)

    refund.refresh_from_db()
    assert (waiting, refund.status) == (("requested", "re_1"), "succeeded")
    assert len(stripe_double.refunds) == 1


def test_a_refunds_message_before_we_had_its_answer_settles_it(stripe_double, booking):
    pay(booking)
    refund = refund_of(booking)
    stripe_double.lose.add("refunds")
    services.refunds_send_due(now=LATER)

    receive("refund.created", stripe_double.refunds["re_1"], now=LATER)

    refund.refresh_from_db()
    assert (refund.status, refund.gateway_reference) == ("succeeded", "re_1")


@pytest.mark.parametrize("next_try", ["answered", "answer lost"])
def test_a_late_message_of_a_try_that_failed_does_not_send_the_next_one_twice(stripe_double, booking, next_try):
    pay(booking)
    (refund,) = refund_for_cancellation(
        booking_id=booking.pk, amount=booking.price_amount / 4, cause="customer", event_id=1, now=NOW
    )
    stripe_double.refund_status = "pending"
    services.refunds_send_due(now=LATER)
    failed = stripe_double.refunds["re_1"]
    failed["status"] = "failed"
    receive("refund.failed", failed, number=1, now=LATER)
    if next_try == "answer lost":
        stripe_double.lose.add("refunds")
    services.refunds_send_due(now=LATER + timedelta(minutes=2))

    receive("charge.refund.updated", failed, number=2, now=LATER + timedelta(minutes=3))
    stripe_double.refunds["re_2"]["status"] = "succeeded"
    for minutes in (10, 60, 120):
        services.refunds_send_due(now=LATER + timedelta(minutes=minutes))

    refund.refresh_from_db()
    assert (refund.status, refund.gateway_reference, refund.attempts) == ("succeeded", "re_2", 1)
    assert sorted(stripe_double.refunds) == ["re_1", "re_2"]


def test_one_failure_told_three_times_counts_once(stripe_double, booking):
    pay(booking)
    refund = refund_of(booking)
    stripe_double.refund_status = "pending"
    services.refunds_send_due(now=LATER)
    failed = stripe_double.refunds["re_1"]
    failed["status"] = "failed"

    for number, kind in enumerate(("refund.failed", "refund.updated", "charge.refund.updated"), start=1):
        receive(kind, failed, number=number, now=LATER)

    refund.refresh_from_db()
    assert (refund.status, refund.attempts) == ("requested", 1)


def test_old_payments_are_asked_about_and_refunded_where_they_were_made(stripe_double, settings):
    settings.PAYMENT_GATEWAY = "sandbox"
    before = make_pending(launch=LaunchFactory())
    services.booking_pay(customer=before.customer, reference=before.reference, card=card(), now=NOW)
    settings.PAYMENT_GATEWAY = "stripe"
    after = make_pending(launch=LaunchFactory())
    pay(after)
    settings.PAYMENT_GATEWAY = "sandbox"

    refunds = [refund_of(before), refund_of(after, event_id=2)]
    services.refunds_send_due(now=LATER)

    references = [Refund.objects.get(pk=one.pk).gateway_reference[:3] for one in refunds]
    assert references == ["sr_", "re_"]
