"""The documents that go with mails."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core import mail as django_mail
from pypdf import PdfReader

from finance.models import Invoice
from finance.services import invoice_issue
from notifications import handlers, rendering, services
from notifications.models import Notification
from tests.notifications.builders import (
    NOW,
    booking_payload,
    cancelled,
    confirmed,
    event,
    make_booking,
    make_user,
    make_world,
    rows,
)
from tests.notifications.happenings import bill, moved
from tests.notifications.told import html_of, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def ada():
    return make_user("ada@example.org", full_name="Ada Example", time_zone="Europe/Madrid")


def paper_of(mail) -> tuple[str, str]:
    """Return the name and the words of the one PDF of a mail."""
    ((name, content, kind),) = mail.attachments
    assert kind == "application/pdf"
    return name, "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def issued(booking, **changes):
    invoice = invoice_issue(booking_id=booking.pk, event_id=1, today=NOW.date())
    values = {
        "booking_id": booking.pk,
        "customer_id": booking.customer_id,
        "amount": str(invoice.amount),
        "currency": "USD",
        "invoice_id": invoice.pk,
        "code": invoice.code,
        "kind": "customer",
    } | changes
    return event("finance.invoice.issued", **values)


def test_the_confirmation_comes_with_the_booking_on_paper(world, ada):
    booking = make_booking(world, ada, names=("Ada Example", "Bob Example"), reference="QK7M3P")

    name, words = paper_of(told(confirmed(booking), "booking_confirmed"))

    assert name == "booking-QK7M3P.pdf"
    for fact in (
        "QK7M3P",
        "New Shepard to the edge of space",
        "14 Mar 2028, 09:30 CDT",
        "14 Mar 2028, 15:30 CET",
        "Ada Example",
        "Bob Example",
        "$500,000",
        "Cancel by 14 March 2027: you get $450,000 of $500,000 back (90 %).",
        "It is not a ticket.",
        "Page 1 of 1",
    ):
        assert fact in words, fact


def test_the_paper_speaks_the_readers_language(world):
    luz = make_user("luz@example.org", language="es")
    booking = make_booking(world, luz, reference="QK7M3P")

    name, words = paper_of(told(confirmed(booking), "booking_confirmed"))

    assert name == "reserva-QK7M3P.pdf"
    for fact in ("New Shepard al borde del espacio", "14 de marzo de 2028", "250 000 USD", "Página 1 de 1"):
        assert fact in words, fact


def test_a_cancelled_booking_comes_as_such(world, ada):
    booking = make_booking(world, ada, status="cancelled", cancel_cause="customer", refund_amount=225_000)
    booking.passengers.update(cancelled_at=NOW)

    _, words = paper_of(told(cancelled(booking), "booking_cancelled"))

    assert "Cancelled booking" in words
    assert "$225,000" in words
    assert "Cancel by" not in words


@pytest.mark.parametrize("what", ["changed", "moved"])
def test_a_changed_or_moved_booking_comes_with_the_paper_as_it_is_now(world, ada, what):
    booking = make_booking(world, ada)
    change = {"passenger_ids": [1], "seat_labels": ["1A"], "fields": ["full_name"], "is_replacement": True}
    happened = {
        "changed": lambda: event("bookings.booking.changed", **booking_payload(booking), **change),
        "moved": lambda: moved(booking, from_launch_id=world.launch.pk),
    }[what]()

    assert "Ada Example" in paper_of(told(happened, f"booking_{what}"))[1]


def test_an_invoice_comes_with_its_mail_and_is_the_one_of_the_pages(world, ada, client):
    booking = make_booking(world, ada)
    happened = issued(booking)

    mail = told(happened, "invoice_issued")

    name, words = paper_of(mail)
    code = Invoice.objects.get().code
    assert name == f"{code}.pdf"
    assert code in words
    client.force_login(ada)
    assert client.get(f"/invoices/{happened.payload['invoice_id']}/pdf/").content == mail.attachments[0][1]


def test_an_invoice_comes_in_the_readers_language(world):
    luz = make_user("luz@example.org", language="es")
    happened = issued(make_booking(world, luz))

    name, words = paper_of(told(happened, "invoice_issued"))

    assert name == f"{happened.payload['code']}.pdf"
    assert f"Factura {happened.payload['code']}" in words.replace("\n", " ")
    assert "Paid" not in words


def test_a_suppliers_invoice_comes_with_its_mail(world):
    happened = bill(world, is_kept=False)

    name, words = paper_of(told(happened, "supplier_invoice_issued"))

    assert name == "S-2026-000001.pdf"
    assert "Red Rock Rockets Inc." in words


def test_every_attempt_carries_the_same_bytes(world, ada):
    handlers.event_tell(confirmed(make_booking(world, ada)))
    row = rows().get(template="booking_confirmed")

    first, later = (rendering.message_build(row=row, now=NOW + timedelta(hours=hours)) for hours in (0, 71))

    assert first.attachments == later.attachments


# --- what goes wrong ---------------------------------------------------------------------------------
def test_a_paper_that_cannot_be_made_never_keeps_the_mail(world, ada, caplog):
    mail = told(issued(make_booking(world, ada), invoice_id=999), "invoice_issued")

    assert mail.attachments == []
    code = Invoice.objects.get().code
    for text in (mail.body, html_of(mail)):
        assert f"We could not attach {code}.pdf. You can download it on the page above." in text
    assert f"goes without {code}.pdf, which cannot be made" in caplog.text


def test_a_paper_that_is_too_large_stays_out(world, ada, settings, caplog):
    settings.MAIL_ATTACHMENTS_MAX_BYTES = 100

    mail = told(confirmed(make_booking(world, ada)), "booking_confirmed")

    assert mail.attachments == []
    assert "We could not attach booking-" in mail.body
    assert "it is too large" in caplog.text


def test_nobody_gets_a_paper_of_somebody_else(world, ada):
    eve = make_user("eve@example.org")
    happened = issued(make_booking(world, ada), customer_id=eve.pk)

    handlers.event_tell(happened)
    Notification.objects.update(due_at=NOW)
    services.notifications_send_due(now=NOW, limit=10)

    (mail,) = django_mail.outbox
    assert (mail.to, mail.attachments) == (["eve@example.org"], [])


def test_the_papers_of_a_booking_are_for_its_customer_alone(world, ada, client):
    booking = make_booking(world, ada, reference="QK7M3P")
    path = f"/trips/{booking.reference}/booking.pdf"

    client.force_login(ada)
    own = client.get(path)
    client.force_login(make_user("eve@example.org"))
    others = client.get(path)

    assert (own.status_code, own["Content-Type"]) == (200, "application/pdf")
    assert own["Content-Disposition"] == 'attachment; filename="booking-QK7M3P.pdf"'
    assert own.content.startswith(b"%PDF")
    assert others.status_code == 404
