"""What the customer's pages do with JavaScript and a pointer, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.portals.desks import *  # noqa: F403 - fixtures
from tests.portals.desks import _ensured_stores, _stores  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILLED = "rgb(255, 107, 44)"  # --accent-fill


def test_a_chosen_seat_is_filled_while_the_pointer_rests_on_it(page: Page, live_server, make_launch):
    launch = make_launch()
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{live_server.url}/launches/{launch.slug}/")

    seat = page.locator(".cabin__rows .seat--free").first
    seat.click()
    seat.hover()

    expect(seat.locator("input")).to_be_checked()
    expect(seat.locator(".seat__box")).to_have_css("background-color", FILLED)


def test_a_page_that_comes_back_has_its_button_again(page: Page, live_server, make_launch):
    launch = make_launch()
    page.goto(f"{live_server.url}/launches/{launch.slug}/")
    page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")  # stay, as on a way back
    button = page.locator(".seat-form button[type=submit]")

    page.locator(".cabin__rows .seat--free").first.click()
    button.click()
    expect(button).to_have_text("Holding your seats…")
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    expect(button).to_have_text("Continue with 1 seat")
    expect(button).not_to_have_attribute("aria-disabled", "true")


def test_who_registers_is_told_the_time_by_the_browsers_own_clock(browser, live_server):
    context = browser.new_context(timezone_id="America/Bogota")
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/register/")
    page.get_by_label("Full name").fill("Ada Example")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill("a long way to the moon")

    page.get_by_role("button", name="Make my account").click()

    expect(page).to_have_url(re.compile("/check-your-mail/$"))
    assert User.objects.get(email="ada@example.org").time_zone == "America/Bogota"
    context.close()
