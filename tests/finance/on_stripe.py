"""What tests of Stripe share: paying, its messages, a refund of everything."""

from finance import services
from finance.services import CardToken
from finance.services.refunds import refund_for_cancellation
from tests.factories import NOW
from tests.finance.conftest import WEBHOOK_SECRET
from tests.finance.stripe_double import message


def pay(booking, method="pm_card_visa", now=NOW):
    return services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=CardToken(token=method), now=now
    )


def receive(kind, thing, number=1, now=NOW):
    headers, body = message(kind, thing, secret=WEBHOOK_SECRET, number=number)
    return services.callback_receive(name="stripe", headers=headers, body=body, now=now)


def refund_of(booking, event_id=1):
    (refund,) = refund_for_cancellation(
        booking_id=booking.pk, amount=booking.price_amount, cause="customer", event_id=event_id, now=NOW
    )
    return refund
