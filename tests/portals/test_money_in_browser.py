"""The money pages in a real browser: no accessibility fault, no sideways scroll on a small phone, nothing refused."""

import pytest

from finance.models import Invoice, SupplierStatement
from tests.factories import make_booking
from tests.finance.settling import end, handle_events, make_launch
from tests.finance.test_invoices import cancel
from tests.portals.desks import _ensured_stores, _stores, employee, enter, member, supplier
from tests.portals.test_desks_in_browser import barriers, tab

__all__ = ["_ensured_stores", "_stores", "employee", "enter", "member", "supplier", "tab"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_money_pages_are_accessible_and_fit_a_small_phone(tab, page, supplier, member, employee, enter):
    launch = make_launch(supplier, mission_name="First Light")
    booking = make_booking(launch=launch, seats=2)
    cancel(booking)
    handle_events()
    end(launch)
    called_off = make_launch(supplier, mission_name="Called Off", days_later=3)
    end(called_off, "aborted")
    statement = SupplierStatement.objects.get(launch=launch)
    bill, invoice = Invoice.objects.get(launch=called_off), Invoice.objects.get(booking=booking, kind="customer")
    visits = {
        enter(booking.customer): ["/invoices/", f"/invoices/{invoice.pk}/"],
        member("finance"): [
            "/supplier/statements/",
            f"/supplier/statements/{statement.pk}/",
            "/supplier/invoices/",
            f"/supplier/invoices/{bill.pk}/",
        ],
        employee("finance"): [
            "/employee/invoices/",
            f"/employee/invoices/{bill.pk}/",
            f"/employee/invoices/{invoice.pk}/",
            "/employee/statements/",
            f"/employee/statements/{statement.pk}/",
        ],
    }
    for client, paths in visits.items():
        for path in paths:
            complaints = tab(client, path, width=320)
            assert barriers(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
            assert complaints == [], path
