"""What the supplier is owed and owes: statements and invoices, for owners and finance members."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.web.downloads import pdf_response
from finance import pdf
from finance import selectors as finance_selectors
from finance.errors import MoneyRoleForbids
from launches.selectors import Desk
from portals.supplier.desk import at_desk, page

P = ParamSpec("P")
PAGE = 25


def _money_view(
    view: Callable[Concatenate[HttpRequest, Desk, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let only those in who work with money; the selectors refuse the others too."""

    def checked(request: HttpRequest, desk: Desk, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not desk.may_see_money:
            raise MoneyRoleForbids
        return view(request, desk, *args, **kwargs)

    return require_safe(wraps(view)(at_desk(checked)))


@_money_view
def statement_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the statements, the latest first."""
    user: Any = request.user
    cursor = request.GET.get("cursor", "")
    found = finance_selectors.statement_list_for_supplier(actor=user, cursor=cursor, limit=PAGE)
    context = {"statements": found.rows, "next_cursor": found.next_cursor, "is_later_page": bool(cursor)}
    return page(request, desk, "supplier/statement_list.html", context)


@_money_view
def statement_detail(request: HttpRequest, desk: Desk, statement_id: int) -> HttpResponse:
    """Show a statement, line by line."""
    user: Any = request.user
    statement = finance_selectors.statement_get_for_supplier(actor=user, statement_id=statement_id)
    return page(request, desk, "supplier/statement_detail.html", {"statement": statement})


@_money_view
def statement_pdf(request: HttpRequest, desk: Desk, statement_id: int) -> HttpResponse:
    """Give it as a PDF."""
    user: Any = request.user
    statement = finance_selectors.statement_get_for_supplier(actor=user, statement_id=statement_id)
    return pdf_response(content=pdf.statement_pdf(statement), name=pdf.statement_file_name(statement))


@_money_view
def invoice_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the invoices to the supplier, the latest first."""
    user: Any = request.user
    cursor = request.GET.get("cursor", "")
    found = finance_selectors.invoice_list_for_supplier(actor=user, cursor=cursor, limit=PAGE)
    context = {"invoices": found.rows, "next_cursor": found.next_cursor, "is_later_page": bool(cursor)}
    return page(request, desk, "supplier/invoice_list.html", context)


@_money_view
def invoice_detail(request: HttpRequest, desk: Desk, invoice_id: int) -> HttpResponse:
    """Show an invoice and what has come in for it."""
    user: Any = request.user
    invoice = finance_selectors.invoice_get_for_supplier(actor=user, invoice_id=invoice_id)
    return page(request, desk, "supplier/invoice_detail.html", {"invoice": invoice})


@_money_view
def invoice_pdf(request: HttpRequest, desk: Desk, invoice_id: int) -> HttpResponse:
    """Give it as a PDF."""
    user: Any = request.user
    invoice = finance_selectors.invoice_get_for_supplier(actor=user, invoice_id=invoice_id)
    return pdf_response(content=pdf.invoice_pdf(invoice), name=invoice.code)
