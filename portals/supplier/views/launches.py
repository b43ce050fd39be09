"""The list of launches, and one launch with all that hangs on it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from bookings import selectors as booking_selectors
from common import clock, keyset
from launches import selectors as launch_selectors
from launches.enums import ON_SALE, LaunchStatus
from launches.selectors import SORTS, Desk
from portals.shared import cabin, history
from portals.supplier import overview
from portals.supplier.desk import at_desk, page
from portals.supplier.moves import MOVES

PAGE = 25
BOOKINGS_PAGE = 50
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("All", ()),
    "draft": ("Drafts", (LaunchStatus.DRAFT,)),
    "open": ("On sale", tuple(ON_SALE)),
    "scheduled": ("Scheduled", (LaunchStatus.SCHEDULED,)),
    "confirmed": ("Confirmed", (LaunchStatus.CONFIRMED,)),
    "delayed": ("Delayed", (LaunchStatus.DELAYED,)),
    "flown": ("Flown", (LaunchStatus.LAUNCHED, LaunchStatus.FAILED)),
    "aborted": ("Aborted", (LaunchStatus.ABORTED,)),
}


@require_safe
@at_desk
def launch_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the supplier's launches with seats and money."""
    user: Any = request.user
    group = request.GET.get("status", "")
    group = group if group in GROUPS else ""
    cursor = request.GET.get("cursor", "")
    launches = launch_selectors.launch_list_for_supplier(actor=user, statuses=GROUPS[group][1])
    order = SORTS.get(request.GET.get("sort", ""), SORTS["-departure"])
    found = keyset.page(rows=launches, order=order, cursor=cursor, limit=PAGE)
    counts = launch_selectors.launch_counts_for_supplier(supplier_id=desk.supplier.pk)
    context = {
        "rows": overview.launch_rows(launches=found.rows, now=clock.now()),
        "next_cursor": found.next_cursor,
        "is_later_page": bool(cursor),
        "group": group,
        "tabs": [
            (key, label, sum(n for status, n in counts.items() if not statuses or status in statuses))
            for key, (label, statuses) in GROUPS.items()
        ],
        "has_any": bool(counts),
    }
    return page(request, desk, "supplier/launch_list.html", context, fragment="rows")


@require_safe
@at_desk
def launch_detail(request: HttpRequest, desk: Desk, launch_id: int) -> HttpResponse:
    """Show a launch: its facts, seats, bookings, money, history, and what can be done with it."""
    user: Any = request.user
    now = clock.now()
    launch = launch_selectors.launch_get_for_supplier(actor=user, launch_id=launch_id)
    cursor = request.GET.get("cursor", "")
    found = booking_selectors.booking_list_for_supplier(
        actor=user, launch_id=launch_id, cursor=cursor, limit=BOOKINGS_PAGE
    )
    possible = launch_selectors.moves_possible(launch=launch, now=now)
    seats = booking_selectors.seat_map(launch_id=launch_id, now=now)
    context = {
        "launch": launch,
        "row": overview.launch_rows(launches=[launch], now=now)[0],
        "waiting": booking_selectors.waiting_length_for_supplier(actor=user, launch_id=launch_id),
        "seats": [
            cabin.SeatView(
                id=seat.id,
                label=seat.label,
                row=seat.row,
                column=seat.column,
                state=seat.state,
                is_window=seat.is_window,
                is_exit=seat.is_exit,
            )
            for seat in seats
        ],
        "bookings": found.rows,
        "next_cursor": found.next_cursor,
        "is_later_page": bool(cursor),
        "history": history.lines(
            launch_selectors.launch_history(actor=user, launch_id=launch_id),
            precision=launch.departure_precision,
            zone=launch.spaceport.time_zone,
            currency=launch.price_currency,
        ),
        "moves": [MOVES[status] for status in possible if status in MOVES] if desk.may_change else [],
        "is_draft": launch.status == LaunchStatus.DRAFT,
        "is_over": not possible and launch.status != LaunchStatus.DRAFT,
    }
    return page(request, desk, "supplier/launch_detail.html", context)
