"""The desk portals and the admin in a real browser: no accessibility fault, no sideways scroll, no broken policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from common.models import OutboxEvent
from documents import audit_reading
from tests.factories import EmployeeFactory
from tests.portals.desks import *  # noqa: F403 - fixtures
from tests.portals.desks import _ensured_stores, _stores  # noqa: F401 - fixtures
from tests.portals.webhooks import make_delivery, make_endpoint

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tab(page, context, live_server):
    """Give a function that signs a client's person in, opens a path and returns what the browser complained about."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.emulate_media(color_scheme="light", reduced_motion="reduce")

    def open_page(client, path, *, width=1280) -> list[str]:
        page.set_viewport_size({"width": width, "height": 800})
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        complaints.clear()
        page.goto(f"{live_server.url}{path}")
        return complaints

    return open_page


def barriers(page) -> list[tuple[str, str]]:
    """Return what axe finds on the page, and what it finds in its colours when the reader likes them dark."""
    found = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    found += Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    page.emulate_media(color_scheme="light")
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in found]


def test_the_desks_are_accessible_and_fit_a_phone(tab, page, member, employee, make_launch, book):
    colleague = EmployeeFactory(employee_role="it")
    launch = make_launch()
    booking = book(launch, seats=2)
    endpoint = make_endpoint(launch.supplier, url=f"https://example.com/{'long/' * 20}", failing_since=timezone.now())
    delivery = make_delivery(endpoint)
    recorded = audit_reading.key_of_event_number(event_id=OutboxEvent.objects.latest("pk").pk)
    visits = {
        member(): [
            reverse("supplier:webhook-list"),
            reverse("supplier:webhook-new"),
            reverse("supplier:webhook-detail", args=[endpoint.pk]),
            reverse("supplier:webhook-delivery", args=[endpoint.pk, delivery.pk]),
            reverse("supplier:home"),
            reverse("supplier:launch-list"),
            reverse("supplier:launch-new"),
            reverse("supplier:preferences"),
            reverse("supplier:inbox"),
            reverse("accounts:reading"),
            *(
                reverse(f"supplier:{name}", args=[launch.pk])
                for name in ("launch-detail", "launch-delay", "launch-abort", "manifest")
            ),
        ],
        employee("admin"): [
            reverse("employee:booking-detail", args=[booking.reference]),
            reverse("employee:launch-detail", args=[launch.pk]),
            reverse("employee:user-detail", args=[booking.customer_id]),
            reverse("employee:second-factor-reset", args=[colleague.pk]),
            reverse("employee:audit-entry", args=[recorded]),
            reverse("employee:wording-detail", args=["booking_confirmed", "en"]),
            *(
                reverse(f"employee:{name}")
                for name in (
                    "home",
                    "preferences",
                    "booking-list",
                    "launch-list",
                    "supplier-list",
                    "user-list",
                    "notification-list",
                    "template-list",
                    "log-list",
                    "audit-list",
                    "reconciliation",
                    "event-list",
                    "webhook-list",
                )  # fmt: skip
            ),
        ],
    }
    for client, paths in visits.items():
        for path in paths:
            complaints = tab(client, path, width=360)
            assert barriers(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
            assert complaints == [], path


def test_many_entries_fold_into_a_menu_on_a_phone_only(tab, page, employee):
    jobs = page.get_by_role("navigation", name="Main").get_by_role("link", name="Jobs")

    assert tab(employee("it"), reverse("employee:home"), width=360) == []
    assert not jobs.is_visible()
    page.get_by_text("Menu: Overview").click()
    jobs.click()
    page.wait_for_url("**/employee/jobs/")

    page.set_viewport_size({"width": 1280, "height": 800})
    assert jobs.is_visible()
    assert not page.get_by_text("Menu: Jobs").is_visible()


def test_the_admin_works_under_its_policy(tab, page, employee, make_launch, book):
    booking = book(make_launch())
    client = employee("admin")
    for path in (
        reverse("admin:index"),
        reverse("admin:bookings_booking_changelist"),
        reverse("admin:bookings_booking_change", args=[booking.pk]),
    ):
        assert tab(client, path) == [], path
    page.locator("#nav-sidebar").get_by_role("link", name="confirmation_number Holds", exact=True).wait_for()
    page.locator("#nav-sidebar h2", has_text="Finance").click()  # opened by Alpine
    page.locator("#nav-sidebar").get_by_role("link", name="payments Payments", exact=True).click()
    page.wait_for_url("**/admin/finance/payment/**")
