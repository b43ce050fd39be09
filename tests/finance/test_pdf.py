"""What stands on paper: numbers, parties, sums, names in many alphabets; and the same document is the same file."""

import re
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from finance import services
from finance.models import Invoice, SupplierStatement
from finance.pdf import invoice_pdf, statement_pdf
from finance.services.invoices import Leg
from tests.factories import NOW, LaunchFactory, SupplierFactory, UserFactory, make_booking
from tests.finance.settling import AFTER, end, handle_events, make_launch
from tests.finance.test_invoices import cancel
from tests.finance.test_supplier_invoices import aborted_invoice

pytestmark = pytest.mark.django_db
HARD_NAMES = "Żółć Ωmega Šimůnek Đặng Ирина <b>&amp;"


def read(content: bytes) -> PdfReader:
    return PdfReader(BytesIO(content))


def words(content: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in read(content).pages))


def make_invoice(**fields) -> Invoice:
    supplier = SupplierFactory(legal_name="Ωmega Rockets Sp. z o.o.", legal_address="ul. Żółta 1\nGdańsk")
    launch = make_launch(supplier, **fields)
    make_booking(launch=launch, customer=UserFactory(full_name=HARD_NAMES), seats=2)
    handle_events()
    return Invoice.objects.get(kind="customer")


def test_an_invoice_names_parties_seats_and_sums(settings):
    settings.TAX_PERCENT = Decimal("19")
    settings.COMPANY_NAME, settings.COMPANY_ADDRESS = "Astro Bookings Ltd", "1 Sky Way\nHouston"
    invoice = make_invoice(departure_precision="quarter")

    found = words(invoice_pdf(invoice))

    for expected in (
        f"Invoice {invoice.code}",
        HARD_NAMES,
        "Ωmega Rockets Sp. z o.o. ul. Żółta 1 Gdańsk Tax id 12-3456789",
        "Astro Bookings Ltd 1 Sky Way Houston",
        f"Booking {invoice.booking.reference}",
        f"Seat A1, {invoice.launch.title}",
        "departs no earlier than Q1 2028",
        "450,000.00",
        "Net 756,302.52",
        "Tax, 19 % 143,697.48",
        "Total USD 900,000.00",
        "Paid by card.",
        "Page 1 of 1",
    ):
        assert expected in re.sub(r" +", " ", found), expected
    assert "2028-" not in found


def test_a_credit_note_names_the_invoice_it_lowers():
    invoice = make_invoice()
    cancel(invoice.booking)
    handle_events()
    note = Invoice.objects.get(kind="credit_note")

    found = words(invoice_pdf(note))

    assert f"Credit note {note.code}" in found
    assert f"{invoice.code} of {invoice.issued_on.day} {invoice.issued_on:%B %Y}" in found
    assert "Total USD 405,000.00" in found
    assert "No tax is charged." in found


def test_a_suppliers_invoice_says_what_is_to_be_paid(settings):
    settings.COMPANY_BANK = "IBAN XX00 0000"
    invoice = aborted_invoice()

    found = words(invoice_pdf(invoice))

    due = f"{invoice.due_on.day} {invoice.due_on:%B %Y}"
    assert f"Please pay $1,000 by {due} and name {invoice.code}." in found
    assert "IBAN XX00 0000" in found
    assert "Supplier Inc." in found


def test_a_kept_fee_asks_for_no_payment(settings):
    settings.COMPANY_BANK = "IBAN XX00 0000"
    invoice = make_invoice()
    end(invoice.launch)

    found = words(invoice_pdf(Invoice.objects.get(kind="supplier")))

    assert "Kept from the payout" in found
    assert "IBAN" not in found


def test_a_statement_has_a_line_a_booking_on_as_many_pages_as_it_takes():
    launch = make_launch(seats=80)
    bookings = [make_booking(launch=launch) for _ in range(45)]
    handle_events()
    end(launch)
    statement = SupplierStatement.objects.get()

    content = statement_pdf(statement)
    found = words(content)

    assert len(read(content).pages) == 3
    assert [one.reference for one in bookings if one.reference not in found] == []
    assert found.count("Booking What Collected Refunded Net, USD") == 3
    assert "Sum 20,250,000.00 0.00 20,250,000.00" in found
    assert f"Our fee, invoice {statement.invoice.code} -202,500.00" in found
    assert "Payout USD 20,047,500.00" in found
    assert "We pay out $20,047,500." in found


def test_the_same_document_is_the_same_file():
    invoice = make_invoice()
    end(invoice.launch)
    statement = SupplierStatement.objects.get()

    assert invoice_pdf(invoice) == invoice_pdf(Invoice.objects.get(pk=invoice.pk))
    assert statement_pdf(statement) == statement_pdf(SupplierStatement.objects.get())


def test_a_launch_that_slips_later_changes_no_invoice():
    invoice = make_invoice()
    before = invoice_pdf(invoice)

    type(invoice.launch).objects.update(departure_at=AFTER.replace(year=2031))

    assert invoice_pdf(Invoice.objects.get(pk=invoice.pk)) == before


def test_the_file_says_what_it_is_and_carries_its_fonts():
    invoice = make_invoice()

    found = read(invoice_pdf(invoice))

    assert found.metadata.title == f"Invoice {invoice.code}"
    assert found.metadata.subject == f"Booking {invoice.booking.reference}"
    fonts = [font.get_object() for font in found.pages[0]["/Resources"]["/Font"].values()]
    real = [font for font in fonts if font["/BaseFont"] != "/Helvetica"]
    assert len(real) >= 3
    assert all("/FontFile2" in font["/FontDescriptor"] for font in real)


def test_a_moved_booking_says_so_on_paper():
    invoice = make_invoice()
    elsewhere = LaunchFactory(mission_name="Second try")

    new, note = services.invoices_for_moved(
        booking_id=invoice.booking_id,
        event_id=9,
        leg=Leg(number=2, launch_id=elsewhere.pk, amount=Decimal(900_000)),
        old_price_amount=Decimal(900_000),
        today=NOW.date(),
    )

    assert f"Moved to another launch, see invoice {new.code}" in words(invoice_pdf(note))
    assert "Second try" in words(invoice_pdf(new))
