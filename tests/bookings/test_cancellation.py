from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings import errors, policies, selectors, services
from bookings.policies import PolicyTier
from common.models import OutboxEvent
from launches import services as launch_services
from tests.factories import NOW, LaunchFactory, UserFactory, make_booking

TIERS = [PolicyTier(12, 90), PolicyTier(3, 70)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "percent", "refund"),
    [
        (datetime(2027, 3, 14, 12, tzinfo=UTC), 90, Decimal("810000.00")),
        (datetime(2027, 3, 15, 12, tzinfo=UTC), 70, Decimal("630000.00")),
        (datetime(2027, 12, 14, 12, tzinfo=UTC), 70, Decimal("630000.00")),
        (datetime(2027, 12, 15, 12, tzinfo=UTC), 0, Decimal("0.00")),
    ],
    ids=["a year before", "a day later", "three months before", "a day later still"],
)
def test_the_quote_follows_the_tiers_to_the_day_and_the_refund_is_exactly_that(now, percent, refund):
    booking = make_booking(launch=LaunchFactory(), seats=2)

    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=now)
    cancelled = services.booking_cancel(
        customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=now
    )

    assert (quote.percent, quote.refund_amount) == (percent, refund)
    assert (cancelled.status, cancelled.refund_amount) == ("cancelled", refund)
    event = OutboxEvent.objects.get(name="bookings.booking.cancelled")
    assert Decimal(event.payload["refund_amount"]) == refund
    # Under three months the seats count as sold and are not sold again.
    assert len(selectors.seat_ids_taken(launch_id=booking.launch_id, now=now)) == (0 if percent else 2)


@pytest.mark.django_db
def test_single_passengers_can_be_cancelled():
    booking = make_booking(launch=LaunchFactory(), seats=3)
    one = booking.passengers.order_by("pk").first()
    who = {"customer": booking.customer, "reference": booking.reference, "now": NOW}

    quote = services.cancellation_quote(passenger_ids=[one.pk], **who)
    services.booking_cancel(quote_id=quote.pk, **who)

    booking.refresh_from_db()
    assert (booking.status, booking.refund_amount) == ("confirmed", Decimal("405000"))
    assert booking.passengers.filter(cancelled_at=None).count() == 2
    rest = services.cancellation_quote(**who)
    assert {line["passenger_id"] for line in rest.lines} == {p.pk for p in booking.passengers.order_by("pk")[1:]}


@pytest.mark.django_db
def test_a_quote_is_used_once_and_lapses():
    booking = make_booking(launch=LaunchFactory())
    who = {"customer": booking.customer, "reference": booking.reference}
    quote = services.cancellation_quote(now=NOW, **who)

    with pytest.raises(errors.QuoteExpired):
        services.booking_cancel(quote_id=quote.pk, now=quote.expires_at, **who)
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    services.booking_cancel(quote_id=quote.pk, now=quote.expires_at - timedelta(seconds=1), **who)
    again = services.booking_cancel(quote_id=quote.pk, now=NOW, **who)

    assert again.status == "cancelled"
    assert OutboxEvent.objects.filter(name="bookings.booking.cancelled").count() == 1


@pytest.mark.django_db
def test_two_quotes_for_the_same_seat_refund_it_once():
    booking = make_booking(launch=LaunchFactory(), seats=2)
    who = {"customer": booking.customer, "reference": booking.reference, "now": NOW}
    one = booking.passengers.first()
    single, whole = services.cancellation_quote(passenger_ids=[one.pk], **who), services.cancellation_quote(**who)
    services.booking_cancel(quote_id=single.pk, **who)

    with pytest.raises(errors.QuoteExpired):
        services.booking_cancel(quote_id=whole.pk, **who)

    booking.refresh_from_db()
    assert booking.refund_amount == Decimal("405000")


@pytest.mark.django_db
def test_somebody_elses_booking_is_not_found():
    booking = make_booking(launch=LaunchFactory())

    with pytest.raises(errors.BookingNotFound):
        services.cancellation_quote(customer=UserFactory(), reference=booking.reference, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_an_aborted_launch_gives_everything_back_and_frees_nothing(deliver):
    launch = LaunchFactory()
    booking = make_booking(launch=launch, seats=2)

    launch_services.launch_abort(actor=None, launch_id=launch.pk, reason="Engine trouble", now=NOW)
    deliver()

    booking.refresh_from_db()
    assert (booking.status, booking.refund_amount, booking.cancel_cause) == ("cancelled", Decimal(900000), "supplier")
    refund = booking.refunds.get()
    assert (refund.status, refund.amount) == ("succeeded", Decimal(900000))
    assert len(selectors.seat_ids_taken(launch_id=launch.pk, now=NOW)) == 2


@pytest.mark.django_db
def test_nobody_cancels_at_a_loss_between_an_abort_and_its_delivery():
    launch = LaunchFactory()
    booking = make_booking(launch=launch)
    who = {"customer": booking.customer, "reference": booking.reference, "now": NOW}
    quote = services.cancellation_quote(**who)
    launch_services.launch_abort(actor=None, launch_id=launch.pk, reason="Engine trouble", now=NOW)

    with pytest.raises(errors.BookingNotCancellable, match="everything comes back"):
        services.cancellation_quote(**who)
    with pytest.raises(errors.BookingNotCancellable):
        services.booking_cancel(quote_id=quote.pk, **who)

    booking.refresh_from_db()
    assert (booking.status, booking.refund_amount) == ("confirmed", 0)


@given(
    departure=st.dates(date(2020, 1, 1), date(2060, 12, 31)),
    days_before=st.integers(0, 900),
    zone=st.sampled_from(["UTC", "America/Chicago", "Pacific/Auckland", "Asia/Kolkata"]),
    hour=st.integers(0, 23),
)
def test_refund_percent_never_rises_as_departure_comes_nearer(departure, days_before, zone, hour):
    departure_at = datetime(departure.year, departure.month, departure.day, hour, 30, tzinfo=UTC)
    earlier = departure_at - timedelta(days=days_before + 1)
    later = earlier + timedelta(days=1)

    def percent(now):
        return policies.refund_percent(tiers=TIERS, departure_at=departure_at, zone=zone, now=now)

    assert percent(earlier) >= percent(later)
    assert percent(departure_at - timedelta(days=400)) == 90
    assert percent(departure_at - timedelta(days=80)) == 0


@pytest.mark.parametrize(
    ("departure", "last_day_90", "last_day_70"),
    [
        (date(2028, 2, 29), date(2027, 2, 28), date(2027, 11, 29)),
        (date(2027, 5, 31), date(2026, 5, 31), date(2027, 2, 28)),
        (date(2028, 5, 31), date(2027, 5, 31), date(2028, 2, 29)),
    ],
)
def test_months_count_back_by_the_calendar(departure, last_day_90, last_day_70):
    departure_at = datetime(departure.year, departure.month, departure.day, 12, tzinfo=UTC)

    def percent(day):
        now = datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)
        return policies.refund_percent(tiers=TIERS, departure_at=departure_at, zone="UTC", now=now)

    assert [percent(last_day_90), percent(last_day_90 + timedelta(days=1))] == [90, 70]
    assert [percent(last_day_70), percent(last_day_70 + timedelta(days=1))] == [70, 0]
