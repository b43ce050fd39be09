"""Suppliers and accounts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import selectors as account_selectors
from accounts import services as account_services
from accounts.enums import UserKind
from accounts.errors import AccountError, UserNotFound
from bookings import selectors as booking_selectors
from launches import selectors as launch_selectors
from launches import services as launch_services
from launches.enums import ON_SALE, SupplierStatus
from launches.selectors import CatalogueFilters
from portals.employee.desk import ADMIN, IT, SUPPORT, employee_view, has_role, page, told
from portals.employee.forms import ReasonForm
from portals.shared import htmx
from portals.shared.doors import refused

PAGE = 50


@require_safe
@employee_view(SUPPORT)
def supplier_list(request: HttpRequest) -> HttpResponse:
    """List suppliers with what may be done to them."""
    user: Any = request.user
    status = request.GET.get("status", "")
    status = status if status in SupplierStatus.values else ""
    text = request.GET.get("q", "").strip()[:200]
    context = {
        "suppliers": launch_selectors.supplier_list(actor=user, status=status, text=text),
        "status": status,
        "statuses": SupplierStatus.choices,
        "text": text,
    }
    return page(request, "employee/supplier_list.html", context)


@require_POST
@employee_view(SUPPORT)
def supplier_approve(request: HttpRequest, supplier_id: int) -> HttpResponse:
    """Let a supplier sell."""
    user: Any = request.user
    supplier = launch_services.supplier_approve(actor=user, supplier_id=supplier_id)
    told(request, f"{supplier.trade_name} may sell.")
    return htmx.redirect_page(request, "employee:supplier-list")


@require_http_methods(["GET", "HEAD", "POST"])
@employee_view(SUPPORT)
def supplier_suspend(request: HttpRequest, supplier_id: int) -> HttpResponse:
    """Ask why, then stop a supplier's sales."""
    user: Any = request.user
    supplier = launch_selectors.supplier_get(supplier_id=supplier_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        launch_services.supplier_suspend(actor=user, supplier_id=supplier_id, reason=form.cleaned_data["reason"])
        told(request, f"{supplier.trade_name} is suspended. Its launches are off sale; bookings stay.")
        return htmx.redirect_page(request, "employee:supplier-list")
    on_sale = launch_selectors.launch_list_all(
        actor=user, filters=CatalogueFilters(supplier=supplier.slug), statuses=list(ON_SALE)
    )
    context = {"supplier": supplier, "form": form, "on_sale": on_sale.count()}
    return page(request, "employee/supplier_suspend.html", context, status=422 if form.errors else 200)


@require_safe
@employee_view(SUPPORT, IT)
def user_list(request: HttpRequest) -> HttpResponse:
    """Find an account."""
    user: Any = request.user
    text = request.GET.get("q", "").strip()[:200]
    kind = request.GET.get("kind", "")
    kind = kind if kind in UserKind.values else ""
    cursor = request.GET.get("cursor", "")
    found = account_selectors.user_list(actor=user, text=text, kind=kind, cursor=cursor, limit=PAGE)
    context = {
        "people": found.rows,
        "next_cursor": found.next_cursor,
        "is_later_page": bool(cursor),
        "text": text,
        "kind": kind,
        "kinds": UserKind.choices,
    }
    return page(request, "employee/user_list.html", context, fragment="rows")


@require_safe
@employee_view(SUPPORT, IT)
def user_detail(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show an account: who it is and what was booked with it; changes are made in the admin."""
    user: Any = request.user
    person = account_selectors.user_get(actor=user, user_id=user_id)
    filters = booking_selectors.BookingFilters(customer_id=person.pk)
    cursor = request.GET.get("cursor", "")
    found = booking_selectors.booking_list_for_employee(actor=user, filters=filters, cursor=cursor, limit=PAGE)
    context = {
        "person": person,
        "is_customer": person.kind == UserKind.CUSTOMER,
        "bookings": found.rows,
        "next_cursor": found.next_cursor,
        "is_later_page": bool(cursor),
        "is_it": has_role(request, IT),
        "may_change": user.has_perm("accounts.change_user"),
        "may_reset_factor": has_role(request, ADMIN) and person.needs_second_factor and person.pk != user.pk,
    }
    return page(request, "employee/user_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@employee_view(ADMIN)
def second_factor_reset(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask why, then take an employee's second factor away."""
    user: Any = request.user
    person = account_selectors.user_get(actor=user, user_id=user_id)
    if person.kind != UserKind.EMPLOYEE:
        raise UserNotFound
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            account_services.second_factor_reset(actor=user, user_id=user_id, reason=form.cleaned_data["reason"])
        except AccountError as error:
            status = refused(form, error)
        else:
            told(request, f"The second factor of {person.get_full_name()} is reset, and all their sessions have ended.")
            return htmx.redirect_page(request, "employee:user-detail", person.pk)
    context = {"person": person, "form": form}
    return page(
        request, "employee/second_factor_reset.html", context, status=422 if form.errors and status == 200 else status
    )
