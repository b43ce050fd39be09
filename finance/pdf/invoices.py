"""An invoice or a credit note on paper."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from reportlab.platypus import Table

from common.money import format_exact, format_money
from finance.enums import InvoiceKind
from finance.pdf import sheet
from finance.pdf.sheet import Party, figure, gap, small, text

if TYPE_CHECKING:
    from finance.models import Invoice

TITLES = {InvoiceKind.CUSTOMER: "Invoice", InvoiceKind.CREDIT_NOTE: "Credit note", InvoiceKind.SUPPLIER: "Invoice"}


def invoice_pdf(invoice: "Invoice") -> bytes:
    """Print a document; needs its supplier, customer, booking, launch and the invoice it corrects."""
    sheet.fonts_register()
    kind = TITLES[InvoiceKind(invoice.kind)]
    story = [
        sheet.parties(*_parties(invoice)),
        gap(14),
        sheet.facts(*_facts(invoice)),
        gap(18),
        _lines(invoice),
        gap(20),
        text(_settlement(invoice), fontName=sheet.STRONG),
        *(small(sentence) for sentence in _notes(invoice)),
    ]
    return sheet.build(kind=kind, code=invoice.code, subject=_subject(invoice), story=story)


def _subject(invoice: "Invoice") -> str:
    return f"Booking {invoice.booking.reference}" if invoice.booking else invoice.launch.mission_name


def _parties(invoice: "Invoice") -> tuple[Party, ...]:
    supplier = invoice.supplier
    company = Party(
        heading="From",
        name=settings.COMPANY_NAME,
        lines=(*settings.COMPANY_ADDRESS.splitlines(), _tax_id(settings.COMPANY_TAX_ID)),
    )
    seller = (*supplier.legal_address.splitlines(), _tax_id(supplier.tax_id))
    name = supplier.legal_name or supplier.trade_name
    if invoice.kind == InvoiceKind.SUPPLIER:
        return Party(heading="To", name=name, lines=seller), company
    customer = invoice.customer
    assert customer is not None  # noqa: S101 - for the type checker: only suppliers' invoices have none
    to = Party(heading="To", name=customer.get_full_name(), lines=(customer.email,))
    return to, Party(heading="For the supplier", name=name, lines=seller), company


def _tax_id(number: str) -> str:
    return f"Tax id {number}" if number else ""


def _facts(invoice: "Invoice") -> tuple[sheet.Row, ...]:
    left = [("Number", invoice.code), ("Date", said_day(invoice.issued_on))]
    if invoice.corrects:
        left.append(("Corrects", f"{invoice.corrects.code} of {said_day(invoice.corrects.issued_on)}"))
    elif invoice.kind == InvoiceKind.SUPPLIER:
        left.append(("Due", said_day(invoice.due_on)))
    right = [("Launch", invoice.launch.mission_name), ("Currency", invoice.currency)]
    if invoice.booking:
        right.insert(0, ("Booking", invoice.booking.reference))
    return left, right


def _lines(invoice: "Invoice") -> Table:
    currency = invoice.currency
    rows = [
        [[text(line["text"]), small(line.get("detail", ""))], figure(format_exact(Decimal(line["amount"]), currency))]
        for line in invoice.lines
    ]
    net = invoice.amount - invoice.tax_amount
    sums = [
        [text("Net"), figure(format_exact(net, currency))],
        [text(f"Tax, {invoice.tax_percent.normalize():f} %"), figure(format_exact(invoice.tax_amount, currency))],
        [
            text("Total", fontName=sheet.STRONG, fontSize=12, leading=16),
            figure(
                f"{currency} {format_exact(invoice.amount, currency)}", fontName=sheet.STRONG, fontSize=12, leading=16
            ),
        ],
    ]
    head = [small("What"), figure(f"Amount, {currency}", fontSize=8.5, textColor=sheet.MUTED)]
    return sheet.lines(head=head, rows=[*rows, *sums], widths=(0.7, 0.3), foot=3)


def _settlement(invoice: "Invoice") -> str:
    if invoice.kind == InvoiceKind.CUSTOMER:
        return "Paid by card. There is nothing left to pay."
    if invoice.kind == InvoiceKind.CREDIT_NOTE:
        return "The amount goes back to the card it was paid with, or lowers what a move to another launch costs."
    if hasattr(invoice, "statement") or not invoice.amount:
        return "Kept from the payout of the launch's statement. There is nothing to pay."
    amount = format_money(invoice.amount, invoice.currency)
    return f"Please pay {amount} by {said_day(invoice.due_on)} and name {invoice.code}."


def _notes(invoice: "Invoice") -> list[str]:
    notes = []
    if invoice.kind == InvoiceKind.SUPPLIER:
        if settings.COMPANY_BANK and not hasattr(invoice, "statement"):
            notes.append(settings.COMPANY_BANK)
    else:
        notes.append(f"Issued by {settings.COMPANY_NAME}, who sells and collects for the supplier.")
        if invoice.kind == InvoiceKind.CUSTOMER:
            notes.append("Dates are as exact as they were known on the day of this invoice, at the spaceport.")
    if not invoice.tax_percent:
        notes.append("No tax is charged.")
    return notes


def said_day(day: date) -> str:
    """Say a day: "3 March 2027"."""
    return f"{day.day} {day:%B %Y}"
