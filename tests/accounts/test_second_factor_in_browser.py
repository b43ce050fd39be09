"""The pages of the second factor in a real browser: no accessibility fault, no sideways scroll, no broken policy."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from accounts import selectors
from tests.accounts.conftest import PASSWORD
from tests.accounts.devices import Device

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("second_factor_on", "standing_clock"),
]


@pytest.fixture
def looked_at(page):
    """Give a function that returns what is wrong with the page as it stands, on a phone of 320 pixels."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")

    def look() -> list[str]:
        found = Axe().run(page).response["violations"]
        page.emulate_media(color_scheme="dark")
        found += Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
        page.emulate_media(color_scheme="light")
        is_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        faults = [*(f"{one['id']}: {one['nodes'][0]['html']}" for one in found), *["too wide"] * is_wide, *complaints]
        complaints.clear()
        return faults

    return look


def test_from_the_first_sign_in_to_new_recovery_codes_on_a_phone(page, live_server, person, looked_at):  # noqa: F811
    def sign_in():
        page.goto(f"{live_server.url}/accounts/sign-in/?next=/accounts/second-factor/")
        page.get_by_label("E-mail").fill(person.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()

    def pasted(label, code):
        page.get_by_label(label, exact=True).focus()
        page.keyboard.insert_text(code)  # as a paste does

    sign_in()
    page.get_by_role("heading", name="Set up your second factor").wait_for()
    assert page.locator("svg.qr").bounding_box()["width"] > 200
    assert looked_at() == []
    device = Device(page.locator("#secret").inner_text().replace(" ", ""))
    pasted("Code", device.code(-1))
    page.get_by_role("button", name="Confirm and sign in").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    codes = re.findall(r"\d{4}(?:-\d{4}){4}", page.locator("main").inner_text())
    assert len(codes) == 10
    assert looked_at() == []
    page.emulate_media(media="print")
    assert page.get_by_text(codes[0]).is_visible()
    assert not page.get_by_role("link", name="I have kept them: go on").is_visible()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="I have kept them: go on").click()
    page.get_by_text("10 recovery codes left").wait_for()
    assert looked_at() == []

    page.context.clear_cookies()
    sign_in()
    page.get_by_role("heading", name="Enter your code").wait_for()
    assert looked_at() == []
    pasted("Code", "99")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    assert [fault for fault in looked_at() if "422" not in fault] == []
    pasted("Code", codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("9 recovery codes left").wait_for()

    page.get_by_role("link", name="Move to a new device").click()
    page.get_by_role("heading", name="Move to a new device").wait_for()
    assert looked_at() == []
    page.go_back()
    page.get_by_role("link", name="Make new recovery codes").click()
    page.get_by_role("heading", name="New recovery codes").wait_for()
    assert looked_at() == []
    pasted("Code", device.code())
    page.get_by_role("button", name="Make new recovery codes").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    assert codes[1] not in page.content()
    assert len(selectors.second_factor_get(user_id=person.pk).recovery_hashes) == 10
