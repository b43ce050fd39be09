"""
Each message, once more by hand: whom it goes to, which page of which object it leads to, whether a paper goes with it.

The table here is written apart from the catalogue: changing a receiver, a link or a paper there fails here.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from django.urls import resolve
from django.utils import timezone

from finance.models import Invoice, SupplierStatement
from finance.services import credit_note_issue, invoice_issue
from launches.models import Launch, SupplierMember
from notifications import handlers
from notifications.contents import MAKERS
from tests.notifications.builders import NOW, World, event, make_booking, make_user, rows
from tests.notifications.happenings import every_event
from tests.notifications.told import html_of, send_all

REFERENCE = "QK7M3P"
CUSTOMER, VIP = ["ada@example.org"], ["vip@example.org"]
DESK = ["operator@red-rock.example", "owner@red-rock.example"]
MONEY = ["money@red-rock.example", "owner@red-rock.example"]
FINANCE, IT = ["finance@astro.example"], ["it@astro.example"]


@dataclass(frozen=True, kw_only=True)
class Told:
    """
    To whom, and where it leads: the name of the page and what of the event it is about, `=` before a fixed value.

    paper: the file's name. button: the page that the mail's button leads to, where only the mail may name it.
    """

    to: list[str]
    page: str = ""
    about: tuple[str, ...] = ()
    paper: str = ""
    button: str = ""


def trip(**more: Any) -> Told:
    return Told(to=CUSTOMER, page="customer:trip-detail", about=(f"={REFERENCE}",), **more)


def desk(*, to: list[str] = DESK, page: str = "launch-detail", about: str = "launch_id", paper: str = "") -> Told:
    return Told(to=to, page=f"supplier:{page}", about=(about,), paper=paper)


def staff(to: list[str], page: str, *about: str) -> Told:
    return Told(to=to, page=f"employee:{page}", about=about)


BOOKING_PAPER = f"booking-{REFERENCE}.pdf"
TABLE = {
    "email_confirmation": Told(to=["new@example.org"], button="accounts:confirm"),
    "already_registered": Told(to=CUSTOMER, page="accounts:sign-in"),
    "account_created": Told(to=CUSTOMER, page="accounts:sign-in"),
    "password_reset": Told(to=CUSTOMER, button="accounts:reset"),
    "password_changed": Told(to=CUSTOMER, page="accounts:forgotten"),
    "new_sign_in": Told(to=CUSTOMER, page="accounts:forgotten"),
    **dict.fromkeys(
        ("second_factor_enrolled", "second_factor_reset", "recovery_code_used"),
        Told(to=CUSTOMER, page="accounts:forgotten"),
    ),
    "address_bounced": Told(to=CUSTOMER, page="customer:preferences"),
    "launch_scheduled": Told(to=VIP, page="customer:launch-detail", about=("=new-shepard-corn-ranch",)),
    "launch_confirmed": trip(),
    "launch_delayed": trip(),
    "launch_date_changed": trip(),
    "launch_launched": trip(),
    "booking_confirmed": trip(paper=BOOKING_PAPER),
    "booking_cancelled": trip(paper=BOOKING_PAPER),
    "booking_changed": trip(paper=BOOKING_PAPER),
    "booking_moved": trip(paper=BOOKING_PAPER),
    "hold_lapsing": Told(to=CUSTOMER, page="customer:hold-passengers", about=("hold_id",)),
    "invoice_issued": Told(to=CUSTOMER, page="customer:invoice-detail", about=("invoice_id",), paper="{code}.pdf"),
    "credit_note_issued": Told(to=CUSTOMER, page="customer:invoice-detail", about=("invoice_id",), paper="{code}.pdf"),
    "payment_returned": trip(),
    "refund_succeeded": trip(),
    "slip_opened": trip(button="customer:slip"),
    "slip_reminded": trip(button="customer:slip"),
    "slip_kept": trip(),
    "waiting_offered": Told(to=CUSTOMER, page="customer:waiting-detail", about=("entry_id",)),
    "waiting_closed": Told(to=CUSTOMER, page="customer:launch-detail", about=("=new-shepard-corn-ranch",)),
    "purchase_called_off": Told(to=CUSTOMER, page="customer:launch-detail", about=("=new-shepard-corn-ranch",)),
    "supplier_approved": Told(to=DESK, page="supplier:home"),
    "supplier_suspended": Told(to=["owner@grounded.example"], page="supplier:home"),
    "supplier_launch_moved": desk(),
    "supplier_viability_warning": desk(),
    "supplier_booking_confirmed": desk(),
    "supplier_booking_cancelled": desk(),
    "supplier_booking_changed": desk(),
    "supplier_booking_moved": desk(about="to_launch_id"),
    "webhook_paused": desk(page="webhook-detail", about="webhook_id"),
    "supplier_invoice_issued": desk(to=MONEY, page="invoice-detail", about="invoice_id", paper="{code}.pdf"),
    "supplier_invoice_overdue": desk(to=MONEY, page="invoice-detail", about="invoice_id", paper="{code}.pdf"),
    "supplier_statement_issued": desk(
        to=MONEY, page="statement-detail", about="statement_id", paper="statement-{launch_id}.pdf"
    ),
    "supplier_paid_out": desk(to=MONEY, page="statement-detail", about="statement_id"),
    "staff_supplier_invoice_issued": staff(FINANCE, "invoice-detail", "invoice_id"),
    "staff_invoice_overdue": staff(FINANCE, "invoice-detail", "invoice_id"),
    "staff_statement_issued": staff(FINANCE, "statement-detail", "statement_id"),
    "staff_day_summed_up": staff(FINANCE, "invoice-list"),
    "staff_payment_returned": staff(FINANCE, "booking-detail", f"={REFERENCE}"),
    "staff_refund_failed": staff(FINANCE, "refund-list", "#refund-", "refund_id"),
    "staff_money_differences": staff(FINANCE, "money-run", "run_id"),
    "staff_event_parked": staff(IT, "event-list"),
    "staff_job_keeps_failing": staff(IT, "job-detail", "=expire-holds"),
    "staff_drift_found": staff(IT, "reconciliation-run", "run_id"),
    "staff_drift_left": staff(IT, "reconciliation-run", "run_id"),
    "staff_audit_broken": staff(IT, "audit-list"),
    "staff_wording_broke": staff(IT, "wording-detail", "template", "language"),
}


def people(world: World) -> None:
    """Add somebody of each role, and strangers to all that happens."""
    for role in ("operator", "finance", "gate"):
        name = "money" if role == "finance" else role
        user = make_user(f"{name}@red-rock.example", kind="supplier")
        SupplierMember.objects.create(supplier=world.supplier, user=user, role=role)
    for role in ("support", "finance", "it", "admin"):
        make_user(f"{role}@astro.example", kind="employee", employee_role=role)
    elsewhere = Launch.objects.get(pk=world.launch.pk)
    elsewhere.pk, elsewhere.slug = None, "elsewhere"
    elsewhere.save()
    there = World(supplier=world.supplier, owner=world.owner, launch=elsewhere)
    vip = make_user("vip@example.org")
    for _ in range(2):
        make_booking(there, vip)
    make_booking(there, make_user("stranger@example.org"))


def with_documents(happened: Any, booking: Any) -> Any:
    """Put invoices and statements that there are into an event, so that their papers can be printed."""
    what = (happened.name, happened.payload.get("kind"))
    made: dict[str, Any] = {}
    if what == ("finance.invoice.issued", "customer"):
        made = _invoice(invoice_issue(booking_id=booking.pk, event_id=1, today=NOW.date()))
    elif what == ("finance.invoice.issued", "credit_note"):
        (note,) = credit_note_issue(booking_id=booking.pk, event_id=2, amount=Decimal(5), reason="x", today=NOW.date())
        made = _invoice(note)
    elif happened.name.startswith("finance.supplier_invoice."):
        values = {"kind": "supplier", "series": "S", "year": 2025, "supplier_id": booking.launch.supplier_id}
        more = {"amount": 1000, "currency": "USD", "lines": [], "issued_on": NOW.date(), "due_on": NOW.date()}
        launch = Launch.objects.get(slug="elsewhere")
        made = _invoice(Invoice.objects.get_or_create(number=1, launch=launch, defaults={**values, **more})[0])
    elif happened.name.startswith("finance.statement."):
        sums = dict.fromkeys(("collected_amount", "refunded_amount", "fee_amount", "payout_amount"), 0)
        statement, _ = SupplierStatement.objects.get_or_create(
            launch=booking.launch,
            defaults={"supplier": booking.launch.supplier, "currency": "USD", "lines": [], "issued_at": NOW, **sums},
        )
        made = {"statement_id": statement.pk}
    return replace(happened, payload={**happened.payload, **made})


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {"invoice_id": invoice.pk, "code": invoice.code}


@pytest.fixture
def mailed(world, ada, monkeypatch):
    """Have everything happen once; return the rows and mails of each template, with the events they come from."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)  # offers and held seats are still open when they are told
    people(world)
    booking = make_booking(world, ada, reference=REFERENCE)
    fresh = make_user("new@example.org", email_confirmed_at=None)
    Launch.objects.filter(pk=world.launch.pk).update(status="confirmed")
    happenings = [event("accounts.user.confirmation_requested", user_id=fresh.pk), *every_event(world, booking)]
    events = {}
    for number, happened in enumerate(happenings, start=100):
        events[number] = replace(with_documents(happened, booking), id=number)
        handlers.event_tell(events[number])
    mails = {mail.extra_headers["Message-ID"]: mail for mail in send_all()}
    return [(row, events[int(row.dedupe_key.split(":")[0])], mails.get(row.message_id)) for row in rows()]


def where(wanted: Told, payload: dict[str, Any]) -> tuple[str, list[str], str]:
    """Return the page, its arguments and the place on it that a message should lead to."""
    values = [one.removeprefix("=") if one[0] in "=#" else str(payload[one]) for one in wanted.about]
    if values and values[0].startswith("#"):
        return wanted.page, [], "".join(values)
    return wanted.page, values, ""


def leads_to(path: str) -> tuple[str, list[str], str]:
    if not path:
        return "", [], ""
    page, mark, place = path.partition("#")
    found = resolve(page)
    return found.view_name, [str(value) for value in (*found.args, *found.kwargs.values())], mark + place


def test_the_table_knows_every_message():
    assert set(TABLE) == set(MAKERS)


@pytest.mark.django_db
def test_each_message_goes_to_whom_it_should_leads_where_it_should_and_carries_its_paper(mailed):
    told: dict[tuple[str, int], list[str]] = {}
    for row, happened, mail in mailed:
        wanted, payload = TABLE[row.template], happened.payload
        assert row.status == "sent", (row.template, row.latest_error)
        told.setdefault((row.template, happened.id), []).append(row.receiver.email)
        assert leads_to(row.link) == where(wanted, payload), row.template
        if row.template == "address_bounced":  # the inbox alone
            assert (row.address, mail) == ("", None)
            continue
        assert mail.to == [row.receiver.email]
        button = re.search(r":\nhttp://testserver(/\S*)\n", mail.body)[1]
        assert f'href="http://testserver{button}"' in html_of(mail)
        assert (leads_to(button)[0] == wanted.button) if wanted.button else (button == row.link), row.template
        papers = [(name, content[:4], kind) for name, content, kind in mail.attachments]
        expected = [(wanted.paper.format(**payload), b"%PDF", "application/pdf")] if wanted.paper else []
        assert papers == expected, row.template

    assert {(template, *sorted(to)) for (template, _), to in told.items()} == {
        (template, *wanted.to) for template, wanted in TABLE.items()
    }
