"""Invoices of everybody, payments of them, statements and their payouts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Busy, DomainError, Kind
from common.money import format_money
from common.web.downloads import pdf_response
from finance import pdf
from finance import selectors as finance_selectors
from finance import services as finance_services
from finance.enums import InvoiceKind, InvoiceStatus
from finance.selectors import InvoiceFilters
from portals.employee.desk import FINANCE, employee_view, page, told
from portals.employee.forms import ReceiptForm
from portals.shared import htmx
from portals.shared.doors import errors_to_form, lock_waits, refused
from portals.shared.numbers import number_of

PAGE = 50


@require_safe
@employee_view(FINANCE)
def invoice_list(request: HttpRequest) -> HttpResponse:
    """List invoices, the latest first; the filter stands in the address, its sums below."""
    user: Any = request.user
    given = request.GET
    year = number_of(given.get("year", ""))
    filters = InvoiceFilters(
        text=given.get("q", "").replace("\0", "").strip()[:200],
        kind=_known(given.get("kind", ""), InvoiceKind.values),
        status=_known(given.get("status", ""), InvoiceStatus.values),
        year=year if year and year < 10_000 else None,
    )
    cursor = given.get("cursor", "")
    found = finance_selectors.invoice_list_for_employee(actor=user, filters=filters, cursor=cursor, limit=PAGE)
    context = {
        "invoices": found.rows,
        "next_cursor": found.next_cursor,
        "is_later_page": bool(cursor),
        "filters": filters,
        "is_filtered": filters != InvoiceFilters(),
        "kinds": InvoiceKind.choices,
        "statuses": InvoiceStatus.choices,
        "sums": [
            (InvoiceKind(one.kind).label, one) for one in finance_selectors.invoice_sums(actor=user, filters=filters)
        ],
    }
    return page(request, "employee/invoice_list.html", context, fragment="rows")


def _known(code: str, codes: list[str]) -> str:
    return code if code in codes else ""


@require_http_methods(["GET", "HEAD", "POST"])
@employee_view(FINANCE)
def invoice_detail(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Show an invoice; a POST records a payment of it."""
    user: Any = request.user
    invoice = finance_selectors.invoice_get_for_employee(actor=user, invoice_id=invoice_id)
    now = timezone.now()
    why_closed = finance_services.closed_because(invoice)
    open_amount = invoice.amount - invoice.paid_amount
    seen = {
        "amount": f"{open_amount.normalize():f}",  # figures without zeros that say nothing, never 1E+3
        "received_on": now.date(),
        "seen_paid_amount": invoice.paid_amount,
    }
    form = ReceiptForm(request.POST if request.method == "POST" else None, initial=seen)
    status = 422
    if form.is_bound and form.is_valid():
        try:
            with lock_waits():
                receipt = finance_services.invoice_payment_record(
                    actor=user, invoice_id=invoice_id, now=now, **form.cleaned_data
                )
        except Busy as error:
            status = refused(form, error)
        except DomainError as error:
            if error.kind is not Kind.INVALID:
                raise
            errors_to_form(form, error)
        else:
            amount = format_money(receipt.amount, invoice.currency)
            told(request, f"{amount} for {invoice.code} is recorded.")
            return htmx.redirect_page(request, "employee:invoice-detail", invoice_id)
    context = {
        "invoice": invoice,
        "open_amount": open_amount,
        "form": None if why_closed else form,
        "why_closed": why_closed,
    }
    return page(request, "employee/invoice_detail.html", context, status=status if form.errors else 200)


@require_safe
@employee_view(FINANCE)
def invoice_pdf(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Give an invoice as a PDF."""
    user: Any = request.user
    invoice = finance_selectors.invoice_get_for_employee(actor=user, invoice_id=invoice_id)
    return pdf_response(content=pdf.invoice_pdf(invoice), name=invoice.code)


@require_safe
@employee_view(FINANCE)
def statement_list(request: HttpRequest) -> HttpResponse:
    """List statements, the latest first; `open` shows those that wait for their payout."""
    user: Any = request.user
    is_open, cursor = request.GET.get("show") == "open", request.GET.get("cursor", "")
    found = finance_selectors.statement_list_for_employee(actor=user, is_open=is_open, cursor=cursor, limit=PAGE)
    context = {
        "statements": found.rows,
        "next_cursor": found.next_cursor,
        "is_later_page": bool(cursor),
        "is_open": is_open,
    }
    return page(request, "employee/statement_list.html", context, fragment="rows")


@require_safe
@employee_view(FINANCE)
def statement_detail(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Show a statement, line by line."""
    user: Any = request.user
    statement = finance_selectors.statement_get_for_employee(actor=user, statement_id=statement_id)
    return page(request, "employee/statement_detail.html", {"statement": statement})


@require_safe
@employee_view(FINANCE)
def statement_pdf(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Give a statement as a PDF."""
    user: Any = request.user
    statement = finance_selectors.statement_get_for_employee(actor=user, statement_id=statement_id)
    return pdf_response(content=pdf.statement_pdf(statement), name=pdf.statement_file_name(statement))


@require_http_methods(["GET", "HEAD", "POST"])
@employee_view(FINANCE)
def statement_payout(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Say what marking a statement as paid out does; a POST does it."""
    user: Any = request.user
    if request.method != "POST":
        statement = finance_selectors.statement_get_for_employee(actor=user, statement_id=statement_id)
        if statement.paid_out_at is not None:
            return htmx.redirect_page(request, "employee:statement-detail", statement_id)
        return page(request, "employee/statement_payout.html", {"statement": statement})
    statement = finance_services.statement_pay_out(actor=user, statement_id=statement_id, now=timezone.now())
    if statement.payout_amount > 0:
        amount = format_money(statement.payout_amount, statement.currency)
        told(request, f"The payout of {amount} is booked. The supplier is told.")
    else:
        told(request, "The statement is closed; nothing was paid out.")
    return htmx.redirect_page(request, "employee:statement-detail", statement_id)
