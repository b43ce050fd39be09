"""What gateways tell us by themselves: genuine, once, whenever it comes, and never believed without asking."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from bookings import services as booking_services
from finance import services
from finance.gateways import gateway, sandbox
from finance.models import GatewayCallback, Payment, Refund, SandboxCharge
from finance.services import payments
from tests.factories import NOW, LaunchFactory, card, make_hold, make_pending
from tests.finance.conftest import WEBHOOK_SECRET
from tests.finance.stripe_double import message

pytestmark = pytest.mark.django_db
DOOR = "/api/v1/payments/callbacks/{}/"
SLOW = "4000 0000 0000 0077"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def launch(now):
    return LaunchFactory(seats=1, departure_at=now + timedelta(days=500))


def pay_slowly(launch, at):
    booking = make_pending(launch=launch, now=at)
    services.booking_pay(customer=booking.customer, reference=booking.reference, card=card(SLOW), now=at)
    return booking


def come_in():
    """The bank has paid, by the sandbox's own clock."""
    SandboxCharge.objects.update(settles_at=timezone.now() - timedelta(seconds=1))


def post(headers, body, gateway="sandbox"):
    return APIClient().generic("POST", DOOR.format(gateway), body, content_type="application/json", headers=headers)


def said(**changes):
    charge = SandboxCharge.objects.get()
    values = {"id": "m1", "kind": "charge.paid", "reference": charge.reference, "key": charge.key, **changes}
    return sandbox.callback_signed(body=json.dumps(values).encode(), now=timezone.now())


def outcome(booking):
    booking.refresh_from_db()
    return Payment.objects.get(booking=booking).status, booking.status, Refund.objects.count()


def test_a_slow_charge_is_told_by_a_callback_and_books(launch, now):
    booking = pay_slowly(launch, now)
    before = outcome(booking)
    come_in()

    sent = services.sandbox_callbacks_send(now=now)

    assert (before, sent) == (("processing", "pending", 0), 1)
    assert outcome(booking) == ("succeeded", "confirmed", 0)
    assert services.sandbox_callbacks_send(now=now) == 0


def test_the_same_message_three_times_acts_once(launch, now):
    booking = pay_slowly(launch, now)
    come_in()
    headers, body = said()

    answers = [post(headers, body) for _ in range(3)]

    assert [(one.status_code, one.json()["is_known"]) for one in answers] == [(202, True)] * 3
    assert outcome(booking) == ("succeeded", "confirmed", 0)
    assert list(GatewayCallback.objects.values_list("times", flat=True)) == [3]


def test_a_message_is_not_believed_without_asking(launch, now):
    booking = pay_slowly(launch, now)

    answer = post(*said())

    assert answer.status_code == 202
    assert outcome(booking) == ("processing", "pending", 0)


def test_after_the_hold_ran_out_the_seat_is_booked_if_it_is_still_free(launch, now):
    booking = pay_slowly(launch, now - timedelta(minutes=20))
    booking_services.holds_expire(now=now)
    come_in()

    post(*said())

    assert outcome(booking) == ("succeeded", "confirmed", 0)


def test_after_the_seat_was_taken_the_money_goes_back_and_the_customer_is_told(launch, now):
    booking = pay_slowly(launch, now - timedelta(minutes=20))
    make_hold(launch=launch, now=now)
    come_in()

    for _ in range(2):
        post(*said())

    from common.models import OutboxEvent

    assert outcome(booking) == ("succeeded", "pending", 1)
    refund = Refund.objects.get()
    assert (refund.amount, refund.cause) == (booking.price_amount, "platform")
    told = OutboxEvent.objects.filter(name="finance.payment.returned")
    assert [event.payload["customer_id"] for event in told] == [booking.customer_id]


def test_a_message_about_something_unknown_is_kept_and_acted_on_later(launch, now):
    headers, body = sandbox.callback_signed(
        body=json.dumps({"id": "m9", "kind": "charge.paid", "reference": "sb_none", "key": ""}).encode(), now=now
    )
    answer = post(headers, body)
    booking = pay_slowly(launch, now)
    come_in()
    SandboxCharge.objects.update(reference="sb_none")
    Payment.objects.update(gateway_reference="sb_none")

    settled = services.callbacks_settle(now=now)

    assert (answer.status_code, answer.json()["is_known"], settled) == (202, False, 1)
    assert outcome(booking) == ("succeeded", "confirmed", 0)
    assert GatewayCallback.objects.get().handled_at == now


def forged(headers, body):
    return headers, body.replace(b"m1", b"m2")


def unsigned(headers, body):
    return {}, body


def nonsense(headers, body):
    return {"Sandbox-Signature": "12.zz"}, body


def no_text(headers, body):
    return {"Sandbox-Signature": "12.\xe9"}, body


def stale(headers, body):
    return sandbox.callback_signed(body=body, now=timezone.now() - timedelta(minutes=6))


@pytest.mark.parametrize("spoil", [forged, unsigned, nonsense, no_text, stale])
def test_a_message_that_is_not_genuine_is_refused_and_nothing_is_written(launch, now, spoil):
    booking = pay_slowly(launch, now)
    come_in()

    answer = post(*spoil(*said()))

    assert (answer.status_code, answer.json()["code"]) == (400, "callback_forged")
    assert answer["Content-Type"] == "application/problem+json"
    assert outcome(booking) == ("processing", "pending", 0)
    assert not GatewayCallback.objects.exists()


def test_a_body_of_any_size_is_not_read(now):
    answer = post({}, b"x" * (256 * 1024 + 1))

    assert answer.status_code == 400
    assert not GatewayCallback.objects.exists()


@pytest.mark.parametrize("name", ["stripe", "paypal"])
def test_a_gateway_that_is_not_set_up_has_no_door(name):
    assert post({}, b"{}", gateway=name).status_code == 404


def test_a_signed_message_that_is_no_message_of_ours_is_refused(now):
    headers, body = sandbox.callback_signed(body=b"[1, 2]", now=now)

    assert post(headers, body).status_code == 400


# --- Stripe's signature
def test_stripes_messages_open_the_door_by_their_signature(stripe_double):
    thing = {"id": "pi_1", "object": "payment_intent", "metadata": {}}
    genuine = message("payment_intent.succeeded", thing, secret=WEBHOOK_SECRET)
    foreign = message("payment_intent.succeeded", thing, secret="whsec_of_somebody")
    old = message("payment_intent.succeeded", thing, secret=WEBHOOK_SECRET, number=2, at=int(NOW.timestamp()) - 10**8)
    no_text = {"Stripe-Signature": f"t={int(timezone.now().timestamp())},v1=\xe9"}, genuine[1]

    answers = [post(*one, gateway="stripe").status_code for one in (genuine, foreign, old, no_text)]

    assert answers == [202, 400, 400, 400]
    assert list(GatewayCallback.objects.values_list("callback_id", "reference")) == [("evt_1", "pi_1")]


def test_out_of_order_messages_end_alike(stripe_double):
    booking = make_pending(launch=LaunchFactory())
    services.booking_pay(customer=booking.customer, reference=booking.reference, card=None, now=NOW)
    intent = stripe_double.intents["pi_1"]
    intent["status"] = "succeeded"

    for number, kind in enumerate(["succeeded", "processing", "created", "succeeded"]):
        headers, body = message(f"payment_intent.{kind}", intent, secret=WEBHOOK_SECRET, number=number)
        services.callback_receive(name="stripe", headers=headers, body=body, now=NOW)

    assert outcome(booking) == ("succeeded", "confirmed", 0)


def test_a_message_that_is_done_is_not_asked_about_again(stripe_double):
    booking = make_pending(launch=LaunchFactory())
    services.booking_pay(customer=booking.customer, reference=booking.reference, card=None, now=NOW)
    headers, body = message("payment_intent.created", stripe_double.intents["pi_1"], secret=WEBHOOK_SECRET)

    asked = []
    for _ in range(2):
        services.callback_receive(name="stripe", headers=headers, body=body, now=NOW)
        asked.append(len(stripe_double.calls))

    assert asked == [2, 2]


def test_a_message_tells_the_name_that_a_lost_answer_had(stripe_double):
    booking = make_pending(launch=LaunchFactory())
    payment = payments._payment_open(booking.customer, booking.reference, NOW)
    charge = {"key": str(payment.pk), "amount": payment.amount, "currency": payment.currency}
    gateway().create(**charge, means=services.CardToken(token="pm_card_visa"))  # and our process dies
    stripe_double.answers.clear()  # so late that the gateway has forgotten the key
    headers, body = message("payment_intent.succeeded", stripe_double.intents["pi_1"], secret=WEBHOOK_SECRET)

    services.callback_receive(name="stripe", headers=headers, body=body, now=NOW)

    assert outcome(booking) == ("succeeded", "confirmed", 0)
    assert len(stripe_double.intents) == 1


def test_a_message_waits_while_the_gateway_cannot_be_asked(stripe_double):
    booking = make_pending(launch=LaunchFactory())
    services.booking_pay(customer=booking.customer, reference=booking.reference, card=None, now=NOW)
    stripe_double.intents["pi_1"]["status"] = "succeeded"
    stripe_double.break_down.add("pi_1")
    headers, body = message("payment_intent.succeeded", {"id": "pi_1", "metadata": {}}, secret=WEBHOOK_SECRET)
    kept = services.callback_receive(name="stripe", headers=headers, body=body, now=NOW)
    waiting = kept.handled_at
    stripe_double.break_down.clear()

    assert services.callbacks_settle(now=NOW) == 1

    assert waiting is None
    assert outcome(booking) == ("succeeded", "confirmed", 0)
