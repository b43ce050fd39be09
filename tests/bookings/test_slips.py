"""Slips: what customers are asked, and how each question ends."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from bookings import errors, policies, selectors, services
from bookings.enums import SlipStatus
from bookings.models import Booking, SeatClaim, SlipDecision
from common.errors import InvalidInput
from common.models import OutboxEvent
from launches import services as launch_services
from tests.bookings.moving import confirm, live_seats, open_move, sister
from tests.factories import NOW, LaunchFactory, UserFactory, make_booking

pytestmark = pytest.mark.django_db


def delay(launch, *, days=40, now=NOW):
    """Announce a delay, and handle its event as the worker does."""
    launch.refresh_from_db()
    old = launch.departure_at
    launch_services.launch_delay(
        actor=None, launch_id=launch.pk, departure_at=old + timedelta(days=days),
        departure_precision=launch.departure_precision, reason="A valve.", now=now,
    )  # fmt: skip
    return handle(OutboxEvent.objects.filter(name="launches.launch.delayed").latest("pk"))


def handle(row):
    from bookings import handlers
    from common import outbox_consumers

    handlers.slips_ask(outbox_consumers.delivered(row))
    return row


def asked(booking) -> SlipDecision:
    return SlipDecision.objects.filter(booking=booking).latest("event_id")


def closed_as():
    rows = OutboxEvent.objects.filter(name="bookings.slip.closed").order_by("pk")
    return [row.payload["outcome"] for row in rows]


# --- asking -----------------------------------------------------------------------------------------
def test_a_delay_of_thirty_days_asks_every_booking_once():
    launch = LaunchFactory()
    bookings = [make_booking(launch=launch, seats=2), make_booking(launch=launch)]
    row = delay(launch, days=30)
    handle(row)  # delivered twice

    assert SlipDecision.objects.count() == 2
    decision = asked(bookings[0])
    assert (decision.status, decision.deadline_at) == ("open", NOW + timedelta(days=14))
    assert decision.new_departure_at - decision.old_departure_at == timedelta(days=30)
    opened = OutboxEvent.objects.filter(name="bookings.slip.opened")
    assert {row.payload["reference"] for row in opened} == {booking.reference for booking in bookings}


def test_days_are_the_calendars_at_the_spaceport():
    # Clocks go forward on 12 March 2028: the same wall clock 30 days later is 29 days and 23 hours away.
    launch = LaunchFactory(departure_at=datetime(2028, 3, 1, 15, tzinfo=UTC))
    make_booking(launch=launch)
    launch_services.launch_delay(
        actor=None, launch_id=launch.pk, departure_at=datetime(2028, 3, 31, 14, tzinfo=UTC),
        departure_precision="minute", reason="x", now=NOW,
    )  # fmt: skip
    handle(OutboxEvent.objects.get(name="launches.launch.delayed"))
    assert SlipDecision.objects.count() == 1


def test_a_shorter_delay_asks_nobody():
    launch = LaunchFactory()
    make_booking(launch=launch)
    delay(launch, days=29)
    assert not SlipDecision.objects.exists()


def test_who_booked_or_moved_here_after_the_announcement_is_not_asked():
    launch = LaunchFactory()
    other = sister(launch, departure_at=launch.departure_at + timedelta(days=1))
    mover = make_booking(launch=other)
    row = delay(launch)
    SlipDecision.objects.all().delete()
    late = make_booking(launch=launch, now=NOW + timedelta(hours=1))
    hour = NOW + timedelta(hours=1)
    confirm(open_move(mover, launch, now=hour), now=hour)

    handle(row)

    assert not SlipDecision.objects.filter(booking__in=[late, mover]).exists()


def test_a_payment_on_a_launch_that_stays_costs_one_query(django_assert_num_queries):
    from bookings import handlers
    from common import outbox_consumers

    make_booking(launch=LaunchFactory())
    row = OutboxEvent.objects.get(name="bookings.booking.confirmed")

    with django_assert_num_queries(1):
        handlers.slip_ask_late(outbox_consumers.delivered(row))


def test_a_newer_slip_overtakes_the_open_question_and_asks_again():
    launch = LaunchFactory()
    booking = make_booking(launch=launch)
    delay(launch)
    first = asked(booking)
    delay(launch, now=NOW + timedelta(days=3))

    first.refresh_from_db()
    assert (first.status, asked(booking).status) == ("overtaken", "open")
    assert closed_as() == ["overtaken"]
    assert asked(booking).deadline_at == NOW + timedelta(days=17)


def test_the_deadline_never_lies_after_the_departure():
    launch = LaunchFactory(departure_at=NOW + timedelta(hours=20), status="confirmed")
    booking = make_booking(launch=launch)
    late = launch.departure_at + timedelta(days=29)
    delay(launch, days=32, now=late)
    assert asked(booking).deadline_at == launch.departure_at + timedelta(days=32)


# --- answering --------------------------------------------------------------------------------------
@pytest.fixture
def decision():
    launch = LaunchFactory()
    booking = make_booking(launch=launch, seats=2)
    delay(launch)
    return asked(booking)


def answer(decision, what, *, now=NOW, actor=None):
    return services.slip_answer(decision_id=decision.pk, answer=what, now=now, actor=actor)


def test_keeping(decision):
    answer(decision, "keep")
    assert answer(decision, "keep").status == "kept"
    assert closed_as() == ["kept"]
    with pytest.raises(errors.SlipOver) as caught:
        answer(decision, "refund")
    assert "it was answered with “kept”" in caught.value.message
    assert Booking.objects.get(pk=decision.booking_id).status == "confirmed"


def test_leaving_gives_everything_back_and_frees_the_seats(decision):
    answer(decision, "refund", now=NOW + timedelta(days=13))

    booking = Booking.objects.get(pk=decision.booking_id)
    told = OutboxEvent.objects.get(name="bookings.booking.cancelled").payload
    assert (booking.status, booking.refund_amount, booking.cancel_cause) == ("cancelled", Decimal(900000), "supplier")
    assert (Decimal(told["refund_amount"]), told["cause"], told["is_whole"]) == (Decimal(900000), "supplier", True)
    assert live_seats(decision.launch) == []
    assert answer(decision, "refund").status == "refunded"
    assert OutboxEvent.objects.filter(name="bookings.booking.cancelled").count() == 1


def test_moving_to_a_cheaper_launch_gives_the_whole_difference_back(decision):
    booking = Booking.objects.get(pk=decision.booking_id)
    launch = decision.launch
    target = sister(launch, price_amount=Decimal(300000))
    move = open_move(booking, target)
    confirm(move)

    decision.refresh_from_db()
    booking.refresh_from_db()
    told = OutboxEvent.objects.get(name="bookings.booking.moved").payload
    assert decision.status == "moved"
    assert (Decimal(told["refund_amount"]), told["cause"]) == (Decimal(300000), "supplier")
    assert (booking.price_amount, booking.policy_tiers[0]["percent"]) == (Decimal(600000), 90)
    assert closed_as() == ["moved"]


def test_a_slip_opens_the_move_even_close_to_departure():
    launch = LaunchFactory(departure_at=NOW + timedelta(days=10), status="confirmed")
    booking, target = make_booking(launch=launch), sister(launch)
    late = NOW + timedelta(days=9)
    with pytest.raises(errors.RebookingRefused):
        open_move(booking, target, now=late)
    delay(launch, days=30, now=late)
    asked(booking)
    soon = late + timedelta(days=2)
    confirm(open_move(booking, target, now=soon), now=soon)
    assert Booking.objects.get(pk=booking.pk).launch_id == target.pk


def test_a_move_under_way_at_the_deadline_is_done_after_it(decision):
    booking, target = Booking.objects.get(pk=decision.booking_id), sister(decision.launch, price_amount=Decimal(500000))
    move = open_move(booking, target, now=decision.deadline_at - timedelta(minutes=1))
    after = decision.deadline_at + timedelta(minutes=1)
    services.slips_lapse(now=after)

    services.rebooking_complete(rebooking_id=move.pk, now=after)

    decision.refresh_from_db()
    assert decision.status == "moved"
    assert closed_as() == ["lapsed", "moved"]


@pytest.mark.parametrize("what", ["keep", "refund"])
def test_an_answer_gives_up_the_move_that_was_begun(decision, what):
    booking, target = Booking.objects.get(pk=decision.booking_id), sister(decision.launch)
    move = open_move(booking, target)
    answer(decision, what)
    move.refresh_from_db()
    assert (move.status, live_seats(target)) == ("given_up", [])


def test_the_deadline_is_the_clocks(decision):
    for what in ("keep", "refund"):
        with pytest.raises(errors.SlipOver) as caught:
            answer(decision, what, now=decision.deadline_at)
    assert "its deadline has passed, so the booking is kept" in caught.value.message
    assert SeatClaim.objects.filter(status="sold").count() == 2


def test_other_answers_and_unknown_questions_are_refused(decision):
    with pytest.raises(InvalidInput) as caught:
        answer(decision, "fly")
    assert "answer" in caught.value.fields
    with pytest.raises(errors.SlipNotFound):
        services.slip_answer(decision_id=uuid4(), answer="keep", now=NOW)


def test_once_the_launch_is_off_there_is_nothing_to_answer(decision):
    launch_services.launch_abort(actor=None, launch_id=decision.launch_id, reason="x", now=NOW)
    with pytest.raises(errors.SlipOver):
        answer(decision, "refund")
    assert not selectors.is_answerable(selectors.slip_by_token(token=selectors.slip_token(decision.pk)), NOW)


def test_a_booking_that_is_cancelled_takes_its_question_along(decision):
    booking = Booking.objects.get(pk=decision.booking_id)
    services.slip_overtake(booking_id=booking.pk, now=NOW)
    decision.refresh_from_db()
    assert decision.status == "open"
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=NOW)
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=NOW)
    services.slip_overtake(booking_id=booking.pk, now=NOW)
    decision.refresh_from_db()
    assert decision.status == "overtaken"


@pytest.mark.parametrize("current", sorted(SlipStatus))
def test_the_table_of_moves(current):
    ends = {"kept", "moved", "refunded", "lapsed", "overtaken"}
    assert policies.SLIP_MOVES[current] == {"open": ends, "lapsed": {"moved"}}.get(current, set())


# --- reminders and the default ------------------------------------------------------------------------
def test_two_reminders_each_once_then_it_is_kept(decision):
    end = decision.deadline_at
    told = [
        services.slips_remind(now=end - before)
        for before in (
            timedelta(days=7, seconds=1), timedelta(days=7), timedelta(days=6),
            timedelta(days=2), timedelta(days=1), timedelta(0),
        )
    ]  # fmt: skip
    assert told == [0, 1, 0, 1, 0, 0]
    assert services.slips_lapse(now=end - timedelta(seconds=1)) == 0
    assert (services.slips_lapse(now=end), services.slips_lapse(now=end)) == (1, 0)
    decision.refresh_from_db()
    assert decision.status == "lapsed"
    assert Booking.objects.get(pk=decision.booking_id).status == "confirmed"


def test_a_job_that_slept_reminds_once_not_twice(decision):
    assert services.slips_remind(now=decision.deadline_at - timedelta(days=1)) == 1
    assert services.slips_remind(now=decision.deadline_at - timedelta(hours=1)) == 0


def test_a_reminder_that_would_come_with_the_question_is_none():
    launch = LaunchFactory(departure_at=NOW + timedelta(days=1), status="confirmed")
    booking = make_booking(launch=launch)
    delay(launch, days=30, now=launch.departure_at + timedelta(days=25))  # five days to answer
    assert asked(booking).reminders_sent == 1


# --- the signed link ------------------------------------------------------------------------------------
def test_the_link_names_one_question_and_nothing_else(decision):
    token = selectors.slip_token(decision.pk)
    assert selectors.slip_by_token(token=token).pk == decision.pk
    body, _, signature = token.rpartition(":")
    other = selectors.slip_token(uuid4())
    for bad in (
        f"{uuid4().hex}:{signature}", f"{body}:", body, "", "x" * 500, f"{body}:{other.rpartition(':')[2]}", other,
        token.upper(), "é" + token, f"{token}\n",
    ):  # fmt: skip
        with pytest.raises(errors.SlipNotFound):
            selectors.slip_by_token(token=bad)


def test_lists_only_ones_own_open_questions(decision, django_assert_num_queries):
    customer = Booking.objects.get(pk=decision.booking_id).customer
    for _ in range(2):
        other = LaunchFactory()
        make_booking(launch=other, customer=customer)
        delay(other)
    with django_assert_num_queries(1):
        found = selectors.slip_list_open(customer=customer, now=NOW)
        assert [one.launch.title for one in found if one.booking.reference and one.launch.supplier.trade_name]
    assert len(found) == 3
    assert selectors.slip_list_open(customer=UserFactory(), now=NOW) == []
    assert len(selectors.slip_list_open(customer=customer, now=found[0].deadline_at)) == 0
    with pytest.raises(errors.SlipNotFound):
        selectors.slip_get(customer=UserFactory(), decision_id=decision.pk)
