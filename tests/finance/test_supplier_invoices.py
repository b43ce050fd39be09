"""Suppliers' invoices: the fee by how reliable, what an aborted launch costs, payments of it, reminders."""

from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest

from common.errors import Forbidden
from common.models import OutboxEvent
from finance import errors, policies, services, tasks
from finance.enums import InvoiceStatus
from finance.models import Invoice, InvoicePayment, LedgerEntry, SupplierStatement
from tests.factories import NOW, EmployeeFactory, SupplierFactory, make_booking
from tests.finance.settling import AFTER, end, handle_events, make_launch

pytestmark = pytest.mark.django_db


def clerk():
    return EmployeeFactory(employee_role="finance")


def aborted_invoice() -> Invoice:
    launch = make_launch()
    make_booking(launch=launch)
    handle_events()
    end(launch, "aborted")
    services.launch_settle(launch_id=launch.pk, now=NOW)
    return Invoice.objects.get(kind="supplier")


def pay(invoice, amount, *, at=NOW, actor=None, **fields):
    values = {"received_on": at.date(), "now": at, **fields}
    return services.invoice_payment_record(
        actor=actor or clerk(), invoice_id=invoice.pk, amount=Decimal(amount), **values
    )


def test_a_launch_that_flew_costs_one_percent_of_what_is_left():
    launch = make_launch()
    make_booking(launch=launch, seats=2)
    handle_events()

    end(launch)

    invoice = Invoice.objects.get(kind="supplier")
    assert (invoice.amount, invoice.currency, invoice.status, invoice.series) == (9_000, "USD", "pending", "S")
    assert invoice.lines[0]["text"] == f"Fee for {launch.mission_name}: 1 % of $900,000"


def past_flight(supplier, *, days_later, status="launched"):
    launch = make_launch(supplier, days_later=days_later)
    type(launch).objects.filter(pk=launch.pk).update(status=status)


@pytest.mark.parametrize(("flights", "fee"), [(0, 4_500), (1, 4_500), (2, 3_600), (3, 3_600)])
def test_two_successful_launches_before_make_a_supplier_reliable(flights, fee):
    supplier = SupplierFactory()
    for number in range(flights):
        past_flight(supplier, days_later=-number - 1)
    past_flight(supplier, days_later=-1, status="failed")
    past_flight(supplier, days_later=5)
    past_flight(SupplierFactory(), days_later=-1)
    launch = make_launch(supplier)
    make_booking(launch=launch)
    handle_events()

    end(launch)

    assert Invoice.objects.get(kind="supplier", launch=launch).amount == fee


def test_an_aborted_launch_costs_a_flat_amount_whatever_its_currency():
    launch = make_launch(price_currency="EUR")
    make_booking(launch=launch)
    handle_events()
    end(launch, "aborted")

    services.launch_settle(launch_id=launch.pk, now=NOW)

    invoice = Invoice.objects.get(kind="supplier")
    assert (invoice.amount, invoice.currency, invoice.status) == (1_000, "USD", "pending")
    assert invoice.due_on - invoice.issued_on == timedelta(days=30)
    entries = LedgerEntry.objects.filter(movement__source=f"fee:{launch.pk}").order_by("account")
    assert [(one.account, one.amount, one.currency) for one in entries] == [
        ("fees", -1_000, "USD"),
        ("suppliers", 1_000, "USD"),
    ]


def test_a_failed_launch_costs_nothing():
    launch = make_launch()
    make_booking(launch=launch)
    handle_events()

    end(launch, "failed")
    services.launch_settle(launch_id=launch.pk, now=AFTER)

    statement = SupplierStatement.objects.get()
    assert not Invoice.objects.filter(kind="supplier").exists()
    assert (statement.collected_amount, statement.refunded_amount, statement.payout_amount) == (450_000, 450_000, 0)


def test_a_launch_without_bookings_has_an_invoice_over_nothing_that_is_settled():
    launch = make_launch()

    end(launch)

    invoice = Invoice.objects.get(kind="supplier")
    assert (invoice.amount, invoice.status) == (0, "paid")


def test_a_launch_is_settled_once_whoever_asks():
    launch = make_launch()
    make_booking(launch=launch)
    handle_events()
    end(launch)

    first = services.launch_settle(launch_id=launch.pk, now=AFTER)
    tasks.launches_settle()

    assert SupplierStatement.objects.get() == first
    assert Invoice.objects.filter(kind="supplier").count() == 1
    assert OutboxEvent.objects.filter(name="finance.statement.issued").count() == 1


def test_the_job_settles_what_the_event_found_unfinished():
    launch = make_launch()
    make_booking(launch=launch)
    handle_events()

    end(launch, "aborted")  # at the event, its refunds were still on their way
    assert not SupplierStatement.objects.exists()
    tasks.launches_settle()

    assert SupplierStatement.objects.get().launch == launch


def test_flights_that_an_import_entered_are_not_settled():
    launch = make_launch()
    type(launch).objects.update(status="launched")

    assert services.launches_settle_due(now=AFTER) == 0


# --- payments ----------------------------------------------------------------------------------------
def test_parts_make_it_partially_paid_and_the_rest_paid():
    invoice = aborted_invoice()

    pay(invoice, "400.50", note=" bank 7 ")
    invoice.refresh_from_db()
    assert (invoice.status, invoice.paid_amount) == ("partially_paid", Decimal("400.50"))
    pay(invoice, "599.50")

    invoice.refresh_from_db()
    assert (invoice.status, invoice.paid_amount) == ("paid", 1_000)
    assert [one.note for one in InvoicePayment.objects.order_by("pk")] == ["bank 7", ""]
    owed = LedgerEntry.objects.filter(account="suppliers", launch=invoice.launch, currency="USD")
    assert sum(one.amount for one in owed) == 0
    assert sum(one.amount for one in LedgerEntry.objects.filter(account="bank")) == 1_000


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"amount": "1000.01"}, "amount", "Only $1,000 of this invoice is open"),
        ({"amount": "0"}, "amount", "more than 0 and at most $1,000"),
        ({"amount": "-5"}, "amount", "more than 0"),
        ({"amount": "0.001"}, "amount", "like 250.50"),
        ({"amount": "5", "received_on": (NOW + timedelta(days=1)).date()}, "received_on", "still to come"),
        ({"amount": "5", "note": "x" * 201}, "note", "within 200 characters"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_with_a_sentence(given, field, words):
    invoice = aborted_invoice()

    with pytest.raises(errors.ReceiptRefused) as refused:
        pay(invoice, given.pop("amount"), **given)

    assert words in refused.value.fields[field]
    invoice.refresh_from_db()
    assert (invoice.paid_amount, invoice.status) == (0, "pending")
    assert not InvoicePayment.objects.exists()


def test_a_fee_that_the_payout_keeps_takes_no_payment():
    launch = make_launch()
    make_booking(launch=launch)
    handle_events()
    end(launch)
    fee, customers = Invoice.objects.get(kind="supplier"), Invoice.objects.get(kind="customer")

    with pytest.raises(errors.InvoiceClosed, match="kept from the payout"):
        pay(fee, 1)
    with pytest.raises(errors.InvoiceClosed, match="settled by card"):
        pay(customers, 1)
    services.statement_pay_out(actor=None, statement_id=fee.statement.pk, now=AFTER)
    with pytest.raises(errors.InvoiceClosed, match="it is paid"):
        pay(fee, 1)


@pytest.mark.parametrize("role", ["support", "it"])
def test_only_finance_records_payments(role):
    invoice = aborted_invoice()

    with pytest.raises(Forbidden):
        pay(invoice, 1, actor=EmployeeFactory(employee_role=role))

    assert not InvoicePayment.objects.exists()


# --- overdue -----------------------------------------------------------------------------------------
def reminders() -> int:
    return OutboxEvent.objects.filter(name="finance.supplier_invoice.overdue").count()


def test_what_is_not_paid_in_thirty_days_is_overdue_and_reminded_of_every_fourteen():
    invoice = aborted_invoice()
    pay(invoice, 100)
    told = []
    for days in (30, 31, 32, 44, 45, 46, 59):
        services.invoices_chase(now=NOW + timedelta(days=days))
        told.append((days, reminders()))

    invoice.refresh_from_db()
    assert told == [(30, 0), (31, 1), (32, 1), (44, 1), (45, 2), (46, 2), (59, 3)]
    assert invoice.status == "overdue"
    event = OutboxEvent.objects.filter(name="finance.supplier_invoice.overdue").first()
    assert Decimal(event.payload["open_amount"]) == 900

    late = NOW + timedelta(days=60)
    pay(invoice, 100, at=late)
    invoice.refresh_from_db()
    assert invoice.status == "overdue"
    pay(invoice, 800, at=late)
    assert services.invoices_chase(now=NOW + timedelta(days=90)) == 0


def test_a_fee_that_waits_for_its_payout_is_never_overdue():
    launch = make_launch()
    make_booking(launch=launch)
    handle_events()
    end(launch)

    assert services.invoices_chase(now=AFTER + timedelta(days=60)) == 0
    assert Invoice.objects.get(kind="supplier").status == "pending"


ALLOWED = {
    ("pending", "partially_paid"),
    ("pending", "paid"),
    ("pending", "overdue"),
    ("pending", "cancelled"),
    ("partially_paid", "paid"),
    ("partially_paid", "overdue"),
    ("overdue", "paid"),
    ("overdue", "cancelled"),
}


@pytest.mark.parametrize(("old", "new"), list(product(InvoiceStatus.values, repeat=2)))
def test_every_move_of_an_invoice(old, new):
    assert (new in policies.INVOICE_MOVES[old]) == ((old, new) in ALLOWED)


@pytest.mark.parametrize("status", policies.UNPAID_INVOICES)
@pytest.mark.parametrize("paid", [1, 999, 1_000])
def test_a_payment_makes_only_moves_of_the_table(status, paid):
    new = policies.invoice_status(status=status, amount=Decimal(1_000), paid=Decimal(paid))

    assert new == status or new in policies.INVOICE_MOVES[status]
