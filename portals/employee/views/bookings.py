"""Bookings of everybody, and one booking with all that happened to it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from bookings import selectors as booking_selectors
from bookings.enums import BookingStatus
from documents.errors import DocumentStoreUnavailable
from documents.repositories import AuditTrail
from finance import selectors as finance_selectors
from notifications import selectors as notification_selectors
from portals.employee.desk import FINANCE, IT, SUPPORT, employee_view, has_role, page

PAGE = 50


@require_safe
@employee_view()
def booking_list(request: HttpRequest) -> HttpResponse:
    """List bookings, the latest first; the search and the state stand in the address."""
    user: Any = request.user
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    status = request.GET.get("status", "")
    status = status if status in BookingStatus.values else ""
    cursor = request.GET.get("cursor", "")
    found = booking_selectors.booking_list_for_employee(
        actor=user,
        filters=booking_selectors.BookingFilters(text=text, status=status),
        cursor=cursor,
        limit=PAGE,
    )
    context = {
        "bookings": found.rows,
        "next_cursor": found.next_cursor,
        "is_later_page": bool(cursor),
        "text": text,
        "status": status,
        "statuses": BookingStatus.choices,
    }
    return page(request, "employee/booking_list.html", context, fragment="rows")


@require_safe
@employee_view()
def booking_detail(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a booking: customer, passengers, money, history, audit entries, messages about it."""
    user: Any = request.user
    booking = booking_selectors.booking_get_for_employee(actor=user, reference=reference.replace("\0", ""))
    payments, refunds, invoices = finance_selectors.money_of_booking(actor=user, booking_id=booking.pk)
    audit, is_audit_away = _audit("booking", booking.pk)
    context = {
        "booking": booking,
        "launch": booking.launch,
        "payments": payments,
        "refunds": refunds,
        "invoices": invoices,
        "may_see_ledger": has_role(request, FINANCE),
        "may_give_goodwill": booking.confirmed_at is not None and has_role(request, FINANCE, SUPPORT),
        "audit": [(entry, AuditTrail.key_of(entry)) for entry in audit],
        "may_see_people": has_role(request, SUPPORT, IT),
        "may_see_trail": has_role(request, IT),
        "is_audit_away": is_audit_away,
        "notifications": notification_selectors.messages_about_booking(actor=user, booking_id=booking.pk),
    }
    return page(request, "employee/booking_detail.html", context)


def _audit(kind: str, object_id: int) -> tuple[list[Any], bool]:
    """Return the audit entries of an object, and whether their store is away."""
    try:
        return AuditTrail.of_object(kind, object_id), False
    except DocumentStoreUnavailable:
        return [], True
