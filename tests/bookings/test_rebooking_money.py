"""Moving a booking to another launch: what it costs and gives back, to the last cent."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings import errors, policies, services
from bookings.models import Booking
from bookings.policies import PolicyTier
from tests.bookings.moving import confirm, live_seats, moved_event, open_move, sister
from tests.bookings.test_slips import delay
from tests.factories import NOW, LaunchFactory, card, make_booking

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("price", "now", "after", "refund"),
    [
        # two seats at 450,000 each; a year and more before departure 90 % come back, three months and more 70 %
        ("450000", NOW, "900000", "0"),
        ("300000", NOW, "630000.00", "270000.00"),
        ("300000", datetime(2027, 6, 1, tzinfo=UTC), "690000.00", "210000.00"),
        ("300000", datetime(2028, 1, 10, tzinfo=UTC), "900000.00", "0.00"),
        ("333333.33", NOW, "689999.99", "210000.01"),
    ],
    ids=["the same price", "90 %", "70 %", "nothing back", "cents"],
)
def test_of_a_cheaper_launch_the_policys_share_comes_back(price, now, after, refund):
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch, seats=2), sister(launch, price_amount=Decimal(price))

    move = open_move(booking, target, now=now)
    confirm(move, now=now)

    booking.refresh_from_db()
    told = moved_event()
    assert (booking.price_amount, booking.refund_amount) == (Decimal(after), 0)
    assert (Decimal(told["refund_amount"]), Decimal(told["new_price_amount"])) == (Decimal(refund), Decimal(after))
    prices = [one.price_amount for one in booking.passengers.order_by("pk")]
    assert sum(prices) == Decimal(after)
    assert max(prices) - min(prices) <= Decimal("0.01")


def test_a_dearer_launch_is_paid_first():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch), sister(launch, price_amount=Decimal(500000))
    move = open_move(booking, target)

    with pytest.raises(errors.RebookingNotPaid) as refused:
        confirm(move)
    booking.refresh_from_db()
    assert "$50,000" in refused.value.message
    assert (booking.launch_id, live_seats(launch)) == (launch.pk, [("A1", "sold")])

    services.rebooking_complete(rebooking_id=move.pk, now=NOW)  # as finance does when the difference came in
    booking.refresh_from_db()
    assert (booking.launch_id, booking.price_amount) == (target.pk, Decimal(500000))
    assert booking.passengers.get().price_amount == Decimal(500000)


def test_nobody_gets_round_the_policy_by_moving_to_a_later_launch_first():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch), sister(launch, departure_at=datetime(2030, 1, 1, tzinfo=UTC))
    late = datetime(2027, 12, 1, tzinfo=UTC)  # 70 % would come back

    confirm(open_move(booking, target, now=late), now=late)

    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=late)
    booking.refresh_from_db()
    assert quote.percent == 70
    assert booking.policy_tiers == [{"months": 3, "percent": 70}]


@pytest.mark.parametrize("goodwill", [0, 400_000])
def test_a_far_delay_announced_while_a_move_is_made_gives_the_whole_difference_back(goodwill):
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch), sister(launch, price_amount=Decimal(300000))
    Booking.objects.filter(pk=booking.pk).update(refund_amount=goodwill)
    move = open_move(booking, target)
    delay(launch, now=NOW + timedelta(minutes=5))

    done = confirm(move, now=NOW + timedelta(minutes=10))

    told, back = moved_event(), 150_000 if not goodwill else 50_000
    booking.refresh_from_db()
    assert (Decimal(told["refund_amount"]), told["cause"]) == (back, "supplier")
    assert booking.price_amount == booking.passengers.get().price_amount == 450_000 - back
    assert (done.new_price_amount, done.old_price_amount) == (450_000 - back, 450_000)


def test_a_promised_quote_ends_when_the_booking_moves():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch), sister(launch)
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=NOW)
    confirm(open_move(booking, target))

    with pytest.raises(errors.QuoteExpired):
        services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=NOW)


TIERS = st.lists(
    st.builds(PolicyTier, st.integers(0, 36), st.integers(0, 100)), max_size=4, unique_by=lambda tier: tier.months
)


@given(tiers=TIERS, percent=st.integers(0, 100), days=st.integers(0, 1500))
def test_a_capped_policy_never_gives_more_than_before_nor_more_than_the_cap(tiers, percent, days):
    now = datetime(2027, 1, 15, 12, tzinfo=UTC)
    ask = {"departure_at": now + timedelta(days=days), "zone": "America/Chicago", "now": now}
    tiers = sorted(tiers, key=lambda tier: -tier.months)
    falling = [PolicyTier(t.months, min(t.percent, *(u.percent for u in tiers[: n + 1]))) for n, t in enumerate(tiers)]

    before = policies.refund_percent(tiers=falling, **ask)
    after = policies.refund_percent(tiers=policies.tiers_capped(falling, percent), **ask)

    assert after == min(before, percent)


@given(cents=st.integers(0, 10**10), count=st.integers(1, 6), currency=st.sampled_from(["USD", "JPY", "KWD"]))
def test_shares_sum_to_the_whole(cents, count, currency):
    amount = Decimal(cents) / {"USD": 100, "JPY": 1, "KWD": 1000}[currency]
    parts = policies.shares(amount, count, currency)
    assert (len(parts), sum(parts)) == (count, amount)
    assert all(part >= 0 for part in parts) or amount < count * Decimal("0.01")


# --- the money, delivered as the worker does -----------------------------------------------------------
def owed(booking):
    """What was collected for a booking less what goes back, as payments and refunds say it."""
    from finance.models import Payment, Refund

    late = Refund.objects.filter(booking=booking, dedupe_key__startswith="late:").values("payment_id")
    paid = Payment.objects.filter(booking=booking, status="succeeded").exclude(pk__in=late)
    back = Refund.objects.filter(booking=booking).exclude(dedupe_key__startswith="late:")
    return sum(one.amount for one in paid) - sum(one.amount for one in back)


@pytest.mark.django_db(transaction=True)
def test_after_moves_up_and_down_the_money_agrees_everywhere(deliver):
    from finance import services as finance_services
    from finance.models import Invoice, LedgerEntry, Refund

    launch = LaunchFactory()
    booking = make_booking(launch=launch, seats=2)
    dear, cheap = sister(launch, price_amount=Decimal(500000)), sister(launch, price_amount=Decimal("333333.33"))

    up = open_move(booking, dear)
    finance_services.rebooking_pay(customer=booking.customer, rebooking_id=up.pk, card=card(), now=NOW)
    deliver()
    booking.refresh_from_db()
    assert (booking.launch_id, booking.price_amount, owed(booking)) == (dear.pk, 1000000, 1000000)

    confirm(open_move(booking, cheap))
    deliver()
    booking.refresh_from_db()
    # 90 % of 333,333.34
    assert (booking.price_amount, owed(booking)) == (Decimal("699999.99"), Decimal("699999.99"))
    refunds = Refund.objects.filter(booking=booking)
    assert {(one.cause, one.dedupe_key.split(":")[0]) for one in refunds} == {("customer", "rebooking")}
    assert sum(one.amount for one in refunds) == Decimal("300000.01")
    assert [one.leg for one in Invoice.objects.filter(booking=booking, kind="customer").order_by("pk")] == [1, 2, 3]
    bills = Invoice.objects.filter(booking=booking)
    net = sum(one.amount if one.kind == "customer" else -one.amount for one in bills)
    assert net == Decimal("699999.99")
    for place, amount in ((launch, 0), (dear, 0), (cheap, Decimal("-699999.99"))):
        assert sum(one.amount for one in LedgerEntry.objects.filter(account="suppliers", launch=place)) == amount

    from documents.repositories import Trips

    assert Trips.get(booking.pk).launch_id == cheap.pk


@pytest.mark.django_db(transaction=True)
def test_a_difference_paid_too_late_goes_back_and_the_booking_stays(deliver):
    from finance import services as finance_services

    launch = LaunchFactory()
    booking, dear = make_booking(launch=launch), sister(launch, price_amount=Decimal(500000))
    move = open_move(booking, dear)
    finance_services.rebooking_pay(
        customer=booking.customer, rebooking_id=move.pk, card=card("4000 0000 0000 0259"), now=NOW
    )  # charged, but the answer was lost
    services.rebooking_give_up(customer=booking.customer, rebooking_id=move.pk, now=NOW)
    finance_services.payments_settle(now=NOW + timedelta(hours=2))
    deliver()

    booking.refresh_from_db()
    assert (booking.launch_id, booking.price_amount, owed(booking)) == (launch.pk, 450000, 450000)
    assert live_seats(dear) == []
