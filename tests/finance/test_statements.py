"""Statements: a line a booking, amounts that the ledger has, lines that sum up to the payout, nothing carried twice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings import services as booking_services
from common.errors import Forbidden
from common.money import percent_of
from finance import errors, services, tasks
from finance.models import Invoice, LedgerEntry, SupplierStatement
from finance.services import ledger
from finance.services.refunds import refund_allocate
from tests.factories import NOW, EmployeeFactory, SupplierFactory, make_booking
from tests.finance.settling import AFTER, end, handle_events, make_launch
from tests.finance.test_invoices import cancel

pytestmark = pytest.mark.django_db


def settled(supplier=None, *, days_later=0, seats=1, outcome="launched", **fields) -> SupplierStatement:
    launch = make_launch(supplier, days_later=days_later, **fields)
    make_booking(launch=launch, seats=seats)
    handle_events()
    end(launch, outcome, now=AFTER + timedelta(days=days_later))
    return services.launch_settle(launch_id=launch.pk, now=AFTER + timedelta(days=days_later))


def goodbye(statement, amount, *, key="k"):
    """A refund that is granted after the statement, borne by the supplier."""
    booking = statement.launch.bookings.get()
    with transaction.atomic():
        refund_allocate(
            booking_id=booking.pk,
            amount=Decimal(amount),
            cause="supplier",
            source=f"complaint:{key}:{amount}",
            now=AFTER,
        )


def owed(launch) -> Decimal:
    rows = LedgerEntry.objects.filter(account="suppliers", launch=launch)
    return -sum((one.amount for one in rows), Decimal(0))


def check(statement):
    """What holds for every statement."""
    nets = sum(Decimal(line["net"]) for line in statement.lines)
    assert nets == statement.payout_amount
    expected = statement.collected_amount - statement.refunded_amount - statement.fee_amount + statement.carried_amount
    assert expected == statement.payout_amount
    for line in statement.lines:
        if line["kind"] == "booking":
            assert Decimal(line["collected"]) - Decimal(line["refunded"]) == Decimal(line["net"])


def test_a_statement_has_a_line_a_booking_and_sums_up_to_the_payout():
    launch = make_launch()
    whole, part, kept = (make_booking(launch=launch, seats=n) for n in (2, 2, 1))
    cancel(part)
    cancel(kept, at=launch.departure_at - timedelta(days=20))
    handle_events()

    end(launch)

    statement = SupplierStatement.objects.get()
    check(statement)
    found = {line["reference"]: (line["text"], line["collected"], line["refunded"]) for line in statement.lines[:3]}
    assert found == {
        whole.reference: ("Seats A1, B1", "900000.00", "0.00"),
        part.reference: ("Seat B2", "900000.00", "405000.00"),
        kept.reference: ("Cancelled", "450000.00", "0.00"),
    }
    assert (statement.collected_amount, statement.refunded_amount) == (2_250_000, 405_000)
    assert (statement.fee_amount, statement.payout_amount) == (18_450, 1_826_550)
    assert statement.lines[-1] == {
        "kind": "fee",
        "text": f"Our fee, invoice {statement.invoice.code}",
        "net": "-18450.00",
    }
    assert owed(launch) == statement.payout_amount


def test_goodwill_is_ours_and_lowers_no_payout():
    launch = make_launch()
    booking = make_booking(launch=launch)
    grant(booking, 50_000)
    handle_events()

    end(launch)

    statement = SupplierStatement.objects.get()
    check(statement)
    assert (statement.refunded_amount, statement.payout_amount) == (0, 445_500)


def grant(booking, amount):
    services.refund_goodwill(
        actor=EmployeeFactory(employee_role="finance"),
        reference=booking.reference,
        amount=Decimal(amount),
        reason="a cold meal",
        now=NOW,
    )


def test_goodwill_comes_back_to_us_when_the_launch_fails_after_all():
    launch = make_launch()
    booking = make_booking(launch=launch)
    grant(booking, 50_000)
    handle_events()

    end(launch, "failed")
    statement = services.launch_settle(launch_id=launch.pk, now=AFTER)

    check(statement)
    assert statement.payout_amount == 0
    assert owed(launch) == 0
    assert sum(one.amount for one in LedgerEntry.objects.filter(account="goodwill")) == 0


def test_an_aborted_launch_shows_what_went_back_and_pays_nothing():
    statement = settled(outcome="aborted")

    check(statement)
    assert [(line["collected"], line["refunded"], line["net"]) for line in statement.lines] == [
        ("450000.00", "450000.00", "0.00")
    ]
    assert (statement.invoice, statement.payout_amount) == (None, 0)


def test_a_launch_with_bookings_on_their_way_is_not_settled_yet():
    launch = make_launch()
    booking = make_booking(launch=launch)
    handle_events(consumers=("finance",))
    type(launch).objects.filter(pk=launch.pk).update(status="launched")

    assert services.launch_settle(launch_id=launch.pk, now=AFTER) is None
    booking_services.booking_complete(booking_id=booking.pk, now=AFTER)
    assert services.launch_settle(launch_id=launch.pk, now=AFTER) is not None


def test_a_launch_whose_ledger_is_behind_is_not_settled_yet():
    launch = make_launch()
    booking = make_booking(launch=launch)
    cancel(booking)  # the refund follows by an event that nobody has handled yet
    type(launch).objects.filter(pk=launch.pk).update(status="launched")

    assert services.launch_settle(launch_id=launch.pk, now=AFTER) is None
    handle_events()
    statement = services.launch_settle(launch_id=launch.pk, now=AFTER)
    assert (statement.collected_amount, statement.refunded_amount) == (450_000, 405_000)


def test_a_refund_after_the_statement_is_carried_into_the_next_one_once():
    supplier = SupplierFactory()
    first = settled(supplier)
    services.statement_pay_out(actor=None, statement_id=first.pk, now=AFTER)
    goodbye(first, 10_000)

    second = settled(supplier, days_later=1)
    third = settled(supplier, days_later=2)

    for statement in (first, second, third):
        check(statement)
    assert (second.carried_amount, second.payout_amount) == (-10_000, 450_000 - 4_500 - 10_000)
    assert second.lines[-1]["kind"] == "carried"
    assert (third.carried_amount, third.payout_amount) == (0, 450_000 - 3_600)


def test_payouts_on_their_way_are_not_carried():
    supplier = SupplierFactory()
    first = settled(supplier)
    goodbye(first, 10_000)  # before the payout, which stays what the statement says

    second = settled(supplier, days_later=1)

    assert second.carried_amount == -10_000


def test_a_payout_below_nothing_is_carried_until_it_is_made_good():
    supplier = SupplierFactory()
    first = settled(supplier, price_amount=100_000)
    services.statement_pay_out(actor=None, statement_id=first.pk, now=AFTER)
    goodbye(first, 80_000)

    second = settled(supplier, days_later=1, price_amount=50_000)
    services.statement_pay_out(actor=None, statement_id=second.pk, now=AFTER)
    third = settled(supplier, days_later=2, price_amount=50_000)
    services.statement_pay_out(actor=None, statement_id=third.pk, now=AFTER)

    assert second.payout_amount == 50_000 - 500 - 80_000 == third.carried_amount
    assert third.payout_amount == 50_000 - 400 - 30_500
    assert sum(owed(one.launch) for one in (first, second, third)) == 0
    bank = LedgerEntry.objects.filter(account="bank", movement__kind="payout")
    assert sorted(-one.amount for one in bank) == sorted([first.payout_amount, third.payout_amount])


def test_another_suppliers_and_another_currencys_debts_are_not_carried():
    supplier = SupplierFactory()
    goodbye(settled(), 10_000)
    euros = settled(supplier, price_currency="EUR")
    goodbye(euros, 10_000)
    settled(supplier, outcome="aborted")  # 1,000 USD is owed by invoice, not kept

    assert settled(supplier, days_later=1).carried_amount == 0


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    flights=st.lists(
        st.tuples(
            st.decimals(min_value=1, max_value=900_000, places=2),  # price of a seat
            st.integers(min_value=1, max_value=3),  # seats
            st.integers(min_value=0, max_value=100),  # percent refunded after the statement
            st.booleans(),  # paid out before that
        ),
        min_size=2,
        max_size=4,
    )
)
def test_whatever_goes_back_later_every_statement_sums_up_and_nothing_is_lost(flights):
    supplier, statements = SupplierFactory(), []
    for number, (price, seats, percent, is_paid_first) in enumerate(flights):
        statement = settled(supplier, days_later=number, seats=seats, price_amount=price)
        check(statement)
        statements.append(statement)
        if is_paid_first:
            services.statement_pay_out(actor=None, statement_id=statement.pk, now=AFTER)
        if back := percent_of(price * seats, percent, "USD"):
            goodbye(statement, back, key=str(number))
    last = settled(supplier, days_later=len(flights))
    check(last)

    for statement in SupplierStatement.objects.filter(supplier=supplier, paid_out_at=None):
        services.statement_pay_out(actor=None, statement_id=statement.pk, now=AFTER)

    left = sum(owed(one.launch) for one in [*statements, last])
    assert left == min(last.payout_amount, 0)


# --- payout ------------------------------------------------------------------------------------------
def test_a_payout_settles_the_fees_invoice_and_leaves_nothing_owed():
    statement = settled()

    services.statement_pay_out(actor=EmployeeFactory(employee_role="finance"), statement_id=statement.pk, now=AFTER)

    statement.refresh_from_db()
    invoice = Invoice.objects.get(kind="supplier")
    assert statement.paid_out_at == AFTER
    assert (invoice.status, invoice.paid_amount) == ("paid", 4_500)
    assert owed(statement.launch) == 0
    with pytest.raises(errors.PayoutRefused, match="it was paid out on 15 March 2028"):
        services.statement_pay_out(actor=None, statement_id=statement.pk, now=AFTER)
    assert LedgerEntry.objects.filter(account="bank").count() == 1


def test_only_finance_pays_out():
    statement = settled()

    for role in ("support", "it"):
        with pytest.raises(Forbidden):
            services.statement_pay_out(actor=EmployeeFactory(employee_role=role), statement_id=statement.pk, now=AFTER)
    with pytest.raises(errors.StatementNotFound):
        services.statement_pay_out(actor=None, statement_id=0, now=AFTER)

    assert not LedgerEntry.objects.filter(account="bank").exists()


def test_the_job_pays_out_a_week_after_the_statement():
    statement = settled()

    assert services.payouts_send_due(now=statement.issued_at + timedelta(days=7, seconds=-1)) == 0
    assert services.payouts_send_due(now=statement.issued_at + timedelta(days=7)) == 1
    assert tasks.payouts_send() == 0
    statement.refresh_from_db()
    assert statement.paid_out_at is not None


def test_corrections_in_the_ledger_reach_the_next_statement():
    supplier = SupplierFactory()
    first = settled(supplier)
    booking = first.launch.bookings.get()
    ledger.repair_post(
        subject="charge:x",
        number=1,
        currency="USD",
        lines=[
            ledger.Line("suppliers", Decimal("-0.07"), first.launch_id),
            ledger.Line("gateway", Decimal("0.07")),
        ],
        note="a rounding",
        now=AFTER,
        booking_id=booking.pk,
    )

    second = settled(supplier, days_later=1)

    check(second)
    assert second.carried_amount == Decimal("0.07")
