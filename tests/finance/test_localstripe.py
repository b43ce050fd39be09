"""
Stripe's own library against localstripe, another implementation than our double: what that can do.

It knows no idempotency keys, no `expand` of what is not there and no confirmation with a payment method; the card
holder's browser is played here by calls of its own.
"""

import json
import socket
import subprocess
import sys
import threading
import urllib.request
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue

import pytest
import stripe

from finance import services
from finance.models import GatewayCallback, Refund
from finance.services.refunds import refund_for_cancellation
from tests.factories import NOW, LaunchFactory, make_pending
from tests.finance.conftest import WEBHOOK_SECRET

pytestmark = pytest.mark.django_db
HERE = Path(__file__).with_name("localstripe_here.py")


@pytest.fixture(scope="module")
def localstripe():
    """The address of a localstripe of these tests' own, as a process apart."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, HERE, str(port)])
    try:
        for _ in range(200):
            with socket.socket() as tried:
                tried.settimeout(0.1)
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "localstripe did not start"
            threading.Event().wait(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def client(localstripe, settings):
    settings.PAYMENT_GATEWAY = "stripe"
    settings.STRIPE_SECRET_KEY = "sk_test_12345"
    settings.STRIPE_WEBHOOK_SECRET = WEBHOOK_SECRET
    settings.STRIPE_API_BASE = localstripe
    return stripe.StripeClient("sk_test_12345", base_addresses={"api": localstripe}, max_network_retries=0)


@pytest.fixture
def inbox(localstripe):
    """What localstripe's webhooks bring: headers and body."""
    came: Queue = Queue()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_POST(self):
            came.put((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(202)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wanted = {"url": f"http://127.0.0.1:{server.server_port}/", "secret": WEBHOOK_SECRET}
    urllib.request.urlopen(  # noqa: S310 - our own loopback address
        urllib.request.Request(  # noqa: S310
            f"{localstripe}/_config/webhooks/ours",
            data=json.dumps(wanted).encode(),
            headers={"Content-Type": "application/json"},
        )
    )
    yield came
    server.shutdown()
    server.server_close()


def pay_in_the_browser(client, payment, number="4242424242424242"):
    """What Stripe's form does with the client secret."""
    card = {"number": number, "exp_month": 12, "exp_year": 2035, "cvc": "123"}
    method = client.v1.payment_methods.create({"type": "card", "card": card})
    client.v1.payment_intents.update(payment.gateway_reference, {"payment_method": method.id})
    return client.v1.payment_intents.confirm(payment.gateway_reference)


def start():
    booking = make_pending(launch=LaunchFactory())
    payment = services.booking_pay(customer=booking.customer, reference=booking.reference, card=None, now=NOW)
    return booking, payment


def test_paid_in_stripes_form_told_by_its_webhook_and_refunded(client, inbox):
    booking, payment = start()
    pay_in_the_browser(client, payment)

    headers, body = inbox.get(timeout=10)
    kept = services.callback_receive(name="stripe", headers=headers, body=body, now=NOW)
    (refund,) = refund_for_cancellation(booking_id=booking.pk, amount=1000, cause="customer", event_id=1, now=NOW)
    services.refunds_send_due(now=NOW)

    booking.refresh_from_db()
    payment.refresh_from_db()
    refund.refresh_from_db()
    assert (kept.kind, kept.reference) == ("payment_intent.succeeded", payment.gateway_reference)
    assert (payment.status, payment.card_last4, booking.status) == ("succeeded", "4242", "confirmed")
    made = client.v1.refunds.retrieve(refund.gateway_reference)
    assert (refund.status, made.amount, made.currency) == ("succeeded", 100_000, "usd")


def test_a_decline_in_stripes_form_leaves_it_open_for_another_card(client):
    booking, payment = start()
    with pytest.raises(stripe.CardError):
        pay_in_the_browser(client, payment, "4000000000000341")

    services.payments_settle(now=NOW + timedelta(minutes=1))

    payment.refresh_from_db()
    booking.refresh_from_db()
    assert (payment.status, booking.status) == ("challenge", "pending")


def test_given_up_is_cancelled_there(client):
    booking, payment = start()

    services.payment_abandon(customer=booking.customer, reference=booking.reference, now=NOW)

    payment.refresh_from_db()
    assert payment.status == "abandoned"
    assert client.v1.payment_intents.retrieve(payment.gateway_reference).status == "canceled"


def test_a_webhook_signed_with_another_secret_is_refused(client, inbox):
    from finance.errors import CallbackForged

    _, payment = start()
    pay_in_the_browser(client, payment)
    headers, body = inbox.get(timeout=10)

    with pytest.raises(CallbackForged):
        services.callback_receive(name="stripe", headers=headers, body=body + b" ", now=NOW)

    assert not GatewayCallback.objects.exists()
    assert not Refund.objects.exists()
