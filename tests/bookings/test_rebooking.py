"""Moving a booking to another launch: what it needs, what it costs, and always exactly one set of seats."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from bookings import errors, policies, selectors, services
from bookings.enums import RebookingStatus
from bookings.models import Booking, Rebooking, SeatClaim
from bookings.policies import PolicyTier
from common.models import OutboxEvent
from launches import services as launch_services
from launches.errors import LaunchNotFound
from tests.factories import NOW, LaunchFactory, UserFactory, card, make_booking, make_hold, passenger_inputs

pytestmark = pytest.mark.django_db

LATER = datetime(2028, 6, 1, 14, 30, tzinfo=UTC)


def sister(launch, **changes):
    """Another launch of the same supplier and destination."""
    values = {
        "rocket": launch.rocket,
        "destination": launch.destination,
        "spaceport": launch.spaceport,
        "departure_at": LATER,
        "price_amount": launch.price_amount,
        **changes,
    }
    return LaunchFactory(**values)


def open_move(booking, target, *, now=NOW, **arguments):
    return services.rebooking_open(
        customer=booking.customer, reference=booking.reference, launch_id=target.pk, now=now, **arguments
    )


def confirm(move, *, now=NOW):
    return services.rebooking_confirm(customer=move.booking.customer, rebooking_id=move.pk, now=now)


def live_seats(launch):
    rows = SeatClaim.objects.filter(launch=launch, status__in=["held", "sold"])
    return sorted(rows.values_list("launch_seat__label", "status"))


def moved_event():
    return OutboxEvent.objects.get(name="bookings.booking.moved").payload


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


# --- money ----------------------------------------------------------------------------------------
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


# --- giving up and running out of time --------------------------------------------------------------
def test_a_newer_move_replaces_the_open_one_even_for_the_same_seats():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch), sister(launch)
    seat = target.seats.get(label="A1")
    first = open_move(booking, target, seat_ids=[seat.pk])
    second = open_move(booking, target, seat_ids=[seat.pk])

    first.refresh_from_db()
    assert (first.status, second.status) == ("given_up", "open")
    assert live_seats(target) == [("A1", "held")]
    with pytest.raises(errors.RebookingOver):
        confirm(first)


def test_a_refused_move_leaves_the_open_one_as_it_is():
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch), sister(launch)
    first = open_move(booking, target)
    taken = make_hold(launch=target).claims.get().launch_seat_id
    with pytest.raises(errors.SeatsTaken):
        open_move(booking, target, seat_ids=[taken])
    first.refresh_from_db()
    assert first.status == "open"


def test_giving_up_frees_the_seats_and_ends_it():
    launch = LaunchFactory()
    move = open_move(make_booking(launch=launch), target := sister(launch))
    services.rebooking_give_up(customer=move.booking.customer, rebooking_id=move.pk, now=NOW)

    assert live_seats(target) == []
    with pytest.raises(errors.SeatsGone):  # a payment that arrives now goes back
        services.rebooking_complete(rebooking_id=move.pk, now=NOW)


def test_its_time_ends_at_the_instant_and_the_job_tidies():
    launch = LaunchFactory()
    move = open_move(make_booking(launch=launch), target := sister(launch))
    end = move.hold.expires_at

    assert selectors.rebooking_open_of(customer=move.booking.customer, reference=move.booking.reference, now=NOW)
    assert not selectors.rebooking_open_of(customer=move.booking.customer, reference=move.booking.reference, now=end)
    with pytest.raises(errors.RebookingOver):
        confirm(move, now=end)
    assert services.rebookings_expire(now=end - timedelta(seconds=1)) == 0
    assert services.rebookings_expire(now=end) == 1
    assert services.rebookings_expire(now=end) == 0
    move.refresh_from_db()
    assert (move.status, live_seats(target)) == ("expired", [])


@pytest.mark.parametrize("is_tidied", [False, True])
def test_a_late_payment_still_moves_the_booking_when_the_seats_are_free(is_tidied):
    launch = LaunchFactory()
    move = open_move(make_booking(launch=launch), target := sister(launch))
    late = move.hold.expires_at + timedelta(minutes=1)
    if is_tidied:
        services.holds_expire(now=late)
        services.rebookings_expire(now=late)

    services.rebooking_complete(rebooking_id=move.pk, now=late)

    assert (live_seats(launch), live_seats(target)) == ([], [("A1", "sold")])


def test_a_late_payment_never_takes_seats_that_somebody_else_has_by_now():
    launch = LaunchFactory()
    move = open_move(make_booking(launch=launch), target := sister(launch))
    late = move.hold.expires_at + timedelta(minutes=1)
    make_hold(launch=target, seats=1, now=late)

    with pytest.raises(errors.SeatsGone):
        services.rebooking_complete(rebooking_id=move.pk, now=late)
    assert (live_seats(launch), live_seats(target)) == ([("A1", "sold")], [("A1", "held")])


def cancel_all(booking, launch, target):
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=NOW)
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=NOW)


def abort_old(booking, launch, target):
    launch_services.launch_abort(actor=None, launch_id=launch.pk, reason="x", now=NOW)


def abort_new(booking, launch, target):
    launch_services.launch_abort(actor=None, launch_id=target.pk, reason="x", now=NOW)


def age(booking, launch, target):
    booking.passengers.update(birth_date=date(1950, 1, 1))


def pay_goodwill(booking, launch, target):
    Booking.objects.filter(pk=booking.pk).update(refund_amount=Decimal(440000))


@pytest.mark.parametrize("change", [cancel_all, abort_old, abort_new, age, pay_goodwill])
def test_what_changed_meanwhile_ends_the_move_and_takes_no_seats(change):
    launch = LaunchFactory()
    booking, target = make_booking(launch=launch), sister(launch, price_amount=Decimal(400000))
    move = open_move(booking, target)
    change(booking, launch, target)

    with pytest.raises(errors.SeatsGone):
        services.rebooking_complete(rebooking_id=move.pk, now=NOW)
    with pytest.raises(errors.RebookingOver):
        confirm(move)
    booking.refresh_from_db()
    assert (booking.launch_id, booking.leg) == (launch.pk, 1)
    assert [one for one in live_seats(target) if one[1] == "sold"] == []


def test_the_seats_of_a_move_are_not_to_be_bought_nor_given_back_by_other_doors():
    launch = LaunchFactory()
    move = open_move(make_booking(launch=launch), target := sister(launch))
    customer = move.booking.customer

    with pytest.raises(errors.HoldNotFound):
        services.booking_create(customer=customer, hold_id=move.hold_id, passengers=passenger_inputs(), now=NOW)
    with pytest.raises(errors.HoldNotFound):
        services.hold_release(customer=customer, hold_id=move.hold_id)
    assert selectors.unfinished_list(customer=customer, now=NOW) == []
    assert live_seats(target) == [("A1", "held")]


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
