"""Refunds: spread over payments, tried again, looked after by people, given as goodwill."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bookings.errors import GoodwillTooHigh
from common.errors import Forbidden, InvalidInput
from common.models import OutboxEvent
from finance import errors, selectors, services
from finance.models import Payment, Refund
from finance.services.refunds import FAILED_AFTER, refund_for_cancellation
from tests.factories import NOW, EmployeeFactory, LaunchFactory, UserFactory, card, make_pending

pytestmark = pytest.mark.django_db
NO_REFUND = "4000 0000 0000 3220"


def paid(number="4242 4242 4242 4242"):
    booking = make_pending(launch=LaunchFactory())
    services.booking_pay(customer=booking.customer, reference=booking.reference, card=card(number), now=NOW)
    booking.refresh_from_db()
    return booking


def cancelled(booking, amount=None, event_id=1):
    return refund_for_cancellation(
        booking_id=booking.pk,
        amount=booking.price_amount if amount is None else Decimal(amount),
        cause="customer",
        event_id=event_id,
        now=NOW,
    )


def failed(booking):
    (refund,) = cancelled(booking)
    for hour in range(FAILED_AFTER):
        services.refunds_send_due(now=NOW + timedelta(hours=hour))
    refund.refresh_from_db()
    assert refund.status == "failed"
    return refund


def second_payment(booking, amount=1000, **changes):
    """As a fare difference leaves one: here only the row matters."""
    booking.payments.update(gateway_reference="sb_first")
    values = {"status": "succeeded", "gateway_reference": "sb_second", "created_at": NOW + timedelta(days=1)}
    from bookings.models import Hold, Rebooking

    hold = Hold.objects.create(
        customer=booking.customer,
        launch=LaunchFactory(),
        purpose="rebooking",
        status="sold",
        price_amount=amount,
        price_currency="USD",
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
    )
    move = Rebooking.objects.create(
        booking=booking,
        from_launch=booking.launch,
        to_launch=hold.launch,
        hold=hold,
        status="done",
        leg=1,
        old_price_amount=booking.price_amount,
        new_price_amount=booking.price_amount + amount,
        currency="USD",
        created_at=NOW,
    )
    return Payment.objects.create(
        booking=booking, rebooking=move, gateway="sandbox", amount=amount, currency="USD", **{**values, **changes}
    )


def test_what_goes_back_comes_from_the_newest_payment_first():
    booking = paid()
    newest = second_payment(booking)

    refunds = cancelled(booking, 1500)

    assert [(one.payment_id == newest.pk, one.amount) for one in refunds] == [(True, 1000), (False, 500)]


def test_a_payment_that_went_back_as_too_late_is_not_refunded_again():
    booking = paid()
    late = second_payment(booking)
    Refund.objects.create(
        payment=late,
        booking=booking,
        amount=1000,
        currency="USD",
        cause="platform",
        dedupe_key="late:1",
        created_at=NOW,
    )

    refunds = cancelled(booking, 1500)

    assert [(one.payment_id == late.pk, one.amount) for one in refunds] == [(False, 1500)]


def test_the_same_cause_again_owes_nothing_more():
    booking = paid()
    second_payment(booking)

    first, again = cancelled(booking, 1500), cancelled(booking, 1500)

    assert {one.pk for one in first} == {one.pk for one in again}
    assert Refund.objects.count() == 2


def test_more_than_was_paid_is_never_owed():
    booking = paid()
    cancelled(booking, 400000)

    with pytest.raises(errors.RefundTooHigh, match=r"At most \$50,000 can go back"):
        cancelled(booking, 60000, event_id=2)

    assert Refund.objects.count() == 1


def test_pauses_grow_between_tries():
    booking = paid(NO_REFUND)
    (refund,) = cancelled(booking)

    pauses, at = [], NOW
    for _ in range(FAILED_AFTER - 1):
        services.refunds_send_due(now=at)
        refund.refresh_from_db()
        pauses.append((refund.retry_at - at).total_seconds() / 60)
        at = refund.retry_at

    assert pauses == [1, 2, 4, 8, 16]


# --- the worklist
def test_the_worklist_shows_what_failed_and_what_waits_too_long():
    finance = EmployeeFactory(employee_role="finance")
    stuck = failed(paid(NO_REFUND))
    (waiting,) = cancelled(paid(), event_id=2)
    later = NOW + timedelta(minutes=61)

    assert [one.pk for one in selectors.refunds_failing(actor=finance, now=NOW)] == [stuck.pk]
    assert {one.pk for one in selectors.refunds_failing(actor=finance, now=later)} == {stuck.pk, waiting.pk}
    assert selectors.refunds_failing_count(now=later) == 2


@pytest.mark.parametrize("who", ["customer", "support", "it"])
def test_the_worklist_is_for_finance_only(who):
    actor = UserFactory() if who == "customer" else EmployeeFactory(employee_role=who)
    refund = failed(paid(NO_REFUND))

    for call in (
        lambda: selectors.refunds_failing(actor=actor, now=NOW),
        lambda: selectors.refund_get(actor=actor, refund_id=refund.pk),
        lambda: services.refund_retry(actor=actor, refund_id=refund.pk, now=NOW),
        lambda: services.refund_paid_by_hand(actor=actor, refund_id=refund.pk, note="bank", now=NOW),
    ):
        with pytest.raises(Forbidden):
            call()
    refund.refresh_from_db()
    assert refund.status == "failed"


def test_trying_again_asks_the_gateway_at_once():
    refund = failed(paid(NO_REFUND))
    finance = EmployeeFactory(employee_role="finance")

    still = services.refund_retry(actor=finance, refund_id=refund.pk, now=NOW)
    from finance.models import SandboxCharge

    SandboxCharge.objects.update(is_refundable=True)
    done = services.refund_retry(actor=finance, refund_id=refund.pk, now=NOW)

    assert (still.status, still.attempts, done.status) == ("failed", FAILED_AFTER + 1, "succeeded")
    with pytest.raises(errors.RefundSettled):
        services.refund_retry(actor=finance, refund_id=refund.pk, now=NOW)


def test_paid_by_hand_is_paid_and_says_how():
    refund = failed(paid(NO_REFUND))
    finance = EmployeeFactory(employee_role="finance")

    done = services.refund_paid_by_hand(actor=finance, refund_id=refund.pk, note=" wire  4711 ", now=NOW)

    assert (done.status, done.gateway_reference, done.settled_at) == ("succeeded", "manual:wire 4711", NOW)
    event = OutboxEvent.objects.get(name="finance.refund.succeeded")
    assert (event.actor_id, event.payload["refund_id"]) == (finance.pk, str(refund.pk))
    with pytest.raises(errors.RefundSettled):
        services.refund_paid_by_hand(actor=finance, refund_id=refund.pk, note="again", now=NOW)


def test_what_the_gateway_may_still_pay_is_not_paid_by_hand():
    (refund,) = cancelled(paid())
    finance = EmployeeFactory(employee_role="finance")

    with pytest.raises(errors.RefundUnderWay):
        services.refund_paid_by_hand(actor=finance, refund_id=refund.pk, note="wire", now=NOW)
    with pytest.raises(InvalidInput):
        services.refund_paid_by_hand(actor=finance, refund_id=refund.pk, note=" ", now=NOW)

    refund.refresh_from_db()
    assert refund.status == "requested"


# --- goodwill
def goodwill(booking, amount, actor=None, **more):
    return services.refund_goodwill(
        actor=actor or EmployeeFactory(employee_role="support"),
        reference=booking.reference,
        amount=Decimal(amount),
        reason="the patch was misspelt",
        now=NOW,
        **more,
    )


def test_goodwill_goes_back_and_the_booking_stays():
    booking = paid()

    (refund,) = goodwill(booking, "1000.004")

    booking.refresh_from_db()
    assert (refund.amount, refund.cause, refund.status) == (Decimal("1000.00"), "goodwill", "requested")
    assert (booking.status, booking.refund_amount, booking.version) == ("confirmed", 1000, 3)
    event = OutboxEvent.objects.get(name="bookings.booking.goodwill_granted")
    assert (Decimal(event.payload["refund_amount"]), event.payload["reason"]) == (1000, "the patch was misspelt")


def test_the_same_form_twice_gives_once():
    booking = paid()

    first, again = goodwill(booking, 10, key="k"), goodwill(booking, 10, key="k")

    assert [one.pk for one in first] == [one.pk for one in again]
    booking.refresh_from_db()
    assert booking.refund_amount == 10


def test_goodwill_is_bounded_by_what_is_left():
    booking = paid()
    goodwill(booking, 449_990)

    with pytest.raises(GoodwillTooHigh, match=r"At most \$10 can"):
        goodwill(booking, 11)

    booking.refresh_from_db()
    assert (booking.refund_amount, Refund.objects.count()) == (449_990, 1)


@pytest.mark.parametrize(("amount", "field"), [("0", "amount"), ("0.004", "amount"), ("-5", "amount")])
def test_goodwill_of_nothing_is_refused(amount, field):
    booking = paid()

    with pytest.raises(InvalidInput) as refusal:
        goodwill(booking, amount)

    assert field in refusal.value.fields
    assert not Refund.objects.exists()


def test_an_unpaid_booking_gets_no_goodwill():
    booking = make_pending(launch=LaunchFactory())

    with pytest.raises(GoodwillTooHigh):
        goodwill(booking, 1)


@pytest.mark.parametrize("role", ["it", "customer"])
def test_goodwill_is_for_finance_and_support_only(role):
    booking = paid()
    actor = UserFactory() if role == "customer" else EmployeeFactory(employee_role=role)

    with pytest.raises(Forbidden):
        goodwill(booking, 1, actor=actor)
    assert not Refund.objects.exists()
