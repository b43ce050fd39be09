"""Launches of every supplier."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings import selectors as booking_selectors
from common import keyset
from launches import selectors as launch_selectors
from launches.enums import LaunchStatus
from launches.selectors import SORTS, CatalogueFilters
from portals.employee.desk import employee_view, page
from portals.shared import history

PAGE = 50
BOOKINGS_PAGE = 50


@require_safe
@employee_view()
def launch_list(request: HttpRequest) -> HttpResponse:
    """List launches in any state with seats and money."""
    user: Any = request.user
    text = request.GET.get("q", "").strip()[:200]
    status = request.GET.get("status", "")
    status = status if status in LaunchStatus.values else ""
    cursor = request.GET.get("cursor", "")
    launches = launch_selectors.launch_list_all(
        actor=user, filters=CatalogueFilters(text=text), statuses=[status] if status else []
    )
    order = SORTS.get(request.GET.get("sort", ""), SORTS["-departure"])
    found = keyset.page(rows=launches, order=order, cursor=cursor, limit=PAGE)
    takings = booking_selectors.launch_takings(launch_ids=[row.pk for row in found.rows], now=timezone.now())
    context = {
        "rows": [(launch, takings[launch.pk]) for launch in found.rows],
        "next_cursor": found.next_cursor,
        "is_later_page": bool(cursor),
        "text": text,
        "status": status,
        "statuses": LaunchStatus.choices,
    }
    return page(request, "employee/launch_list.html", context, fragment="rows")


@require_safe
@employee_view()
def launch_detail(request: HttpRequest, launch_id: int) -> HttpResponse:
    """Show a launch with its bookings and history."""
    user: Any = request.user
    launch = launch_selectors.launch_get_for_employee(actor=user, launch_id=launch_id)
    cursor = request.GET.get("cursor", "")
    found = booking_selectors.booking_list_for_employee(
        actor=user,
        filters=booking_selectors.BookingFilters(launch_id=launch.pk),
        cursor=cursor,
        limit=BOOKINGS_PAGE,
    )
    context = {
        "launch": launch,
        "takings": booking_selectors.launch_takings(launch_ids=[launch.pk], now=timezone.now())[launch.pk],
        "waiting": booking_selectors.waiting_length_for_employee(actor=user, launch_id=launch.pk),
        "bookings": found.rows,
        "next_cursor": found.next_cursor,
        "is_later_page": bool(cursor),
        "is_published": launch.status != LaunchStatus.DRAFT,
        "history": history.lines(
            launch_selectors.launch_history(actor=user, launch_id=launch.pk),
            precision=launch.departure_precision,
            zone=launch.spaceport.time_zone,
            currency=launch.price_currency,
        ),
    }
    return page(request, "employee/launch_detail.html", context)
