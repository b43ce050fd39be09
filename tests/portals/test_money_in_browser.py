"""The money pages in a real browser: no accessibility fault, no sideways scroll on a small phone, nothing refused."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from finance.models import Invoice, SupplierStatement
from tests.factories import make_booking
from tests.finance.settling import end, handle_events, make_launch
from tests.finance.test_invoices import cancel
from tests.portals.desks import _ensured_stores, _stores, employee, enter, member, supplier
from tests.portals.test_desks_in_browser import tab

__all__ = ["_ensured_stores", "_stores", "employee", "enter", "member", "supplier", "tab"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_money_pages_are_accessible_and_fit_a_small_phone(tab, page, scheme, supplier, member, employee, enter):
    launch = make_launch(supplier, mission_name="First Light")
    booking = make_booking(launch=launch, seats=2)
    cancel(booking)
    handle_events()
    end(launch)
    called_off = make_launch(supplier, mission_name="Called Off", days_later=3)
    end(called_off, "aborted")
    statement = SupplierStatement.objects.get(launch=launch)
    bill, invoice = Invoice.objects.get(launch=called_off), Invoice.objects.get(booking=booking, kind="customer")
    page.emulate_media(color_scheme=scheme)
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
            assert tab(client, path, width=320) == [], path
            found = Axe().run(page).response["violations"]
            assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found] == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
