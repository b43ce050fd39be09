"""Customers, suppliers and employees read invoices and statements; finance records payments and payouts."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer, IsEmployee, IsSupplierMember
from accounts.enums import EmployeeRole
from common import clock
from common.idempotency import Attempt
from common.keyset import Page
from common.web.api import IdempotentView, read_input, read_limit
from common.web.downloads import pdf_response
from finance import pdf, selectors, services
from finance.api.invoice_bodies import (
    InvoiceFilterInput,
    InvoiceListOutput,
    InvoiceOutput,
    ReceiptInput,
    StatementFilterInput,
    StatementListOutput,
    StatementOutput,
    invoice_body,
    statement_body,
)
from finance.selectors import InvoiceFilters

IsMoneyDesk = IsEmployee.of(EmployeeRole.FINANCE)
CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="next_cursor of the page before")
LIMIT = OpenApiParameter("limit", OpenApiTypes.INT, description="1 to 100 entries a page")
PDF = {(200, "application/pdf"): OpenApiTypes.BINARY}


def _invoices(page: Page) -> Response:
    return Response({"results": [invoice_body(one) for one in page.rows], "next_cursor": page.next_cursor})


def _statements(page: Page) -> Response:
    return Response({"results": [statement_body(one) for one in page.rows], "next_cursor": page.next_cursor})


def _paging(request: SignedInRequest) -> dict[str, Any]:
    return {"cursor": request.query_params.get("cursor", ""), "limit": read_limit(request)}


class _PdfView(APIView):
    """Answers with a PDF whatever the caller accepts; a problem is told as JSON."""

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)


# --- customers -------------------------------------------------------------------------------------------------------
class OwnInvoiceListView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_invoice_list",
        tags=["customer"],
        summary="List my invoices and credit notes, the latest first",
        parameters=[CURSOR, LIMIT],
        responses=InvoiceListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        return _invoices(selectors.invoice_list(customer=request.user, **_paging(request)))


class OwnInvoiceView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_invoice_read",
        tags=["customer"],
        summary="Read my invoice or credit note",
        responses=InvoiceOutput,
    )
    def get(self, request: SignedInRequest, invoice_id: int) -> Response:
        return Response(invoice_body(selectors.invoice_get(customer=request.user, invoice_id=invoice_id)))


class OwnInvoicePdfView(_PdfView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_invoice_pdf_read",
        tags=["customer"],
        summary="Download it as a PDF, in my language",
        responses=PDF,
    )
    def get(self, request: SignedInRequest, invoice_id: int) -> HttpResponse:
        invoice = selectors.invoice_get(customer=request.user, invoice_id=invoice_id)
        return pdf_response(content=pdf.invoice_pdf(invoice, request.user.language), name=invoice.code)


# --- suppliers -------------------------------------------------------------------------------------------------------
class SupplierInvoiceListView(APIView):
    permission_classes = (IsSupplierMember,)

    @extend_schema(
        operation_id="supplier_invoice_list",
        tags=["supplier"],
        summary="List the invoices to my company, the latest first; for owners and finance",
        parameters=[CURSOR, LIMIT],
        responses=InvoiceListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        return _invoices(selectors.invoice_list_for_supplier(actor=request.user, **_paging(request)))


class SupplierInvoiceView(APIView):
    permission_classes = (IsSupplierMember,)

    @extend_schema(
        operation_id="supplier_invoice_read",
        tags=["supplier"],
        summary="Read an invoice to my company",
        responses=InvoiceOutput,
    )
    def get(self, request: SignedInRequest, invoice_id: int) -> Response:
        return Response(invoice_body(selectors.invoice_get_for_supplier(actor=request.user, invoice_id=invoice_id)))


class SupplierInvoicePdfView(_PdfView):
    permission_classes = (IsSupplierMember,)

    @extend_schema(
        operation_id="supplier_invoice_pdf_read", tags=["supplier"], summary="Download it as a PDF", responses=PDF
    )
    def get(self, request: SignedInRequest, invoice_id: int) -> HttpResponse:
        invoice = selectors.invoice_get_for_supplier(actor=request.user, invoice_id=invoice_id)
        return pdf_response(content=pdf.invoice_pdf(invoice), name=invoice.code)


class SupplierStatementListView(APIView):
    permission_classes = (IsSupplierMember,)

    @extend_schema(
        operation_id="supplier_statement_list",
        tags=["supplier"],
        summary="List my company's statements, the latest first; for owners and finance",
        parameters=[CURSOR, LIMIT],
        responses=StatementListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        return _statements(selectors.statement_list_for_supplier(actor=request.user, **_paging(request)))


class SupplierStatementView(APIView):
    permission_classes = (IsSupplierMember,)

    @extend_schema(
        operation_id="supplier_statement_read",
        tags=["supplier"],
        summary="Read a statement of my company",
        responses=StatementOutput,
    )
    def get(self, request: SignedInRequest, statement_id: int) -> Response:
        found = selectors.statement_get_for_supplier(actor=request.user, statement_id=statement_id)
        return Response(statement_body(found))


class SupplierStatementPdfView(_PdfView):
    permission_classes = (IsSupplierMember,)

    @extend_schema(
        operation_id="supplier_statement_pdf_read", tags=["supplier"], summary="Download it as a PDF", responses=PDF
    )
    def get(self, request: SignedInRequest, statement_id: int) -> HttpResponse:
        found = selectors.statement_get_for_supplier(actor=request.user, statement_id=statement_id)
        return pdf_response(content=pdf.statement_pdf(found), name=pdf.statement_file_name(found))


# --- employees -------------------------------------------------------------------------------------------------------
class InvoiceListView(APIView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_invoice_list",
        tags=["employee"],
        summary="List everybody's invoices, the latest first",
        parameters=[InvoiceFilterInput, CURSOR, LIMIT],
        responses=InvoiceListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        given = read_input(InvoiceFilterInput, request.query_params.dict())
        page = selectors.invoice_list_for_employee(
            actor=request.user, filters=InvoiceFilters(**given), **_paging(request)
        )
        return _invoices(page)


class InvoiceView(APIView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_invoice_read", tags=["employee"], summary="Read an invoice", responses=InvoiceOutput
    )
    def get(self, request: SignedInRequest, invoice_id: int) -> Response:
        return Response(invoice_body(selectors.invoice_get_for_employee(actor=request.user, invoice_id=invoice_id)))


class InvoicePdfView(_PdfView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_invoice_pdf_read", tags=["employee"], summary="Download it as a PDF", responses=PDF
    )
    def get(self, request: SignedInRequest, invoice_id: int) -> HttpResponse:
        invoice = selectors.invoice_get_for_employee(actor=request.user, invoice_id=invoice_id)
        return pdf_response(content=pdf.invoice_pdf(invoice), name=invoice.code)


class InvoicePaymentView(IdempotentView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_invoice_payment_create",
        tags=["employee"],
        summary="Record that money for a supplier's invoice came in",
        request=ReceiptInput,
        responses={201: InvoiceOutput},
    )
    def post(self, request: SignedInRequest, invoice_id: int) -> Response:
        given = read_input(ReceiptInput, request.data)

        def call(attempt: Attempt) -> tuple[int, Any]:
            services.invoice_payment_record(
                actor=request.user, invoice_id=invoice_id, now=clock.now(), attempt_id=attempt.id, **given
            )
            return 201, invoice_body(selectors.invoice_get_for_employee(actor=request.user, invoice_id=invoice_id))

        return self.answer_attempt(request, call)


class StatementListView(APIView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_statement_list",
        tags=["employee"],
        summary="List everybody's statements, the latest first",
        parameters=[StatementFilterInput, CURSOR, LIMIT],
        responses=StatementListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        given = read_input(StatementFilterInput, request.query_params.dict())
        page = selectors.statement_list_for_employee(actor=request.user, **given, **_paging(request))
        return _statements(page)


class StatementView(APIView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_statement_read", tags=["employee"], summary="Read a statement", responses=StatementOutput
    )
    def get(self, request: SignedInRequest, statement_id: int) -> Response:
        found = selectors.statement_get_for_employee(actor=request.user, statement_id=statement_id)
        return Response(statement_body(found))


class StatementPdfView(_PdfView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_statement_pdf_read", tags=["employee"], summary="Download it as a PDF", responses=PDF
    )
    def get(self, request: SignedInRequest, statement_id: int) -> HttpResponse:
        found = selectors.statement_get_for_employee(actor=request.user, statement_id=statement_id)
        return pdf_response(content=pdf.statement_pdf(found), name=pdf.statement_file_name(found))


class PayoutView(IdempotentView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_statement_payout_create",
        tags=["employee"],
        summary="Mark a statement as paid out",
        request=None,
        responses={201: StatementOutput},
    )
    def post(self, request: SignedInRequest, statement_id: int) -> Response:
        def call() -> tuple[int, Any]:
            services.statement_pay_out(actor=request.user, statement_id=statement_id, now=clock.now())
            found = selectors.statement_get_for_employee(actor=request.user, statement_id=statement_id)
            return 201, statement_body(found)

        return self.answer_once(request, call)
