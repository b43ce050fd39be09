"""What a cancellation gives back, at every edge: days, leap years, time zones, parts, later policies."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bookings import policies, services
from bookings.models import Booking, Passenger
from bookings.policies import PolicyTier
from common.dates import months_before
from common.money import percent_of
from launches.models import CancellationPolicy
from tests.factories import NOW, LaunchFactory, SpaceportFactory, make_booking

# UTC-11 to UTC+14, half hours, both hemispheres' summer times, and a midnight that does not exist (Santiago).
ZONES = [
    "UTC", "Pacific/Pago_Pago", "America/Chicago", "America/Santiago", "Europe/Oslo", "Asia/Kolkata",
    "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Kiritimati",
]  # fmt: skip
zones = st.sampled_from(ZONES)
days = st.dates(date(2024, 1, 1), date(2048, 12, 31))
clocks = st.times(time(0), time(23, 59))
tier_lists = st.lists(
    st.builds(PolicyTier, months=st.integers(0, 36), percent=st.integers(0, 100)), max_size=4,
    unique_by=lambda tier: tier.months,
).map(  # a policy that gives more the earlier one cancels
    lambda tiers: [
        PolicyTier(months, percent)
        for months, percent in zip(
            sorted((tier.months for tier in tiers), reverse=True),
            sorted((tier.percent for tier in tiers), reverse=True),
            strict=True,
        )
    ]
)  # fmt: skip
STANDARD = [PolicyTier(12, 90), PolicyTier(3, 70)]


def there(day, clock, zone):
    """An instant by its wall clock at the spaceport; in a gap of summer time, the one after it."""
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def percent(tiers, departure_at, zone, now):
    return policies.refund_percent(tiers=tiers, departure_at=departure_at, zone=zone, now=now)


@given(departure=days, leaves=clocks, zone=zones, tiers=tier_lists, clock=clocks)
@example(date(2028, 2, 29), time(12), "America/Chicago", STANDARD, time(23, 59))
@example(date(2028, 5, 31), time(0), "Pacific/Kiritimati", STANDARD, time(0))
@example(date(2027, 9, 5), time(0, 30), "America/Santiago", STANDARD, time(0))
def test_the_last_day_of_a_tier_counts_wholly_and_the_next_does_not(departure, leaves, zone, tiers, clock):
    departure_at = there(departure, leaves, zone)
    for tier, following in zip(tiers, [*tiers[1:], PolicyTier(-1, 0)], strict=False):
        last = months_before(departure, tier.months)

        on_the_day = percent(tiers, departure_at, zone, there(last, clock, zone))
        at_its_end = percent(tiers, departure_at, zone, there(last + timedelta(days=1), time(0), zone))

        assert on_the_day == tier.percent
        if following.months < 0 or months_before(departure, following.months) > last:
            assert at_its_end == following.percent


@given(
    departure=days, leaves=clocks, zone=zones, tiers=tier_lists, first=st.integers(0, 1500), more=st.integers(0, 400)
)
def test_waiting_never_gives_more_back(departure, leaves, zone, tiers, first, more):
    departure_at = there(departure, leaves, zone)
    earlier = departure_at - timedelta(days=first + more, hours=more % 24)
    later = departure_at - timedelta(days=first)

    assert percent(tiers, departure_at, zone, earlier) >= percent(tiers, departure_at, zone, later)


@given(departure=days, leaves=clocks, zone=zones, months=st.sampled_from([3, 12]))
@example(date(2028, 2, 29), time(0), "Pacific/Kiritimati", 12)
@example(date(2027, 5, 31), time(23, 59), "Pacific/Pago_Pago", 3)
@example(date(2029, 2, 28), time(12), "UTC", 12)
def test_months_are_the_calendars_and_the_departures_day_the_spaceports(departure, leaves, zone, months):
    last = months_before(departure, months)

    assert (departure.year * 12 + departure.month) - (last.year * 12 + last.month) == months
    assert last.day == departure.day or (last + timedelta(days=1)).day == 1  # else the last of a shorter month
    # In Kiritimati and in Pago Pago the same instant is a different day: each counts its own.
    departure_at = there(departure, leaves, zone)
    given = percent([PolicyTier(months, 50)], departure_at, zone, there(last, time(23, 59), zone))
    assert given == 50


@given(
    price=st.decimals(Decimal("0.01"), Decimal("99999999.99"), places=2),
    shares=st.lists(st.integers(0, 100), min_size=1, max_size=6),
)
def test_a_share_is_never_more_than_the_price_nor_less_than_nothing(price, shares):
    backs = [percent_of(price, share, "USD") for share in shares]

    assert all(Decimal(0) <= back <= price for back in backs)
    assert all(back == back.quantize(Decimal("0.01")) for back in backs)
    assert percent_of(price, 100, "USD") == price


# --- through the services ---------------------------------------------------------------------------------------------
@pytest.fixture
def booking():
    return make_booking(launch=LaunchFactory(spaceport=SpaceportFactory(time_zone="Pacific/Auckland")), seats=4)


def quote(booking, now, passengers=()):
    return services.cancellation_quote(
        customer=booking.customer,
        reference=booking.reference,
        passenger_ids=[one.pk for one in passengers],
        now=now,
    )


def cancel(booking, quoted, now):
    return services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quoted.pk, now=now)


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.lists(st.decimals(Decimal("0.01"), Decimal("999999.99"), places=2), min_size=4, max_size=4),
    parts=st.permutations(range(4)),
    cut=st.integers(1, 3),
    days_before=st.lists(st.integers(1, 500), min_size=2, max_size=2),
)
def test_parts_and_the_rest_together_never_give_more_than_was_paid(booking, prices, parts, cut, days_before):
    """Some passengers first, the others later: each quote is the sum of its lines, all quotes stay within the price."""
    from django.db import transaction

    first, later = sorted(days_before, reverse=True)
    total = sum(prices)
    with transaction.atomic():
        passengers = list(booking.passengers.order_by("pk"))
        for one, price in zip(passengers, prices, strict=True):
            Passenger.objects.filter(pk=one.pk).update(price_amount=price)
        Booking.objects.filter(pk=booking.pk).update(price_amount=total)
        departure_at = booking.launch.departure_at
        chosen = [passengers[index] for index in parts[:cut]]

        now = departure_at - timedelta(days=first)
        some = quote(booking, now, chosen)
        cancel(booking, some, now)
        now = departure_at - timedelta(days=later)
        rest = quote(booking, now)
        done = cancel(booking, rest, now)

        for quoted in (some, rest):
            lines = [(Decimal(line["price"]), Decimal(line["refund"])) for line in quoted.lines]
            assert sum(refund for _, refund in lines) == quoted.refund_amount
            assert all(
                refund == percent_of(price, quoted.percent, "USD") and 0 <= refund <= price for price, refund in lines
            )
        assert {line["passenger_id"] for line in some.lines} == {one.pk for one in chosen}
        assert len(some.lines) + len(rest.lines) == 4
        assert some.percent >= rest.percent
        assert done.status == "cancelled"
        assert done.refund_amount == some.refund_amount + rest.refund_amount <= total
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Chicago"])
@pytest.mark.parametrize("departure", [date(2028, 2, 29), date(2028, 3, 12), date(2028, 11, 5)])
def test_the_quote_follows_the_spaceports_calendar_to_the_minute(zone, departure):
    launch = LaunchFactory(spaceport=SpaceportFactory(time_zone=zone), departure_at=there(departure, time(0, 30), zone))
    booking = make_booking(launch=launch)
    seen = []
    for months in (12, 3):
        last = months_before(departure, months)
        ends = there(last + timedelta(days=1), time(0), zone)
        seen += [quote(booking, ends - timedelta(seconds=1)).percent, quote(booking, ends).percent]

    assert seen == [90, 70, 70, 0]


@pytest.mark.django_db
def test_what_was_bought_under_one_policy_is_quoted_under_it_whatever_it_says_later(booking):
    before = quote(booking, NOW)

    CancellationPolicy.objects.update(tiers=[{"months": 24, "percent": 10}])
    after = quote(booking, NOW)

    assert (after.percent, after.refund_amount, after.lines) == (before.percent, before.refund_amount, before.lines)
    assert before.percent == 90
    assert cancel(booking, before, NOW).refund_amount == before.refund_amount


@pytest.mark.django_db
def test_a_promised_amount_holds_over_midnight(booking):
    """Asked for on the last day, answered some minutes into the next: the promise counts."""
    last_second = there(months_before(date(2028, 3, 15), 12) + timedelta(days=1), time(0), "Pacific/Auckland")
    asked = last_second - timedelta(minutes=5)

    quoted = quote(booking, asked)
    cancelled = cancel(booking, quoted, asked + timedelta(minutes=10))

    assert (quoted.percent, quote_percent(booking, asked + timedelta(minutes=10))) == (90, 70)
    assert cancelled.refund_amount == quoted.refund_amount


def quote_percent(booking, now):
    return percent(policies.tiers_from(booking.policy_tiers), booking.launch.departure_at, "Pacific/Auckland", now)
