"""An invoice or a credit note on paper."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from reportlab.platypus import Table

from common.dates import day_text
from common.money import format_exact, format_money
from finance.enums import InvoiceKind
from finance.pdf import sheet
from finance.pdf.sheet import Party, figure, gap, small, text
from finance.pdf.words import WORDS, line_said

if TYPE_CHECKING:
    from finance.models import Invoice


def invoice_pdf(invoice: "Invoice", language: str = "en") -> bytes:
    """
    Print a document; needs its supplier, customer, booking, launch and the invoice it corrects.

    language: of a customer's document; suppliers' are in English. Numbers, amounts and tax are the same in each.
    """
    sheet.fonts_register()
    printed = _Printed(invoice, "en" if invoice.kind == InvoiceKind.SUPPLIER else language)
    story = [
        sheet.parties(*printed.parties()),
        gap(14),
        sheet.facts(*printed.facts()),
        gap(18),
        printed.lines(),
        gap(20),
        text(printed.settlement(), fontName=sheet.STRONG),
        *(small(sentence) for sentence in printed.notes()),
    ]
    return sheet.build(
        kind=printed.say["credit_note" if invoice.kind == InvoiceKind.CREDIT_NOTE else "invoice"],
        code=invoice.code,
        subject=printed.subject(),
        story=story,
        language=printed.language,
    )


class _Printed:
    """One document in one language: its parts, from the head down."""

    def __init__(self, invoice: "Invoice", language: str) -> None:
        self.invoice, self.language, self.say = invoice, language, WORDS[language]

    def subject(self) -> str:
        booking = self.invoice.booking
        return f"{self.say['booking']} {booking.reference}" if booking else self.invoice.launch.mission_name

    def parties(self) -> tuple[Party, ...]:
        supplier = self.invoice.supplier
        company = Party(
            heading=self.say["from"],
            name=settings.COMPANY_NAME,
            lines=(*settings.COMPANY_ADDRESS.splitlines(), self._tax_id(settings.COMPANY_TAX_ID)),
        )
        seller = (*supplier.legal_address.splitlines(), self._tax_id(supplier.tax_id))
        name = supplier.legal_name or supplier.trade_name
        if self.invoice.kind == InvoiceKind.SUPPLIER:
            return Party(heading=self.say["to"], name=name, lines=seller), company
        customer = self.invoice.customer
        assert customer is not None  # noqa: S101 - for the type checker: only suppliers' invoices have none
        to = Party(heading=self.say["to"], name=customer.get_full_name(), lines=(customer.email,))
        return to, Party(heading=self.say["for_supplier"], name=name, lines=seller), company

    def _tax_id(self, number: str) -> str:
        return f"{self.say['tax_id']} {number}" if number else ""

    def facts(self) -> tuple[sheet.Row, ...]:
        invoice, say = self.invoice, self.say
        left = [(say["number"], invoice.code), (say["date"], self._day(invoice.issued_on))]
        if corrected := invoice.corrects:
            words = say["corrects_of"].format(code=corrected.code, day=self._day(corrected.issued_on))
            left.append((say["corrects"], words))
        elif invoice.kind == InvoiceKind.SUPPLIER:
            left.append((say["due"], self._day(invoice.due_on)))
        right = [(say["launch"], invoice.launch.mission_name), (say["currency"], invoice.currency)]
        if invoice.booking:
            right.insert(0, (say["booking"], invoice.booking.reference))
        return left, right

    def lines(self) -> Table:
        say, invoice = self.say, self.invoice
        rows = []
        for line in invoice.lines:
            words, detail = line_said(line, self.language)
            rows.append([[text(words), small(detail)], figure(self._exact(Decimal(line["amount"])))])
        percent = f"{invoice.tax_percent.normalize():f}"
        tax = say["tax"].format(percent=percent.replace(".", ",") if self.language == "es" else percent)
        total = say["total_said"].format(currency=invoice.currency, amount=self._exact(invoice.amount))
        strong = {"fontName": sheet.STRONG, "fontSize": 12, "leading": 16}
        sums = [
            [text(say["net"]), figure(self._exact(invoice.amount - invoice.tax_amount))],
            [text(tax), figure(self._exact(invoice.tax_amount))],
            [text(say["total"], **strong), figure(total, **strong)],
        ]
        amount = figure(say["amount"].format(currency=invoice.currency), fontSize=8.5, textColor=sheet.MUTED)
        return sheet.lines(head=[small(say["what"]), amount], rows=[*rows, *sums], widths=(0.7, 0.3), foot=3)

    def settlement(self) -> str:
        invoice = self.invoice
        if invoice.kind == InvoiceKind.CUSTOMER:
            return self.say["paid"]
        if invoice.kind == InvoiceKind.CREDIT_NOTE:
            return self.say["credited"]
        if hasattr(invoice, "statement") or not invoice.amount:
            return "Kept from the payout of the launch's statement. There is nothing to pay."
        amount = format_money(invoice.amount, invoice.currency)
        return f"Please pay {amount} by {self._day(invoice.due_on)} and name {invoice.code}."

    def notes(self) -> list[str]:
        notes = []
        if self.invoice.kind == InvoiceKind.SUPPLIER:
            if settings.COMPANY_BANK and not hasattr(self.invoice, "statement"):
                notes.append(settings.COMPANY_BANK)
        else:
            notes.append(self.say["issued_by"].format(company=settings.COMPANY_NAME))
            if self.invoice.kind == InvoiceKind.CUSTOMER:
                notes.append(self.say["dates"])
        if not self.invoice.tax_percent:
            notes.append(self.say["no_tax"])
        return notes

    def _day(self, day: date) -> str:
        return day_text(day, self.language)

    def _exact(self, amount: Decimal) -> str:
        return format_exact(amount, self.invoice.currency, self.language)
