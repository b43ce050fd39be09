"""The moves of payments and refunds: every pair of states, through the services that record them."""

from itertools import product

import pytest

from finance.enums import PaymentStatus, RefundStatus
from finance.gateways import ChargeAnswer
from finance.gateways.port import RefundAnswer
from finance.models import Payment, Refund
from finance.policies import OPEN_PAYMENTS, OVER_PAYMENTS, PAYMENT_MOVES, REFUND_MOVES
from finance.services.payments import payment_record
from finance.services.refunds import refund_record
from tests.factories import NOW, LaunchFactory, make_booking, make_pending

pytestmark = pytest.mark.django_db
P, R = PaymentStatus, RefundStatus
ENDS = (P.SUCCEEDED, P.LATE)


def pairs(states):
    return [pytest.param(a, b, id=f"{a}-{b}") for a, b in product(states, states)]


@pytest.mark.parametrize(("old", "said"), pairs(P))
def test_a_payment_goes_where_its_table_lets_it(old, said):
    booking = make_pending(launch=LaunchFactory())
    payment = Payment.objects.create(
        booking=booking,
        gateway="sandbox",
        gateway_reference="" if old == P.CREATED else "sb_1",
        amount=booking.price_amount,
        currency="USD",
        status=old,
        created_at=NOW,
    )

    recorded, _ = payment_record(payment_id=payment.pk, answer=ChargeAnswer(reference="sb_1", status=said), now=NOW)

    # Money that comes in for what was given up is late, whatever the gateway calls it.
    wanted = P.LATE if said == P.SUCCEEDED and P.LATE in PAYMENT_MOVES[old] else said
    expected = wanted if wanted in PAYMENT_MOVES[old] else old
    booking.refresh_from_db()
    payment.refresh_from_db()
    assert (recorded.status, payment.status) == (expected, expected)
    assert (booking.status == "confirmed") == (expected == P.SUCCEEDED and old != P.SUCCEEDED)
    assert Refund.objects.count() == (1 if expected == P.LATE and old != P.LATE else 0)


def test_every_state_of_a_payment_is_open_over_or_paid():
    assert set(PAYMENT_MOVES) == set(P)
    assert {*OPEN_PAYMENTS, *OVER_PAYMENTS, P.SUCCEEDED} == set(P)
    assert [state for state in P if not PAYMENT_MOVES[state]] == list(ENDS)


@pytest.mark.parametrize(("old", "said"), pairs(R))
def test_a_refund_goes_where_its_table_lets_it(old, said):
    booking = make_booking(launch=LaunchFactory())
    refund = Refund.objects.create(
        payment=booking.payments.get(),
        booking=booking,
        amount=1,
        currency="USD",
        cause="goodwill",
        status=old,
        dedupe_key="x",
        attempts=5,
        created_at=NOW,
    )

    refund_record(refund_id=refund.pk, answer=RefundAnswer(reference="sr_1", status=said, reason="no"), now=NOW)

    # From failed back to requested goes only an employee, never a gateway's answer.
    moves = REFUND_MOVES[old] - ({R.REQUESTED} if old == R.FAILED else set())
    refund.refresh_from_db()
    assert refund.status == (said if said in moves else old)


def test_every_state_of_a_refund_is_in_its_table():
    assert set(REFUND_MOVES) == set(R)
    assert [state for state in R if not REFUND_MOVES[state]] == [R.SUCCEEDED]
