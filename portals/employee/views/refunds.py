"""Refunds that need a person, and money given back as goodwill."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import selectors as booking_selectors
from common.errors import Busy, DomainError, Kind
from common.money import format_money
from finance import selectors as finance_selectors
from finance import services as finance_services
from finance.enums import RefundStatus
from portals.employee.desk import FINANCE, SUPPORT, employee_view, page, told
from portals.employee.forms import GoodwillForm, PaidByHandForm
from portals.shared import htmx
from portals.shared.doors import errors_to_form, lock_waits, refused


@require_safe
@employee_view(FINANCE)
def refund_list(request: HttpRequest) -> HttpResponse:
    """List the refunds that failed, and those that wait for the gateway for too long."""
    user: Any = request.user
    now = timezone.now()
    context = {"refunds": finance_selectors.refunds_failing(actor=user, now=now), "now": now}
    return page(request, "employee/refund_list.html", context)


@require_POST
@employee_view(FINANCE)
def refund_retry(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """Ask the gateway again now."""
    user: Any = request.user
    refund = finance_services.refund_retry(actor=user, refund_id=refund_id, now=timezone.now())
    amount = format_money(refund.amount, refund.currency)
    if refund.status == RefundStatus.SUCCEEDED:
        told(request, f"{amount} went back for booking {refund.booking.reference}.")
    else:
        messages.warning(
            request, f"{amount} for booking {refund.booking.reference} did not go back: {refund.latest_error}"
        )
    return htmx.redirect_page(request, "employee:refund-list")


@require_http_methods(["GET", "HEAD", "POST"])
@employee_view(FINANCE)
def refund_paid_by_hand(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """Ask how a failed refund was paid outside the gateway, and write it down."""
    user: Any = request.user
    refund = finance_selectors.refund_get(actor=user, refund_id=refund_id)
    form = PaidByHandForm(request.POST if request.method == "POST" else None)
    status = 422
    if form.is_bound and form.is_valid():
        try:
            with lock_waits():
                finance_services.refund_paid_by_hand(
                    actor=user, refund_id=refund_id, note=form.cleaned_data["note"], now=timezone.now()
                )
        except Busy as error:
            status = refused(form, error)
        else:
            told(request, f"The refund for booking {refund.booking.reference} is paid.")
            return htmx.redirect_page(request, "employee:refund-list")
    context = {"refund": refund, "form": form}
    return page(request, "employee/refund_paid_by_hand.html", context, status=status if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@employee_view(FINANCE, SUPPORT)
def booking_goodwill(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask how much and why, then give it back."""
    user: Any = request.user
    booking = booking_selectors.booking_get_for_employee(actor=user, reference=reference.replace("\0", ""))
    form = GoodwillForm(request.POST if request.method == "POST" else None, initial={"key": uuid4().hex})
    status = 422
    if form.is_bound and form.is_valid():
        try:
            with lock_waits():
                refunds = finance_services.refund_goodwill(
                    actor=user, reference=booking.reference, now=timezone.now(), **form.cleaned_data
                )
        except Busy as error:
            status = refused(form, error)
        except DomainError as error:
            if error.kind is not Kind.INVALID:
                raise
            if error.fields:
                errors_to_form(form, error)
            else:
                form.add_error("amount", error.message)
        else:
            amount = format_money(sum((one.amount for one in refunds), Decimal(0)), booking.price_currency)
            told(request, f"{amount} goes back to the customer's card.")
            return htmx.redirect_page(request, "employee:booking-detail", booking.reference)
    left = finance_selectors.refundable_amount(actor=user, booking_id=booking.pk)
    context = {"booking": booking, "form": form, "left": left}
    return page(request, "employee/booking_goodwill.html", context, status=status if form.errors else 200)
