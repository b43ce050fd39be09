"""Reads of invoices, credit notes and the payments of them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from common import keyset
from finance import access, errors
from finance.models import Invoice, InvoicePayment
from finance.policies import UNPAID_INVOICES

if TYPE_CHECKING:
    from accounts.models import User

LATEST_FIRST = ("-issued_on", "-id")


def _invoices() -> QuerySet[Invoice]:
    """Fetch all that a page, a body or a PDF shows, in one query."""
    return Invoice.objects.select_related(
        "corrects", "booking", "customer", "supplier", "launch__rocket", "launch__destination", "statement"
    )


def _one(rows: QuerySet[Invoice], invoice_id: int) -> Invoice:
    invoice = rows.filter(pk=invoice_id).first()
    if invoice is None:
        raise errors.InvoiceNotFound
    return invoice


# --- customers -------------------------------------------------------------------------------------------------------
def invoices_of_booking(*, customer: "User", booking_id: int) -> list[Invoice]:
    """Return the invoices and credit notes of a customer's booking, the oldest first."""
    return list(Invoice.objects.filter(customer=customer, booking_id=booking_id).order_by("pk"))


def invoices_of_customer(*, customer: "User") -> list[Invoice]:
    """Return a customer's invoices and credit notes, the latest first."""
    rows = Invoice.objects.filter(customer=customer).select_related("corrects", "booking")
    return list(rows.order_by(*LATEST_FIRST)[:200])


def invoice_list(*, customer: "User", cursor: str = "", limit: int = 25) -> keyset.Page:
    """List them, a page at a time."""
    return keyset.page(rows=_invoices().filter(customer=customer), order=LATEST_FIRST, cursor=cursor, limit=limit)


def invoice_get(*, customer: "User", invoice_id: int) -> Invoice:
    """Return one of a customer's invoices. Raises: InvoiceNotFound."""
    return _one(_invoices().filter(customer=customer), invoice_id)


def invoice_told(*, invoice_id: int, customer_id: int | None, supplier_id: int | None) -> Invoice:
    """
    Return an invoice for a message to its customer, or to its supplier when no customer is named.

    Raises: InvoiceNotFound, also when it is to somebody else.
    """
    to = {"customer_id": customer_id} if customer_id else {"customer": None, "supplier_id": supplier_id}
    return _one(_invoices().filter(**to), invoice_id)


# --- suppliers -------------------------------------------------------------------------------------------------------
def invoice_list_for_supplier(*, actor: "User", cursor: str = "", limit: int = 25) -> keyset.Page:
    """List the invoices to the actor's supplier, the latest first. Raises: NotASupplierMember, MoneyRoleForbids."""
    return keyset.page(rows=_to_supplier(actor), order=LATEST_FIRST, cursor=cursor, limit=limit)


def invoice_get_for_supplier(*, actor: "User", invoice_id: int) -> Invoice:
    """Return one of them. Raises: InvoiceNotFound (also for others'), NotASupplierMember, MoneyRoleForbids."""
    return _one(_to_supplier(actor).prefetch_related(_receipts()), invoice_id)


def _to_supplier(actor: "User") -> QuerySet[Invoice]:
    supplier_id = access.supplier_of_money_member(actor)
    return _invoices().filter(supplier_id=supplier_id, customer=None)


# --- employees -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class InvoiceFilters:
    """What finance narrows invoices by; empty means any. `text` is a number, a reference, a mail or a supplier."""

    text: str = ""
    kind: str = ""
    status: str = ""
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class InvoiceSum:
    """What the invoices of a filter sum up to, by kind and currency."""

    kind: str
    currency: str
    count: int
    amount: Decimal
    open_amount: Decimal


def invoice_list_for_employee(
    *, actor: "User", filters: InvoiceFilters, cursor: str = "", limit: int = 50
) -> keyset.Page:
    """List everybody's invoices, the latest first, a page at a time. Raises: Forbidden."""
    access.money_desk_check(actor)
    return keyset.page(rows=_narrowed(_invoices(), filters), order=LATEST_FIRST, cursor=cursor, limit=limit)


def invoice_sums(*, actor: "User", filters: InvoiceFilters) -> list[InvoiceSum]:
    """Sum up what a filter finds. Raises: Forbidden. One query."""
    access.money_desk_check(actor)
    rows = _narrowed(Invoice.objects.all(), filters).order_by().values_list("kind", "currency")
    found = rows.annotate(number=Count("pk"), billed=Sum("amount"), paid=Sum("paid_amount")).order_by(
        "kind", "currency"
    )
    return [
        InvoiceSum(kind=kind, currency=currency, count=count, amount=billed, open_amount=billed - paid)
        for kind, currency, count, billed, paid in found
    ]


def _narrowed(rows: QuerySet[Invoice], filters: InvoiceFilters) -> QuerySet[Invoice]:
    for field in ("kind", "status", "year"):
        if value := getattr(filters, field):
            rows = rows.filter(**{field: value})
    if text := filters.text.strip():
        found = (
            Q(booking__reference__iexact=text)
            | Q(customer__email__icontains=text)
            | Q(supplier__trade_name__icontains=text, customer=None)
            | Q(launch__mission_name__icontains=text)
        )
        rows = rows.filter(_code(text) or found)
    return rows


def _code(text: str) -> Q | None:
    """Read a number as people quote it ("C-2026-000042"); None when it is none."""
    parts = text.upper().split("-")
    if len(parts) != 3 or not all(one.isascii() and one.isdigit() and len(one) < 9 for one in parts[1:]):
        return None
    return Q(series=parts[0], year=int(parts[1]), number=int(parts[2]))


def invoice_get_for_employee(*, actor: "User", invoice_id: int) -> Invoice:
    """Return any invoice with its recorded payments and credit notes. Raises: InvoiceNotFound, Forbidden."""
    access.money_desk_check(actor)
    notes = Prefetch("credit_notes", Invoice.objects.order_by("pk"))
    return _one(_invoices().prefetch_related(_receipts(), notes), invoice_id)


def invoices_overdue_count() -> int:
    """Count what suppliers should have paid by now."""
    return Invoice.objects.filter(status="overdue").count()


def invoice_is_unpaid(*, invoice_id: int) -> bool:
    """Tell whether something of an invoice is still to be paid; for reminders."""
    return Invoice.objects.filter(pk=invoice_id, status__in=UNPAID_INVOICES).exists()


def _receipts() -> Any:
    rows = InvoicePayment.objects.select_related("recorded_by").order_by("received_on", "pk")
    return Prefetch("payments", rows)
