"""Customers' documents in the language of their reader: other words, the same numbers."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from rest_framework.test import APIClient

from finance import services
from finance.models import Invoice
from finance.pdf import invoice_pdf
from finance.pdf.words import ENGLISH, SPANISH, WORDS
from tests.factories import NOW, EmployeeFactory
from tests.finance.settling import handle_events
from tests.finance.test_invoices import cancel, move
from tests.finance.test_pdf import HARD_NAMES, make_invoice, read, words
from tests.finance.test_supplier_invoices import aborted_invoice
from tests.notifications.test_languages import ENGLISH as ENGLISH_WORDS

pytestmark = pytest.mark.django_db


def own_words(invoice: Invoice, found: str) -> str:
    """Leave out what people wrote: names, addresses."""
    supplier = invoice.supplier
    for said in (HARD_NAMES, supplier.legal_name, *supplier.legal_address.splitlines(), invoice.launch.mission_name):
        found = found.replace(said, "")
    return found


def figures(found: str) -> list[str]:
    """Return the amounts, bare of what separates their digits."""
    return sorted(re.sub(r"\D", "", one) for one in re.findall(r"\b\d{1,3}(?:[, ]\d{3})*[.,]\d\d(?!\d)", found))


def test_every_word_is_there_in_every_language():
    assert list(SPANISH) == list(ENGLISH)
    same = [code for code in ENGLISH if ENGLISH[code] == SPANISH[code]]
    assert same == ["total"]


def test_an_invoice_in_spanish_has_other_words_and_the_same_numbers(settings):
    settings.TAX_PERCENT = Decimal("19.5")
    settings.COMPANY_NAME = "Astro Bookings Ltd"
    invoice = make_invoice(
        departure_precision="quarter", rocket__name="New Shepard", destination__name="the edge of space"
    )

    english, found = words(invoice_pdf(invoice)), words(invoice_pdf(invoice, "es"))

    day = f"{invoice.issued_on.day} de"
    for expected in (
        f"Factura {invoice.code}",
        f"Número {invoice.code} Fecha {day}",
        f"Reserva {invoice.booking.reference}",
        f"Por cuenta del proveedor {invoice.supplier.legal_name}",
        f"Asiento A1, {invoice.launch.rocket.name} al borde del espacio salida: no antes del primer trimestre de 2028",
        "450 000,00",
        "Impuesto, 19,5 %",
        "Total 900 000,00 USD",
        "Pagada con tarjeta.",
        "Emitida por Astro Bookings Ltd",
        "Página 1 de 1",
    ):
        assert expected in found, expected
    assert ENGLISH_WORDS.findall(own_words(invoice, found)) == []
    assert figures(found) == figures(english)
    assert len(figures(found)) == 5
    assert read(invoice_pdf(invoice, "es")).trailer["/Root"]["/Lang"] == "es"
    assert invoice_pdf(invoice, "es") == invoice_pdf(Invoice.objects.get(pk=invoice.pk), "es")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("cancelled", "Reembolso: cancelada"),
        ("goodwill, Noise", "Reembolso: cortesía, Noise"),
        ("A leak.", "Reembolso: A leak."),
        (
            "Not viable: 1 of 6 seats were sold, 2 would have been needed.",
            "Reembolso: No viable: se vendieron 1 de 6 asientos y hacían falta 2.",
        ),
        ("the departure was moved, and you chose to leave", "Reembolso: la salida cambió y usted eligió renunciar"),
    ],
)
def test_a_credit_note_in_spanish_says_why_and_what_it_lowers(reason, said):
    invoice = make_invoice()
    (note,) = services.credit_note_issue(
        booking_id=invoice.booking_id, event_id=77, amount=Decimal(1234), reason=reason, today=NOW.date()
    )

    found = words(invoice_pdf(note, "es"))

    assert f"Nota de crédito {note.code}" in found
    assert f"Rectifica {invoice.code} del {invoice.issued_on.day} de" in found
    assert f"{said} rebaja la factura {invoice.code} 1234,00" in found
    assert "El importe vuelve a la tarjeta" in found


def test_the_reasons_that_the_system_gives_have_no_english_left():
    invoice = make_invoice()
    cancel(invoice.booking)
    handle_events()
    note = Invoice.objects.get(kind="credit_note")

    assert ENGLISH_WORDS.findall(own_words(note, words(invoice_pdf(note, "es")))) == []


def test_a_move_is_said_in_spanish():
    invoice = make_invoice()
    new, note = move(invoice.booking, to=invoice.launch, old=900_000, new=900_000)

    assert f"Cambiado a otro lanzamiento, véase la factura {new.code}" in words(invoice_pdf(note, "es"))
    assert "Asientos, " in words(invoice_pdf(new, "es"))


def test_lines_from_before_values_were_kept_stay_as_they_were_issued():
    invoice = make_invoice()
    invoice.lines = [{"text": "Seat A1, old", "detail": "departs 2027", "amount": "900000.00"}]
    invoice.save(update_fields=["lines"])

    found = words(invoice_pdf(invoice, "es"))

    assert "Seat A1, old departs 2027 900 000,00" in found
    assert "Factura" in found


def test_a_suppliers_invoice_is_in_english_whoever_reads_it():
    invoice = aborted_invoice()

    assert invoice_pdf(invoice, "es") == invoice_pdf(invoice)


def test_each_door_prints_in_the_language_of_who_opens_it():
    invoice = make_invoice()
    customer, finance = invoice.customer, EmployeeFactory(employee_role="finance")
    customer.language = finance.language = "es"
    customer.save()
    finance.save()
    caller, client, desk = APIClient(), Client(), APIClient()
    caller.force_authenticate(customer)
    client.force_login(customer)
    desk.force_authenticate(finance)

    own = caller.get(f"/api/v1/customer/invoices/{invoice.pk}/pdf/").content
    page = client.get(f"/invoices/{invoice.pk}/pdf/").content
    staff = desk.get(f"/api/v1/employee/invoices/{invoice.pk}/pdf/").content

    assert own == page == invoice_pdf(invoice, "es")
    assert staff == invoice_pdf(invoice, "en") != own
    body = caller.get(f"/api/v1/customer/invoices/{invoice.pk}/").json()
    assert [sorted(line) for line in body["lines"]] == [["amount", "detail", "text"]] * 2
    assert set(WORDS) == {"en", "es"}
