"""Messages of suppliers' invoices and payouts."""

import pytest

from finance.models import Invoice
from launches.models import SupplierMember
from notifications import handlers
from tests.notifications.builders import (
    event,
    make_it,
    make_user,
)
from tests.notifications.happenings import bill
from tests.notifications.told import end_of, html_of, receivers, told

pytestmark = pytest.mark.django_db


def test_suppliers_invoices_go_to_its_owners_and_finance_people_and_to_our_finance(world):
    for role in ("operator", "finance", "gate"):
        user = make_user(f"{role}@red-rock.example", kind="supplier")
        SupplierMember.objects.create(supplier=world.supplier, user=user, role=role)
    make_user("money@example.org", kind="employee", employee_role="finance")
    make_it()

    handlers.event_tell(bill(world, is_kept=False))

    assert receivers() == [
        ("staff_supplier_invoice_issued", "money@example.org"),
        ("supplier_invoice_issued", "finance@red-rock.example"),
        ("supplier_invoice_issued", "owner@red-rock.example"),
    ]


@pytest.mark.parametrize(
    ("is_kept", "words"),
    [(True, "there is nothing for you to pay"), (False, "Please pay it by 22 December 2026 and name S-2026-000001")],
)
def test_a_suppliers_invoice_says_whether_to_pay(world, is_kept, words):
    found = told(bill(world, is_kept=is_kept), "supplier_invoice_issued")

    assert found.subject.startswith("Invoice S-2026-000001: $1,000 for ")
    assert words in found.body
    assert words in html_of(found)
    assert "http://testserver/supplier/invoices/" in found.body


def test_an_overdue_invoice_says_what_is_open(world):
    found = told(bill(world, "overdue"), "supplier_invoice_overdue")

    assert "$400 of it is still to be paid" in found.body


def test_an_overdue_invoice_that_was_paid_meanwhile_is_not_told(world):
    happened = bill(world, "overdue")
    Invoice.objects.update(status="paid", paid_amount=1000)

    assert end_of(happened, "supplier_invoice_overdue") == ("cancelled", "The invoice is paid by now.")


def test_only_a_payout_that_moves_money_is_told(world):
    values = {"supplier_id": world.supplier.pk, "launch_id": world.launch.pk, "statement_id": 1, "currency": "USD"}

    handlers.event_tell(event("finance.statement.paid_out", payout_amount="0", **values))
    assert receivers() == []
    handlers.event_tell(event("finance.statement.paid_out", payout_amount="12.50", **values))
    assert receivers() == [("supplier_paid_out", "owner@red-rock.example")]
