"""A supplier's statement on paper."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from reportlab.platypus import Table

from common.dates import day_text
from common.money import format_exact, format_money
from finance.pdf import sheet
from finance.pdf.sheet import Party, figure, gap, small, text

if TYPE_CHECKING:
    from finance.models import SupplierStatement


def statement_pdf(statement: "SupplierStatement") -> bytes:
    """Print a statement; needs its supplier, its invoice, and the launch with its names."""
    sheet.fonts_register()
    supplier, launch = statement.supplier, statement.launch
    tax = f"Tax id {supplier.tax_id}" if supplier.tax_id else ""
    to = Party(
        heading="To",
        name=supplier.legal_name or supplier.trade_name,
        lines=(*supplier.legal_address.splitlines(), tax),
    )
    company = Party(heading="From", name=settings.COMPANY_NAME, lines=tuple(settings.COMPANY_ADDRESS.splitlines()))
    left = [("Launch", launch.mission_name), ("Flight", launch.title), ("Departure", launch.departure_text)]
    right = [("Outcome", launch.get_status_display()), ("Date", day_text(statement.issued_at.date()))]
    if statement.invoice:
        right.append(("Invoice", statement.invoice.code))
    story = [
        sheet.parties(to, company),
        gap(14),
        sheet.facts(left, right),
        gap(18),
        _lines(statement),
        gap(20),
        text(_settlement(statement), fontName=sheet.STRONG),
    ]
    return sheet.build(
        kind="Statement", code=code_of(statement), subject=f"{launch.mission_name}, {launch.title}", story=story
    )


def code_of(statement: "SupplierStatement") -> str:
    """Return what people call a statement: the launch's number and the day."""
    return f"Launch {statement.launch_id}, {statement.issued_at:%Y-%m-%d}"


def _lines(statement: "SupplierStatement") -> Table:
    heads = ["Collected", "Refunded", f"Net, {statement.currency}"]
    head = [small("Booking"), small("What"), *(figure(one, fontSize=8.5, textColor=sheet.MUTED) for one in heads)]
    rows = [_row(line, statement.currency) for line in statement.lines]
    collected, refunded = statement.collected_amount, statement.refunded_amount
    sums = [
        [text("Sum"), "", *_figures(statement.currency, collected, refunded, collected - refunded)],
        [
            text("Payout", fontName=sheet.STRONG, fontSize=12, leading=16),
            "",
            figure(
                f"{statement.currency} {format_exact(statement.payout_amount, statement.currency)}",
                fontName=sheet.STRONG,
                fontSize=12,
                leading=16,
            ),
            *("", ""),
        ],
    ]
    bookings = [row for row, line in zip(rows, statement.lines, strict=True) if line["kind"] == "booking"]
    others = [row for row, line in zip(rows, statement.lines, strict=True) if line["kind"] != "booking"]
    return sheet.lines(
        head=head,
        rows=[*bookings, sums[0], *others, sums[1]],
        widths=(0.13, 0.36, 0.17, 0.17, 0.17),
        foot=2 + len(others),
    )


def _row(line: dict[str, str], currency: str) -> list[Any]:
    if line["kind"] != "booking":
        return [text(line["text"]), "", "", "", *_figures(currency, Decimal(line["net"]))]
    amounts = (Decimal(line[key]) for key in ("collected", "refunded", "net"))
    return [text(line["reference"], fontName=sheet.STRONG), text(line["text"]), *_figures(currency, *amounts)]


def _figures(currency: str, *amounts: Decimal) -> list[Any]:
    return [figure(format_exact(amount, currency)) for amount in amounts]


def _settlement(statement: "SupplierStatement") -> str:
    amount = format_money(statement.payout_amount, statement.currency)
    if statement.payout_amount > 0:
        return f"We pay out {amount}."
    if statement.payout_amount < 0:
        return f"Nothing is paid out. {amount} is carried into the next statement."
    return "Nothing is left to pay out."


def statement_file_name(statement: "SupplierStatement") -> str:
    """Name the file, without its ending."""
    return f"statement-{statement.launch.slug}"
