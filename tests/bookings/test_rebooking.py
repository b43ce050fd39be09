"""Moving a booking to another launch: seats, tables, versions, and what is refused."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from bookings import errors, policies, selectors, services
from bookings.enums import RebookingStatus
from bookings.models import Booking, Rebooking, SeatClaim
from common.models import OutboxEvent
from launches.errors import LaunchNotFound
from tests.bookings.moving import confirm, live_seats, moved_event, open_move, sister
from tests.factories import NOW, LaunchFactory, UserFactory, make_booking

pytestmark = pytest.mark.django_db


# --- the exchange ---------------------------------------------------------------------------------
def test_the_seats_are_exchanged_and_the_booking_goes_with_them():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch, seats=2), sister(launch)
    chosen = list(target.seats.filter(label__in=["A2", "B3"]).values_list("pk", flat=True))

    move = open_move(booking, target, seat_ids=chosen)
    held = live_seats(launch), live_seats(target)
    done = confirm(move)

    booking.refresh_from_db()
    assert held == ([("A1", "sold"), ("B1", "sold")], [("A2", "held"), ("B3", "held")])
    assert (live_seats(launch), live_seats(target)) == ([], [("A2", "sold"), ("B3", "sold")])
    assert (done.status, booking.launch_id, booking.leg, booking.status) == ("done", target.pk, 2, "confirmed")
    assert [one.seat_label for one in booking.passengers.order_by("pk")] == ["A2", "B3"]
    assert [one.claim.launch_seat.label for one in booking.passengers.order_by("pk")] == ["A2", "B3"]
    move.hold.refresh_from_db()
    assert move.hold.status == "sold"
    latest = booking.history.order_by("pk").last()
    assert latest.reason == f"moved from launch {launch.pk} (A1, B1) to launch {target.pk} (A2, B3)"
    told = moved_event()
    assert (told["launch_id"], told["from_launch_id"], told["to_launch_id"]) == (target.pk, launch.pk, target.pk)
    assert (told["leg"], told["cause"], Decimal(told["refund_amount"])) == (2, "customer", 0)


def test_asked_twice_it_is_done_once():
    launch = LaunchFactory()
    move = open_move(make_booking(launch=launch), sister(launch))
    confirm(move)

    assert confirm(move).status == "done"
    assert services.rebooking_complete(rebooking_id=move.pk, now=NOW).status == "done"
    assert OutboxEvent.objects.filter(name="bookings.booking.moved").count() == 1
    assert Booking.objects.get(pk=move.booking_id).leg == 2


def test_best_seats_side_by_side_when_none_are_chosen_and_cancelled_passengers_stay_behind():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch, seats=3), sister(launch)
    gone = booking.passengers.order_by("pk").first()
    quote = services.cancellation_quote(
        customer=booking.customer, reference=booking.reference, now=NOW, passenger_ids=[gone.pk]
    )
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=NOW)

    confirm(open_move(booking, target))

    gone.refresh_from_db()
    booking.refresh_from_db()
    assert live_seats(target) == [("A1", "sold"), ("B1", "sold")]
    assert (gone.claim.launch_id, gone.price_amount) == (launch.pk, Decimal(450000))
    assert booking.price_amount == sum(one.price_amount for one in booking.passengers.all())


# --- what it refuses ------------------------------------------------------------------------------
def refused(error, **changes):
    launch = LaunchFactory()
    booking = make_booking(launch=launch, seats=changes.pop("seats", 1))
    now, arguments = changes.pop("now", NOW), changes.pop("arguments", {})
    target = changes.pop("target", None) or sister(launch, **changes)
    before = (SeatClaim.objects.count(), OutboxEvent.objects.count())
    with pytest.raises(error) as caught:
        open_move(booking, target, now=now, **arguments)
    assert (SeatClaim.objects.count(), OutboxEvent.objects.count()) == before
    assert not Rebooking.objects.filter(booking=booking).exists()
    return caught.value


def test_only_the_same_supplier_and_destination_will_do():
    other_supplier = refused(errors.RebookingTargetRefused, target=LaunchFactory())
    assert list(other_supplier.fields) == ["launch_id"]
    refused(errors.RebookingTargetRefused, destination=LaunchFactory().destination)


def test_not_to_a_launch_that_is_a_draft_off_or_gone():
    refused(LaunchNotFound, status="draft")
    refused(errors.LaunchNotOpen, status="aborted", reason="x")
    refused(errors.LaunchNotOpen, departure_at=NOW - timedelta(days=1), status="confirmed")


def test_not_to_the_launch_it_is_on():
    launch = LaunchFactory()
    booking = make_booking(launch=launch)
    with pytest.raises(errors.RebookingTargetRefused):
        open_move(booking, launch)


def test_not_into_another_currency():
    assert list(refused(errors.RebookingTargetRefused, price_currency="EUR").fields) == ["launch_id"]


def test_every_passenger_must_still_be_of_age_and_is_named():
    booking_launch = LaunchFactory()
    booking = make_booking(launch=booking_launch, seats=2)
    old = booking.passengers.order_by("pk").last()
    old.birth_date = date(1957, 5, 20)  # 70 on the old date, 71 on the new one
    old.save()
    with pytest.raises(errors.PassengersInvalid) as caught:
        open_move(booking, sister(booking_launch))
    assert "Traveller B (seat B1)" in caught.value.fields["passengers"]
    assert "Traveller A" not in caught.value.fields["passengers"]


def test_until_thirty_days_before_departure():
    last = datetime(2028, 2, 14, 5, tzinfo=UTC)  # 13 February at the spaceport, 30 days before 14 March
    launch = LaunchFactory()
    open_move(make_booking(launch=launch), sister(launch), now=last)
    sentence = refused(errors.RebookingRefused, now=last + timedelta(hours=2)).message
    assert "13 February 2028" in sentence


def test_exactly_one_seat_a_passenger():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch, seats=2), sister(launch)
    ids = list(target.seats.values_list("pk", flat=True))
    for chosen in (ids[:1], ids[:3]):
        with pytest.raises(errors.SeatsUnknown) as caught:
            open_move(booking, target, seat_ids=chosen)
        assert "2 seats" in caught.value.fields["seat_ids"]


def test_the_seat_limit_counts_on_the_new_launch():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch, seats=3), sister(launch)
    make_booking(launch=target, customer=booking.customer, seats=4)  # with two trips the limit is 6
    with pytest.raises(errors.SeatLimitReached):
        open_move(booking, target)


def test_the_booking_that_moves_is_no_earlier_trip_for_the_limit():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch, seats=3), sister(launch)
    for there in (LaunchFactory(), target):
        make_booking(launch=there, customer=booking.customer, seats=2)

    with pytest.raises(errors.SeatLimitReached, match="at most 4 seats.*you have 2"):
        open_move(booking, target)

    assert SeatClaim.objects.filter(launch=target).count() == 2


@pytest.mark.parametrize("is_vip", [False, True], ids=["", "vip"])
def test_a_move_paid_too_late_is_judged_by_the_limit_without_itself(is_vip):
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch, seats=2), sister(launch, price_amount=launch.price_amount + 1)
    for _ in range(2 if is_vip else 1):
        make_booking(launch=LaunchFactory(), customer=booking.customer)
    last = list(target.seats.order_by("-row", "-column").values_list("pk", flat=True)[:2])
    move = open_move(booking, target, seat_ids=last)
    late = NOW + timedelta(minutes=16)
    make_booking(launch=target, customer=booking.customer, seats=3, now=late)

    if is_vip:
        assert services.rebooking_complete(rebooking_id=move.pk, now=late).status == "done"
    else:
        with pytest.raises(errors.SeatsGone):
            services.rebooking_complete(rebooking_id=move.pk, now=late)


def test_somebody_elses_booking_is_not_found():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch), sister(launch)
    move = open_move(booking, target)
    stranger = UserFactory()
    with pytest.raises(errors.BookingNotFound):
        services.rebooking_open(customer=stranger, reference=booking.reference, launch_id=target.pk, now=NOW)
    for door in (services.rebooking_confirm, services.rebooking_give_up):
        with pytest.raises(errors.RebookingNotFound):
            door(customer=stranger, rebooking_id=move.pk, now=NOW)


@pytest.mark.parametrize("current", sorted(RebookingStatus))
def test_the_table_of_moves(current):
    assert (
        policies.REBOOKING_MOVES[current]
        == {
            "open": {"done", "expired", "given_up"},
            "expired": {"done"},
            "done": set(),
            "given_up": set(),
        }[current]
    )


# --- versions ---------------------------------------------------------------------------------------
def test_the_trips_version_never_falls_and_the_offers_neither():
    launch = LaunchFactory(version=40)
    booking, target = make_booking(launch=launch), sister(launch, version=3)
    before = selectors.trip_record(booking_id=booking.pk).version
    offers = [selectors.offer_record(launch_id=one.pk).version for one in (launch, target)]

    confirm(open_move(booking, target))

    assert selectors.trip_record(booking_id=booking.pk).version == before + 1
    after = [selectors.offer_record(launch_id=one.pk).version for one in (launch, target)]
    assert after[0] > offers[0]
    assert after[1] > offers[1]
    back = sister(launch, version=1)
    confirm(open_move(Booking.objects.get(pk=booking.pk), back))
    assert selectors.trip_record(booking_id=booking.pk).version == before + 2


# --- killed at any statement --------------------------------------------------------------------------
class Killed(Exception):
    pass


def test_failing_at_any_statement_leaves_exactly_one_set_of_seats():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch, seats=2), sister(launch)
    move = open_move(booking, target)
    sets, statement = [], 0
    while True:
        statement += 1
        left = statement

        def die(execute, sql, params, many, context):
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            return execute(sql, params, many, context)

        try:
            with transaction.atomic(), connection.execute_wrapper(die):
                services.rebooking_complete(rebooking_id=move.pk, now=NOW)
            break
        except Killed:
            booking.refresh_from_db()
            sold = [SeatClaim.objects.filter(launch=one, status="sold").count() for one in (launch, target)]
            sets.append((booking.launch_id == launch.pk, *sold))

    assert len(sets) > 15
    assert Counter(sets) == {(True, 2, 0): len(sets)}
    booking.refresh_from_db()
    assert (booking.launch_id, live_seats(launch), len(live_seats(target))) == (target.pk, [], 2)
