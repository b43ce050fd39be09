"""Invoices, statements, receipts and payouts on the pages of the three portals."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.models import Invoice, InvoicePayment, SupplierStatement
from tests.factories import make_booking
from tests.finance.settling import end, handle_events, make_launch
from tests.finance.test_invoices import cancel
from tests.portals.customer.conftest import csp_breaks
from tests.portals.desks import _ensured_stores, _stores, employee, enter, member, now, supplier, text

__all__ = ["_ensured_stores", "_stores", "employee", "enter", "member", "now", "supplier"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def flown(supplier):
    """A settled launch of the supplier with two bookings, one partly cancelled."""
    launch = make_launch(supplier, mission_name="First Light")
    booking, other = make_booking(launch=launch, seats=2), make_booking(launch=launch)
    cancel(booking)
    handle_events()
    end(launch)
    return SupplierStatement.objects.get(), booking, other


@pytest.fixture
def bill(supplier):
    """An unpaid invoice of an aborted launch."""
    launch = make_launch(supplier, mission_name="Called Off")
    end(launch, "aborted")
    return Invoice.objects.get(kind="supplier", launch=launch)


def test_a_supplier_reads_its_statement_and_downloads_it(member, flown):
    statement, booking, other = flown
    owner = member("owner")

    listed = text(owner.get("/supplier/statements/"))
    shown = owner.get(f"/supplier/statements/{statement.pk}/")
    file = owner.get(f"/supplier/statements/{statement.pk}/pdf/")

    assert "First Light" in listed
    assert "not yet" in listed
    page = text(shown)
    assert [
        one
        for one in (booking.reference, other.reference, "$1,350,000", "$405,000", "-$9,450", "$935,550")
        if one not in page
    ] == []
    assert csp_breaks(shown) == []
    assert (file["Content-Type"], file["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert file["Content-Disposition"] == f'attachment; filename="statement-{statement.launch.slug}.pdf"'
    assert file.content.startswith(b"%PDF")


def test_a_supplier_reads_its_invoices_but_not_its_customers(member, flown, bill):
    owner = member("finance")
    customers = Invoice.objects.filter(kind="customer").first()

    listed = text(owner.get("/supplier/invoices/"))
    shown = text(owner.get(f"/supplier/invoices/{bill.pk}/"))
    file = owner.get(f"/supplier/invoices/{bill.pk}/pdf/")

    assert listed.count("kept from the payout") == 1
    assert customers.code not in listed
    assert f"<strong>$1,000</strong>, naming {bill.code}" in shown
    assert file["Content-Disposition"] == f'attachment; filename="{bill.code}.pdf"'
    assert owner.get(f"/supplier/invoices/{customers.pk}/").status_code == 404


@pytest.mark.parametrize("role", ["operator", "gate"])
def test_who_does_not_work_with_money_is_not_led_to_it(role, member, flown):
    client = member(role)

    assert "/supplier/statements/" not in text(client.get("/supplier/"))
    assert "Owners and finance members" in text(client.get("/supplier/statements/"))


def test_a_customer_downloads_an_invoice(enter, flown):
    _, booking, other = flown
    client = enter(booking.customer)
    invoice = Invoice.objects.get(booking=booking, kind="customer")

    shown = text(client.get(f"/invoices/{invoice.pk}/"))
    file = client.get(f"/invoices/{invoice.pk}/pdf/")

    assert f"/invoices/{invoice.pk}/pdf/" in shown
    assert file["Content-Disposition"] == f'attachment; filename="{invoice.code}.pdf"'
    assert file["Cache-Control"] == "private, no-store"
    others = Invoice.objects.get(booking=other)
    assert client.get(f"/invoices/{others.pk}/pdf/").status_code == 404


# --- employees ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"customer", "credit_note", "supplier"}),
        ("?kind=credit_note", {"credit_note"}),
        ("?status=pending", {"supplier"}),
        ("?kind=nonsense&status=x&year=abc", {"customer", "credit_note", "supplier"}),
        ("?year=1999", set()),
        ("?q=Red+Rock", {"supplier"}),
        ("?q=%00", {"customer", "credit_note", "supplier"}),
    ],
)
def test_finance_narrows_invoices(query, found, employee, flown, bill):
    page = text(employee("finance").get(f"/employee/invoices/{query}"))

    assert {one.kind for one in Invoice.objects.all() if f">{one.code}</a></th>" in page} == found


def test_finance_finds_an_invoice_by_its_number_and_sees_sums(employee, flown, bill):
    page = text(employee("finance").get(f"/employee/invoices/?q={bill.code.lower()}"))

    assert [one.code for one in Invoice.objects.all() if f">{one.code}</a></th>" in page] == [bill.code]
    assert "Supplier invoice, USD" in page
    assert page.count("$1,000") >= 3


def test_the_list_costs_the_same_with_one_and_with_many(employee, supplier):
    client, costs = employee("finance"), []
    for _ in (1, 2):
        for _ in range(2):
            launch = make_launch(supplier)
            make_booking(launch=launch)
            handle_events()
            end(launch)
        with CaptureQueriesContext(connection) as seen:
            client.get("/employee/invoices/")
            client.get("/employee/statements/")
        costs.append(len(seen))

    assert costs[0] == costs[1]


def record(client, invoice, **fields):
    values = {"amount": "400", "received_on": "2026-11-22", "note": "", "seen_paid_amount": "0", **fields}
    return client.post(f"/employee/invoices/{invoice.pk}/", values)


def test_a_payment_is_recorded_and_a_form_sent_twice_records_it_once(employee, bill):
    client = employee("finance")
    assert 'value="1000"' in text(client.get(f"/employee/invoices/{bill.pk}/")), "begins with what is open"

    first = record(client, bill)
    again = record(client, bill)

    assert first.status_code == again.status_code == 303
    assert InvoicePayment.objects.count() == 1
    page = text(client.get(f"/employee/invoices/{bill.pk}/"))
    assert "$400 for" in page
    assert "A payment was recorded meanwhile" in page
    assert "$600 is open." in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": "1000.01"}, "Only $1,000 of this invoice is open"),
        ({"amount": ""}, "Give the amount that came in"),
        ({"amount": "lots"}, "Give the amount as a number"),
        ({"received_on": "2999-01-01"}, "still to come"),
        ({"received_on": "x"}, "give the day as 2027-03-14"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_at_its_field(fields, words, employee, bill):
    answer = record(employee("finance"), bill, **fields)

    assert answer.status_code == 422
    assert words in text(answer)
    assert not InvoicePayment.objects.exists()


def test_settled_invoices_offer_no_payment(employee, flown):
    statement, booking, _ = flown
    client = employee("finance")

    kept = text(client.get(f"/employee/invoices/{statement.invoice_id}/"))
    customers = text(client.get(f"/employee/invoices/{Invoice.objects.get(booking=booking, kind='customer').pk}/"))

    assert "It takes no payment: its amount is kept from the payout" in kept
    assert "settled by card" in customers
    assert "Record a payment" not in kept + customers
    assert "Credit notes" in customers


def test_finance_pays_out_once(employee, flown):
    statement, *_ = flown
    client = employee("finance")
    assert "Mark $935,550 as paid out" in text(client.get(f"/employee/statements/{statement.pk}/"))
    assert "First Light" in text(client.get("/employee/statements/?show=open"))
    asked = text(client.get(f"/employee/statements/{statement.pk}/payout/"))
    assert "Mark $935,550 as paid out?" in asked
    assert Invoice.objects.get(pk=statement.invoice_id).paid_amount == 0

    client.post(f"/employee/statements/{statement.pk}/payout/")
    client.post(f"/employee/statements/{statement.pk}/payout/")

    page = text(client.get(f"/employee/statements/{statement.pk}/"))
    assert "The payout of $935,550 is booked." in page
    assert "it was paid out on" in page
    assert "as paid out</button>" not in page
    assert "Everything is paid out" in text(client.get("/employee/statements/?show=open"))
    assert Invoice.objects.get(pk=statement.invoice_id).paid_amount == Decimal(9_450)
