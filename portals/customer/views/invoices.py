"""Invoices and credit notes."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.web.downloads import pdf_response
from finance import pdf
from finance import selectors as finance_selectors
from portals.customer.rendering import me, page
from portals.shared.doors import customer_required, translate_domain_errors


@require_safe
@never_cache
@customer_required
def invoice_list(request: HttpRequest) -> HttpResponse:
    """All of the customer's, the latest first."""
    invoices = finance_selectors.invoices_of_customer(customer=me(request))
    return page(request, "customer/invoice_list.html", {"invoices": invoices})


@require_safe
@never_cache
@customer_required
@translate_domain_errors()
def invoice_detail(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """One, made to be printed."""
    invoice = finance_selectors.invoice_get(customer=me(request), invoice_id=invoice_id)
    return page(request, "customer/invoice_detail.html", {"invoice": invoice})


@require_safe
@customer_required
@translate_domain_errors()
def invoice_pdf(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """One, as a PDF in the reader's language."""
    customer = me(request)
    invoice = finance_selectors.invoice_get(customer=customer, invoice_id=invoice_id)
    return pdf_response(content=pdf.invoice_pdf(invoice, customer.language), name=invoice.code)
