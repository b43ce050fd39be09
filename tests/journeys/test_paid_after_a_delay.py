"""Whoever was paying when a far delay was announced is asked like everybody else, as soon as the seats are paid."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import services as booking_services
from bookings.models import Booking, SlipDecision
from finance import services as finance_services
from launches import services as launch_services
from notifications.tasks import send_due
from tests.bookings.moving import open_move, sister
from tests.factories import card, make_booking, make_pending
from tests.journeys.world import mails_about, make_world

pytestmark = pytest.mark.django_db(transaction=True)
CHALLENGE = "4000 0025 0000 3155"


def delay(launch, *, days=40):
    launch.refresh_from_db()
    return launch_services.launch_delay(
        actor=None, launch_id=launch.pk, departure_at=launch.departure_at + timedelta(days=days),
        departure_precision=launch.departure_precision, reason="A valve.", now=timezone.now(),
    )  # fmt: skip


def pay(booking, number=CHALLENGE):
    return finance_services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=card(number), now=timezone.now()
    )


def pass_challenge(booking):
    finance_services.payment_challenge_answer(
        customer=booking.customer, reference=booking.reference, code="123456", now=timezone.now()
    )
    booking.refresh_from_db()


def test_a_booking_that_was_being_paid_at_the_announcement_is_asked(deliver, settings):
    world = make_world()
    paid = make_booking(launch=world.launch, now=timezone.now())
    booking = make_pending(launch=world.launch, customer=world.customer, now=timezone.now())
    assert pay(booking).status == "challenge"
    delay(world.launch)
    deliver()
    assert [one.booking_id for one in SlipDecision.objects.all()] == [paid.pk]

    before = timezone.now()
    pass_challenge(booking)
    finance_services.payments_settle(now=timezone.now())
    deliver()
    send_due()

    assert booking.status == "confirmed"
    decision = SlipDecision.objects.get(booking=booking)
    assert (decision.status, decision.new_departure_at - decision.old_departure_at) == ("open", timedelta(days=40))
    assert decision.deadline_at >= before + timedelta(days=settings.SLIP_ANSWER_DAYS)
    (mail,) = [one for one in mails_about(settings.MAIL_DIR, booking.reference) if "/slips/" in str(one)]
    assert (mail["To"], "A valve." in mail.get_body(("plain",)).get_content()) == (world.customer.email, True)
    answered = booking_services.slip_answer(decision_id=decision.pk, answer="refund", now=timezone.now())
    assert answered.status == "refunded"


def test_a_move_that_was_being_paid_at_the_announcement_is_asked_on_the_new_launch(deliver):
    world = make_world()
    target = sister(
        world.launch, departure_at=world.launch.departure_at + timedelta(days=9),
        price_amount=world.launch.price_amount + 1,
    )  # fmt: skip
    booking = make_booking(launch=world.launch, customer=world.customer, now=timezone.now())
    move = open_move(booking, target, now=timezone.now())
    finance_services.rebooking_pay(
        customer=world.customer, rebooking_id=move.pk, card=card(CHALLENGE), now=timezone.now()
    )
    delay(target)
    delay(world.launch)  # a later announcement, about the launch that the booking leaves
    deliver()

    finance_services.rebooking_challenge_answer(
        customer=world.customer, rebooking_id=move.pk, code="123456", now=timezone.now()
    )
    deliver()

    assert Booking.objects.get(pk=booking.pk).launch_id == target.pk
    found = SlipDecision.objects.filter(booking=booking).order_by("created_at")
    assert [(one.launch_id, one.status) for one in found] == [(world.launch.pk, "moved"), (target.pk, "open")]


def test_who_paid_between_the_announcement_and_its_delivery_is_asked_once(deliver):
    """The event of the payment comes after that of the delay; both find the booking confirmed."""
    world = make_world()
    booking = make_pending(launch=world.launch, customer=world.customer, now=timezone.now())
    pay(booking)
    delay(world.launch)
    pass_challenge(booking)

    deliver()

    assert [one.status for one in SlipDecision.objects.all()] == ["open"]


def test_nobody_is_asked_who_knew_of_the_new_date_or_for_a_short_delay(deliver):
    world = make_world()
    slipped, near = world.launch, sister(world.launch, departure_at=world.launch.departure_at + timedelta(days=9))
    early = make_pending(launch=near, now=timezone.now())
    pay(early)
    delay(slipped)
    delay(near, days=29)
    knowing = make_booking(launch=slipped, now=timezone.now())
    mover = make_booking(launch=near, now=timezone.now())
    move = open_move(mover, slipped, now=timezone.now())
    booking_services.rebooking_confirm(customer=mover.customer, rebooking_id=move.pk, now=timezone.now())
    pass_challenge(early)

    deliver()

    assert {knowing.status, early.status, Booking.objects.get(pk=mover.pk).status} == {"confirmed"}
    assert not SlipDecision.objects.exists()


def test_the_latest_of_two_far_delays_is_what_is_asked_about(deliver):
    world = make_world()
    booking = make_pending(launch=world.launch, customer=world.customer, now=timezone.now())
    pay(booking)
    for days in (40, 50, 3):
        delay(world.launch, days=days)
    deliver()
    pass_challenge(booking)

    deliver()
    deliver()

    decision = SlipDecision.objects.get()
    assert decision.new_departure_at - decision.old_departure_at == timedelta(days=50)
