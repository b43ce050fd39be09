"""
Suppliers' invoices, one a launch: our fee of a launch that flew, a flat amount for an aborted one, none if it failed.

The fee is kept from the payout of the launch's statement, and the invoice is settled by it. What an aborted launch
costs is paid by the supplier; employees record the payment (finance.services.receipts).
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings

from common import outbox
from common.money import format_money, percent_of, round_money
from finance import events, policies
from finance.enums import InvoiceKind, InvoiceStatus
from finance.models import Invoice
from finance.services import ledger
from finance.services.numbering import SUPPLIER_SERIES, number_draw
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from launches.models import Launch

ABORT_CURRENCY = "USD"


def fee_percent_for(*, launch: "Launch") -> Decimal:
    """Return our percentage of a launch's net revenue."""
    return policies.fee_percent(
        flown_before=launch_selectors.launches_flown_before(launch=launch),
        reliable_after=settings.RELIABLE_AFTER,
        percent=settings.FEE_PERCENT,
        reliable_percent=settings.FEE_PERCENT_RELIABLE,
    )


def fee_invoice_issue(*, launch: "Launch", net_amount: Decimal, now: datetime) -> Invoice:
    """
    Issue the invoice over our fee of a launch that flew, and book the fee. Needs the transaction of its statement.

    Args:
        net_amount: collected less refunded, in the launch's currency.
    """
    percent, currency = fee_percent_for(launch=launch), launch.price_currency
    amount = percent_of(max(net_amount, Decimal(0)), percent, currency)
    text = f"Fee for {launch.mission_name}: {percent.normalize():f} % of {format_money(net_amount, currency)}"
    return _issue(launch, amount, currency, text, now, is_kept=True)


def abort_invoice_issue(*, launch: "Launch", now: datetime) -> Invoice:
    """Issue the invoice over what an aborted launch costs, and book it. Needs the transaction of its statement."""
    amount = round_money(settings.ABORT_FEE_USD, ABORT_CURRENCY)
    return _issue(launch, amount, ABORT_CURRENCY, f"Aborted launch: {launch.mission_name}", now, is_kept=False)


def _issue(launch: "Launch", amount: Decimal, currency: str, text: str, now: datetime, *, is_kept: bool) -> Invoice:
    today: date = now.date()
    percent = settings.TAX_PERCENT
    if amount:
        ledger.fee_post(launch_id=launch.pk, amount=amount, currency=currency, now=now)
    invoice = Invoice.objects.create(
        kind=InvoiceKind.SUPPLIER,
        series=SUPPLIER_SERIES,
        year=today.year,
        number=number_draw(series=SUPPLIER_SERIES, year=today.year),
        launch=launch,
        supplier_id=launch.supplier_id,
        amount=amount,
        currency=currency,
        tax_percent=percent,
        tax_amount=policies.tax_contained(amount=amount, percent=percent, currency=currency),
        lines=[{"text": text, "detail": f"{launch.title}, {launch.departure_text}", "amount": str(amount)}],
        issued_on=today,
        due_on=today + timedelta(days=settings.INVOICE_DUE_DAYS),
        status=InvoiceStatus.PENDING if amount else InvoiceStatus.PAID,
    )
    outbox.publish(events.SupplierInvoiceIssued(**event_values(invoice), is_kept=is_kept))
    return invoice


def event_values(invoice: Invoice) -> dict[str, Any]:
    """Say a supplier's invoice in an event."""
    return {
        "supplier_id": invoice.supplier_id,
        "launch_id": invoice.launch_id,
        "invoice_id": invoice.pk,
        "code": invoice.code,
        "amount": invoice.amount,
        "open_amount": invoice.amount - invoice.paid_amount,
        "currency": invoice.currency,
        "due_on": invoice.due_on,
    }
