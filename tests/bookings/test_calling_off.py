"""An aborted or failed launch ends everything that hangs on it, in order, and tells everybody; to the last mail."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core import mail
from django.utils import timezone

from bookings import errors, services
from bookings.models import Booking, Hold, Rebooking, SeatClaim, SlipDecision, WaitingEntry
from finance import services as finance_services
from finance.models import Payment, Refund
from launches import services as launch_services
from launches.models import Launch
from notifications import services as notification_services
from notifications.models import Notification
from tests.factories import LaunchFactory, UserFactory, card, make_booking, make_hold, make_pending

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "A crack in the tank."


@pytest.fixture
def scene():
    """A launch with a booking, a hold, two unpaid bookings, a move each way, an open question, and a waiting list."""
    now = timezone.now()
    launch = LaunchFactory(seats=10, departure_at=now + timedelta(days=500))
    other = LaunchFactory(
        rocket=launch.rocket, destination=launch.destination, seats=10, departure_at=now + timedelta(days=600)
    )
    paid = make_booking(launch=launch, seats=2, now=now)
    held = make_hold(launch=launch, now=now)
    unpaid = make_pending(launch=launch, now=now)
    paying = make_pending(launch=launch, now=now)
    finance_services.booking_pay(
        customer=paying.customer, reference=paying.reference, card=card("4000 0000 0000 0259"), now=now
    )
    leaving = make_booking(launch=launch, now=now)
    coming = make_booking(launch=other, now=now)
    away, here = (
        services.rebooking_open(customer=one.customer, reference=one.reference, launch_id=target.pk, now=now)
        for one, target in ((leaving, other), (coming, launch))
    )
    asked = SlipDecision.objects.create(
        booking=paid,
        launch=launch,
        event_id=1,
        old_departure_at=launch.departure_at,
        new_departure_at=launch.departure_at,
        deadline_at=now + timedelta(days=14),
        created_at=now,
    )
    # Of ten seats seven are taken; a party of four waits, and one of two has an offer.
    offered = services.waiting_join(customer=UserFactory(), launch_id=launch.pk, party=4, now=now)
    offer_customer = UserFactory()
    Launch.objects.filter(pk=launch.pk).update(price_amount=launch.price_amount)
    offer = WaitingEntry.objects.create(launch=launch, customer=offer_customer, party=2, joined_at=now)
    services.waiting_offers_make(launch_id=launch.pk, now=now)
    return SimpleNamespace(
        launch=launch, other=other, paid=paid, held=held, unpaid=unpaid, paying=paying, leaving=leaving,
        coming=coming, away=away, here=here, asked=asked, waits=offered, offer=offer, now=now,
    )  # fmt: skip


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def call_off(scene, how):
    if how == "aborted":
        launch_services.launch_abort(actor=None, launch_id=scene.launch.pk, reason=REASON, now=scene.now)
        return
    Launch.objects.filter(pk=scene.launch.pk).update(status="confirmed", departure_at=scene.now - timedelta(seconds=1))
    launch_services.launch_mark_failed(actor=None, launch_id=scene.launch.pk, reason=REASON, now=scene.now)


def send():
    notification_services.notifications_send_due(now=timezone.now(), limit=200)


@pytest.mark.parametrize("how", ["aborted", "failed"])
def test_everything_ends_in_order_and_every_customer_is_told(scene, deliver, how):
    deliver()
    send()
    mail.outbox.clear()
    assert fresh(scene.offer).status == "offered"

    call_off(scene, how)
    deliver()
    send()
    deliver()

    bookings = [scene.paid, scene.leaving, scene.unpaid, scene.paying, scene.coming]
    assert [fresh(one).status for one in bookings] == ["cancelled", "cancelled", "expired", "expired", "confirmed"]
    for booking in (scene.paid, scene.leaving):
        booking.refresh_from_db()
        assert (booking.refund_amount, booking.cancel_cause) == (booking.price_amount, "supplier")
        assert sum(Refund.objects.filter(payment__booking=booking).values_list("amount", flat=True)) == (
            booking.price_amount
        )
    assert [fresh(one).status for one in (scene.away, scene.here)] == ["given_up", "given_up"]
    assert fresh(scene.asked).status == "overtaken"
    assert [fresh(one).status for one in (scene.waits, scene.offer)] == ["closed", "closed"]
    assert not Hold.objects.filter(launch=scene.launch, status="open").exists()
    assert not SeatClaim.objects.filter(launch=scene.launch, status="held").exists()
    # Cancelled seats stay with those who had them: nothing is for sale any more.
    assert SeatClaim.objects.filter(launch=scene.launch, status="sold").count() == 3
    with pytest.raises(errors.LaunchNotOpen):
        make_hold(launch=scene.launch, now=scene.now)

    told = set(
        Notification.objects.filter(
            template__in=["booking_cancelled", "purchase_called_off", "waiting_closed"]
        ).values_list("receiver_id", "template")
    )
    assert told == {
        (scene.paid.customer_id, "booking_cancelled"),
        (scene.leaving.customer_id, "booking_cancelled"),
        (scene.held.customer_id, "purchase_called_off"),
        (scene.unpaid.customer_id, "purchase_called_off"),
        (scene.paying.customer_id, "purchase_called_off"),
        (scene.coming.customer_id, "purchase_called_off"),
        (scene.waits.customer_id, "waiting_closed"),
        (scene.offer.customer_id, "waiting_closed"),
    }
    texts = {found.to[0]: found.body for found in mail.outbox if REASON in found.body}
    assert f"Your booking {scene.unpaid.reference} was not paid yet" in texts[scene.unpaid.customer.email]
    assert f"move booking {scene.coming.reference}" in texts[scene.coming.customer.email]
    assert "Your seats are not held any more." in texts[scene.held.customer.email]


def test_a_payment_under_way_goes_back_by_itself(scene, deliver):
    call_off(scene, "aborted")
    deliver()
    payment = Payment.objects.get(booking=scene.paying)
    assert payment.status == "processing"

    finance_services.payments_settle(now=timezone.now() + timedelta(minutes=2))
    deliver()

    payment.refresh_from_db()
    refund = Refund.objects.get(payment=payment)
    assert (fresh(scene.paying).status, payment.status) == ("expired", "succeeded")
    assert (refund.amount, refund.cause) == (payment.amount, "platform")


def test_calling_off_again_changes_nothing(scene, deliver):
    call_off(scene, "aborted")
    deliver()
    before = (Refund.objects.count(), Notification.objects.count(), list(Booking.objects.values_list("version")))

    services.launch_call_off(launch_id=scene.launch.pk, reason=REASON, now=timezone.now())
    deliver()

    assert (
        Refund.objects.count(),
        Notification.objects.count(),
        list(Booking.objects.values_list("version")),
    ) == before


def test_one_booking_that_cannot_be_ended_keeps_no_other_waiting_and_is_tried_again(scene, monkeypatch):
    cancel = services.calling_off.booking_cancel_for_supplier

    def fail_once(*, booking_id, **arguments):
        if booking_id == scene.paid.pk:
            raise RuntimeError("broken")
        return cancel(booking_id=booking_id, **arguments)

    call_off(scene, "aborted")
    monkeypatch.setattr(services.calling_off, "booking_cancel_for_supplier", fail_once)
    with pytest.raises(RuntimeError):
        services.launch_call_off(launch_id=scene.launch.pk, reason=REASON, now=timezone.now())

    assert [fresh(one).status for one in (scene.paid, scene.leaving, scene.unpaid)] == [
        "confirmed",
        "cancelled",
        "expired",
    ]
    assert not WaitingEntry.objects.filter(status__in=["waiting", "offered"]).exists()
    assert not Rebooking.objects.filter(status="open").exists()

    monkeypatch.setattr(services.calling_off, "booking_cancel_for_supplier", cancel)
    services.launch_call_off(launch_id=scene.launch.pk, reason=REASON, now=timezone.now())
    assert fresh(scene.paid).refund_amount == scene.paid.price_amount > Decimal(0)


def test_a_launch_that_is_not_viable_ends_in_the_same_way(deliver):
    now = timezone.now()
    launch = LaunchFactory(seats=10, departure_at=now + timedelta(days=80), minimum_occupancy_percent=20)
    booking = make_booking(launch=launch, now=now)
    Launch.objects.filter(pk=launch.pk).update(viability_warned_at=now - timedelta(days=32))

    report = services.viability_check(now=now)
    deliver()

    assert (report.aborted, fresh(booking).status) == (1, "cancelled")
    assert Refund.objects.get(payment__booking=booking).amount == booking.price_amount
    assert Notification.objects.get(template="booking_cancelled").receiver == booking.customer
