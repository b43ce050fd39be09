"""The overview and the inbox."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from launches import selectors as launch_selectors
from launches.enums import ON_SALE, LaunchStatus
from launches.selectors import Desk
from portals.shared import inbox as inboxes
from portals.shared.preferences import preferences_page
from portals.supplier import overview
from portals.supplier.desk import at_desk, page

NEXT_SHOWN = 6
LOOKED_AT = 200  # open launches whose sums and tasks are shown; more than any supplier has at once


@require_safe
@at_desk
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the next launches, what they bring in, and what is to be done."""
    user: Any = request.user
    now = timezone.now()
    open_launches = launch_selectors.launch_list_for_supplier(actor=user, statuses=[LaunchStatus.DRAFT, *ON_SALE])
    found = launch_selectors.with_viability(open_launches).order_by("departure_at", "id")[:LOOKED_AT]
    rows = overview.launch_rows(launches=list(found), now=now)
    ahead = [row for row in rows if row.is_upcoming and row.launch.departure_at > now]
    context = {
        "rows": ahead[:NEXT_SHOWN],
        "more": max(len(ahead) - NEXT_SHOWN, 0),
        "sums": overview.sums(rows),
        "tasks": overview.tasks(rows=rows, desk=desk, now=now),
    }
    return page(request, desk, "supplier/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def inbox(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the member's messages; a POST opens one or marks all as read."""
    if request.method == "POST":
        return inboxes.inbox_act(request, back_to="supplier:inbox")
    return page(
        request, desk, "supplier/inbox.html", inboxes.inbox_context(request, open_url=reverse("supplier:inbox"))
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def preferences(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Choose what is mailed to the member."""

    def render(context: dict[str, Any]) -> HttpResponse:
        return page(request, desk, "supplier/preferences.html", context)

    return preferences_page(request, render=render, here="supplier:preferences")
