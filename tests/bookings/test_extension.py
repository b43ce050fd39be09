"""Held seats: some minutes more, once; a word before they lapse; giving them back unpaid."""

from datetime import timedelta

import pytest

from bookings import errors, selectors, services
from bookings.models import Hold, SeatClaim
from common.models import OutboxEvent
from finance import errors as finance_errors
from finance import services as finance_services
from launches import services as launch_services
from launches.models import Launch
from notifications.models import Notification
from tests.concurrency.processes import contend
from tests.factories import NOW, LaunchFactory, UserFactory, card, make_booking, make_hold, make_pending
from tests.forks import fork

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def extend(hold, now=NOW, customer=None):
    return services.hold_extend(customer=customer or hold.customer, hold_id=hold.pk, now=now)


def events(name):
    return [event.payload for event in OutboxEvent.objects.filter(name=name).order_by("pk")]


@pytest.mark.parametrize("make", [make_hold, make_pending], ids=["chosen", "being paid"])
def test_an_extension_keeps_seats_ten_minutes_beyond_the_present_end(make):
    made = make(launch=LaunchFactory(), seats=2)
    hold = made if isinstance(made, Hold) else made.hold
    end = NOW + 15 * MINUTE

    extend(hold, now=end - timedelta(seconds=1))

    hold.refresh_from_db()
    assert (hold.expires_at, hold.extended_at) == (end + 10 * MINUTE, end - timedelta(seconds=1))
    assert set(hold.claims.values_list("held_until", flat=True)) == {end + 10 * MINUTE}
    assert len(selectors.seat_ids_taken(launch_id=hold.launch_id, now=end + 9 * MINUTE)) == 2
    assert events("bookings.hold.extended")[0]["expires_at"] == "2027-01-15T12:25:00Z"


def test_an_extended_booking_is_paid_in_the_extra_time():
    booking = make_pending(launch=LaunchFactory())
    extend(booking.hold)

    finance_services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=card(), now=NOW + 20 * MINUTE
    )

    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_an_extension_is_possible_once():
    hold = make_hold(launch=LaunchFactory())
    extend(hold)

    with pytest.raises(errors.HoldNotExtendable, match="once"):
        extend(hold, now=NOW + MINUTE)

    hold.refresh_from_db()
    assert hold.expires_at == NOW + 25 * MINUTE
    assert len(events("bookings.hold.extended")) == 1


def test_what_is_over_or_not_ones_own_is_not_extended():
    launch = LaunchFactory()
    lapsed, released, foreign = (make_hold(launch=launch) for _ in range(3))
    services.hold_release(customer=released.customer, hold_id=released.pk)
    paid = make_booking(launch=launch)

    with pytest.raises(errors.HoldExpired):
        extend(lapsed, now=lapsed.expires_at)
    with pytest.raises(errors.HoldExpired):
        extend(released)
    with pytest.raises(errors.HoldExpired):
        extend(paid.hold)
    with pytest.raises(errors.HoldNotFound):
        extend(foreign, customer=UserFactory())

    assert set(Hold.objects.values_list("extended_at", flat=True)) == {None}
    assert events("bookings.hold.extended") == []


def test_offered_seats_are_held_as_long_as_the_offer_says():
    hold = services.seats_hold(
        customer=UserFactory(), launch_id=LaunchFactory().pk, party=1, now=NOW, purpose="offer",
        hold_for=timedelta(hours=24),
    )  # fmt: skip

    with pytest.raises(errors.HoldNotExtendable, match="waiting list"):
        extend(hold)

    hold.refresh_from_db()
    assert hold.expires_at == NOW + timedelta(hours=24)


def test_seats_of_a_move_to_another_launch_can_be_held_longer():
    hold = services.seats_hold(
        customer=UserFactory(), launch_id=LaunchFactory().pk, party=1, now=NOW, purpose="rebooking"
    )

    assert extend(hold).expires_at == NOW + 25 * MINUTE


@pytest.mark.parametrize("status", ["aborted", "launched"])
def test_a_closed_launch_extends_nothing(status):
    hold = make_hold(launch=LaunchFactory())
    Launch.objects.update(status=status, reason="Weather")

    with pytest.raises(errors.LaunchNotOpen):
        extend(hold)

    hold.refresh_from_db()
    assert hold.expires_at == NOW + 15 * MINUTE


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", [make_hold, make_pending], ids=["chosen", "being paid"])
def test_extension_and_expiry_at_once_leave_either_the_one_or_the_other(make):
    launch = LaunchFactory(seats=12)
    holds = [made if isinstance(made, Hold) else made.hold for made in (make(launch=launch) for _ in range(6))]
    end = NOW + 15 * MINUTE

    def job(number):
        if number == 6:
            return services.holds_expire(now=end)
        return extend(holds[number], now=end - timedelta(milliseconds=1)).status

    answers = contend(count=7, job=job)

    assert set(answers[:6]) <= {"open", "used", "HoldExpired", "Busy"}
    for hold, answer in zip(holds, answers, strict=False):
        hold.refresh_from_db()
        claim = hold.claims.get()
        if answer in ("open", "used"):
            assert (claim.status, claim.held_until, hold.status) == ("held", end + 10 * MINUTE, answer)
        elif answer == "HoldExpired":
            assert (claim.status, hold.extended_at) == ("released", None)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_expiry_waits_for_no_supplier_who_changes_the_launch():
    """Who withdraws seats has the launch and waits for lapsed claims; expiry has the claims: it must not want both."""
    from django.db import connection, transaction

    from launches import locks

    booking = make_pending(launch=LaunchFactory())
    locked, expired = (fork.Event() for _ in range(2))

    def job(number):
        if number:
            locked.wait(30)
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            try:
                return services.holds_expire(now=booking.hold.expires_at)
            finally:
                expired.set()
        with transaction.atomic():
            locks.launch_change_lock(launch_id=booking.launch_id)
            locked.set()
            return expired.wait(30)

    assert contend(count=2, job=job) == [True, 1]
    booking.refresh_from_db()
    assert booking.status == "expired"


def test_unpaid_seats_are_warned_of_once_in_their_last_minutes():
    launch = LaunchFactory(seats=12)
    chosen, named = make_hold(launch=launch, seats=2), make_pending(launch=launch)
    make_booking(launch=launch)
    later = make_hold(launch=launch, now=NOW + 2 * MINUTE)
    services.seats_hold(customer=UserFactory(), launch_id=launch.pk, party=1, now=NOW, purpose="rebooking")

    early = services.holds_warn(now=NOW + 9 * MINUTE)
    first = services.holds_warn(now=NOW + 10 * MINUTE)
    again = services.holds_warn(now=NOW + 11 * MINUTE)
    extend(chosen, now=NOW + 11 * MINUTE)
    after_extension = services.holds_warn(now=NOW + 22 * MINUTE)

    told = {event["hold_id"]: event for event in events("bookings.hold.lapsing")}
    assert (early, first, again, after_extension) == (0, 2, 0, 0)
    assert set(told) == {str(chosen.pk), str(named.hold_id)}
    assert (told[str(chosen.pk)]["reference"], told[str(named.hold_id)]["reference"]) == ("", named.reference)
    assert told[str(chosen.pk)]["seat_labels"] == ["A1", "B1"]
    assert services.holds_warn(now=NOW + 13 * MINUTE) == 1
    assert later.pk in {hold.pk for hold in Hold.objects.exclude(warned_at=None)}


@pytest.mark.django_db(transaction=True)
def test_the_warning_is_in_the_customers_inbox_with_the_page_that_pays(deliver):
    from django.utils import timezone

    booking = make_pending(launch=LaunchFactory(), now=timezone.now() - 12 * MINUTE)
    services.holds_warn(now=timezone.now())
    deliver()

    message = Notification.objects.get(template="hold_lapsing")
    assert message.receiver == booking.customer
    assert message.link == f"/book/{booking.reference}/check/"
    assert "seat A1" in message.subject


def give_up(booking, now=NOW + MINUTE, customer=None):
    return finance_services.booking_give_up(customer=customer or booking.customer, reference=booking.reference, now=now)


def test_an_unpaid_booking_gives_its_seats_back_at_once():
    booking = make_pending(launch=LaunchFactory(), seats=2)

    give_up(booking)
    again = give_up(booking)

    booking.refresh_from_db()
    assert (booking.status, again.status, booking.hold.status) == ("expired", "expired", "released")
    assert selectors.seat_ids_taken(launch_id=booking.launch_id, now=NOW + MINUTE) == set()
    assert [line.reason for line in booking.history.order_by("pk")][-1] == "given back by the customer"
    assert len(events("bookings.booking.expired")) == 1
    assert make_hold(launch=Launch.objects.get(), customer=booking.customer, seats=4, now=NOW + MINUTE)


def test_seats_are_not_given_back_while_a_payment_is_under_way():
    booking = make_pending(launch=LaunchFactory())
    finance_services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=card("4000 0000 0000 0259"), now=NOW
    )

    with pytest.raises(finance_errors.PaymentUnderWay, match=booking.reference):
        give_up(booking)

    booking.refresh_from_db()
    assert booking.status == "pending"
    assert SeatClaim.objects.get().status == "held"
    assert events("bookings.booking.expired") == []


def test_only_ones_own_unpaid_booking_is_given_up():
    paid, pending = make_booking(launch=LaunchFactory()), make_pending(launch=LaunchFactory())

    with pytest.raises(errors.BookingNotPending):
        give_up(paid)
    with pytest.raises(errors.BookingNotFound):
        give_up(pending, customer=UserFactory())

    pending.refresh_from_db()
    assert pending.status == "pending"


def test_what_a_called_off_launch_holds_can_still_be_given_back():
    booking = make_pending(launch=LaunchFactory())
    launch_services.launch_abort(actor=None, launch_id=booking.launch_id, reason="Weather", now=NOW)

    assert give_up(booking).status == "expired"
