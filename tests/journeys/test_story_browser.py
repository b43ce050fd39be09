"""
The story, in a real browser with a real worker: a customer books two seats, the supplier and the employee see them, the
mail arrives, reconciliation finds nothing, she cancels and gets the quoted refund.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from documents.repositories import Trips
from finance.models import Refund
from tests.factories import PASSWORD
from tests.journeys.worker import WITHIN_S, eventually, running_worker
from tests.journeys.world import drift, mails_about, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def quiet(page: Page):
    """Collect what the browser complains about: scripts and styles that the policy blocks, errors in ours."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def sign_in(page: Page, site: str, user, path: str) -> None:
    page.goto(f"{site}{path}")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main form").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{site}{path}")  # whoever goes on before that may cut the sign-in off


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def test_the_story_of_two_seats(page: Page, live_server, settings, quiet):
    settings.SITE_URL = site = live_server.url
    world = make_world()

    with running_worker(settings.MAIL_DIR):
        # She looks for two seats, chooses them on the cabin plan and is asked to sign in.
        page.goto(site)
        page.get_by_label("Travellers").select_option("2")
        page.get_by_role("button", name="Find launches").click()
        page.get_by_role("link", name="Choose seats").first.click()
        expect(page).to_have_url(re.compile(r"/launches/launch-\d+/"))
        for label in ("A2", "B2"):
            page.locator("label", has_text=label).first.click()
        page.locator("form.seat-form button[type=submit]").click()
        page.get_by_label("E-mail").fill(world.customer.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.locator("main form").get_by_role("button", name="Sign in").click()
        # Back at the launch with the choice kept.
        page.locator("form.seat-form button[type=submit]").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("Who flies?")
        for number, name in ((0, "First Traveller"), (1, "Second Traveller")):
            form = page.locator("fieldset.passenger").nth(number)
            form.get_by_label("Full name").fill(name)
            form.get_by_label("E-mail").fill(f"traveller{number}@example.com")
            form.get_by_label("Phone").fill("+1 415 555 0123")
            form.get_by_label("Date of birth").fill("1985-06-15")
        page.get_by_role("button", name="Continue to check").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
        page.get_by_role("link", name="Continue to pay $900,000").click()
        page.get_by_label("Card number").fill("4242 4242 4242 4242")
        page.get_by_label("Expiry").fill("12/35")
        page.get_by_label("Security code").fill("123")
        page.get_by_role("button", name="Pay $900,000").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("You are booked")
        reference = re.search(r"/book/([A-Z0-9]{6})/done/", page.url)[1]
        expect(page.locator("main")).to_contain_text(reference)

        # The worker sends the mails and writes the documents.
        eventually(page, lambda: len(mails_about(settings.MAIL_DIR, reference)) >= 2, "the mails")
        receivers = {mail["To"] for mail in mails_about(settings.MAIL_DIR, reference)}
        assert receivers == {world.customer.email, world.desk.email}
        assert Trips.of_reference(world.customer.pk, reference).status == "confirmed"

        # The supplier sees the two seats.
        sign_out(page)
        sign_in(page, site, world.desk, "/supplier/")
        page.goto(f"{site}/supplier/launches/{world.launch.pk}/")
        expect(page.locator("main")).to_contain_text(reference)
        expect(page.locator("main")).to_contain_text("2 of 6")

        # The employee sees the booking, and reconciliation, started by a click, finds nothing.
        sign_out(page)
        sign_in(page, site, world.employee, "/employee/")
        page.goto(f"{site}/employee/bookings/{reference}/")
        expect(page.locator("main")).to_contain_text("Second Traveller")
        page.goto(f"{site}/employee/reconciliation/")
        page.get_by_role("button", name="Start").click()
        # The page of the run looks again by itself until it is over.
        expect(page.locator("#progress")).to_contain_text("No drift", timeout=WITHIN_S * 1000)
        assert drift() == 0

        # She cancels and gets what was quoted.
        sign_out(page)
        sign_in(page, site, world.customer, f"/trips/{reference}/")
        page.get_by_role("link", name="Cancel seats").click()
        for name in ("First Traveller", "Second Traveller"):
            page.get_by_label(name).check()
        page.get_by_role("button", name="See what comes back").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("$810,000 comes back")
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Cancel 2 seats").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your booking is cancelled")
        eventually(page, lambda: Refund.objects.filter(status="succeeded", amount=810000).exists(), "the refund")
        eventually(
            page, lambda: any("810,000" in m.as_string() for m in mails_about(settings.MAIL_DIR, reference)), "its mail"
        )

    assert quiet == []


def test_the_road_to_a_seat_works_without_javascript(browser, live_server, settings):
    world = make_world()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()

    page.goto(f"{live_server.url}/accounts/sign-in/?next=/launches/{world.launch.slug}/")
    page.get_by_label("E-mail").fill(world.customer.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main form").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Hold the best available").click()
    form = page.locator("fieldset.passenger").first
    form.get_by_label("Full name").fill("First Traveller")
    form.get_by_label("E-mail").fill("traveller@example.com")
    form.get_by_label("Phone").fill("+1 415 555 0123")
    form.get_by_label("Date of birth").fill("1985-06-15")
    page.get_by_role("button", name="Continue to check").click()
    page.get_by_role("link", name="Continue to pay $450,000").click()
    page.get_by_label("Card number").fill("4000 0000 0000 0002")
    page.get_by_label("Expiry").fill("12/35")
    page.get_by_label("Security code").fill("123")
    page.get_by_role("button", name="Pay $450,000").click()
    expect(page.locator(".error-summary")).to_contain_text("declined")
    page.get_by_label("Card number").fill("4000 0025 0000 3155")
    page.get_by_label("Expiry").fill("12/35")
    page.get_by_label("Security code").fill("123")
    page.get_by_role("button", name="Pay $450,000").click()
    page.get_by_label("Code from your bank").fill("123456")
    page.get_by_role("button", name="Confirm and pay").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("You are booked")
    context.close()
