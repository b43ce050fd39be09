"""
Take the pictures of the README from a running demo: `make screenshots` while `make run` is up.

Also takes every page at 390 and 1440 px, light and dark, with `--all FOLDER`, to look at.
"""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.browser import browser_executable

PASSWORD = "demo-orbit-2027"  # noqa: S105 - the demo's public password
HERE = Path(__file__).parent / "images"
README = [
    ("", "/", "customer-home"),
    ("", "launch:", "customer-launch"),
    ("supplier", "/supplier/", "supplier-home"),
    ("admin", "/employee/bookings/", "employee-bookings"),
]
EVERY = {
    "": ["/", "/launches/", "/launches/?seats=2&sort=price", "launch:", "/suppliers/", "/help/", "/accounts/sign-in/",
         "/accounts/register/", "/accounts/password/forgotten/", "/nothing/"],
    "customer": ["/trips/", "trip:", "/invoices/", "invoice:", "/profile/", "/inbox/"],
    "supplier": ["/supplier/", "/supplier/launches/", "supplier-launch:", "/supplier/launches/new/",
                 "/supplier/inbox/"],
    "admin": ["/employee/", "/employee/bookings/", "employee-booking:", "/employee/launches/", "/employee/log/",
              "/employee/audit/", "/employee/messages/", "/employee/mails/", "/employee/reconciliation/",
              "/employee/events/", "/employee/suppliers/", "/employee/people/", "/admin/", "/admin/bookings/booking/"],
}  # fmt: skip
FIRST_LINK = {
    "launch:": ("/launches/", "main a[href^='/launches/'][href*='-']"),
    "trip:": ("/trips/", "main a[href^='/trips/']"),
    "invoice:": ("/invoices/", "main a[href^='/invoices/']"),
    "supplier-launch:": ("/supplier/launches/", "main table a[href^='/supplier/launches/']"),
    "employee-booking:": ("/employee/bookings/", "main table a[href^='/employee/bookings/']"),
}


def sign_in(page: Page, site: str, who: str) -> None:
    """Sign in as one of the demo's people."""
    page.goto(f"{site}/accounts/sign-in/")
    page.get_by_label("E-mail").fill(f"{who}@astrobookings.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def open_page(page: Page, site: str, target: str) -> None:
    """Go to a path, or to the first link of a list."""
    if target not in FIRST_LINK:
        page.goto(site + target)
        return
    listing, link = FIRST_LINK[target]
    page.goto(site + listing)
    page.goto(site + str(page.locator(link).first.get_attribute("href")))


def take(browser: Browser, site: str, who: str, targets: list[tuple[str, Path]], width: int, scheme: str) -> None:
    """Take pictures of pages as one person."""
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 600 else 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    if who:
        sign_in(page, site, who)
    for target, path in targets:
        open_page(page, site, target)
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.screenshot(path=path, full_page=path.parent != HERE)
        print(path.name, page.title(), f"(scrolls {wide} px sideways)" if wide > 0 else "")
    context.close()


def main() -> None:
    """Take what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--all", type=Path, help="folder for every page in both widths and schemes")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_executable(), args=["--no-sandbox"])
        if options.all:
            options.all.mkdir(parents=True, exist_ok=True)
            for width, scheme in ((1440, "light"), (390, "light"), (1440, "dark"), (390, "dark")):
                for who, targets in EVERY.items():
                    names = [
                        (t, options.all / f"{who or 'visitor'}-{n:02d}-{width}-{scheme}.png")
                        for n, t in enumerate(targets)
                    ]
                    take(browser, options.site, who, names, width, scheme)
        else:
            HERE.mkdir(exist_ok=True)
            for who, target, name in README:
                take(browser, options.site, who, [(target, HERE / f"{name}.png")], 1440, "light")
            take(browser, options.site, "", [("/", HERE / "customer-phone.png")], 390, "light")
        browser.close()


if __name__ == "__main__":
    main()
