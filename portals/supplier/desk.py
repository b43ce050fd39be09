"""What every page of the portal needs: who is at the desk, what the role opens, and the navigation."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from launches import errors as launch_errors
from launches import selectors as launch_selectors
from launches.selectors import Desk
from notifications import selectors as notification_selectors
from portals.shared import doors, htmx, navigation

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Desk, P], HttpResponse]
Entered = Callable[Concatenate[HttpRequest, P], HttpResponse]


def at_desk(view: View[P]) -> Entered[P]:
    """Let supplier members in and hand their desk to the view; tell expected failures to the person."""

    @doors.supplier_required
    @doors.translate_domain_errors()
    @wraps(view)
    def entered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user: Any = request.user
        return view(request, launch_selectors.desk_get(actor=user), *args, **kwargs)

    return entered


def changes_required(view: View[P]) -> Entered[P]:
    """Let only those in who may plan and move launches; the services refuse the others too."""

    def checked(request: HttpRequest, desk: Desk, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not desk.may_change:
            raise launch_errors.RoleForbids(role=desk.member.get_role_display().lower())
        return view(request, desk, *args, **kwargs)

    return wraps(view)(at_desk(checked))


def page(
    request: HttpRequest,
    desk: Desk,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a page of the portal with its navigation."""
    user: Any = request.user
    unread = notification_selectors.inbox_unread_count(user=user)
    entries = [
        ("Overview", reverse("supplier:home")),
        ("Launches", reverse("supplier:launch-list")),
        *_money_entries(desk),
        *([("Webhooks", reverse("supplier:webhook-list"))] if desk.may_change else []),
        (f"Inbox ({unread})" if unread else "Inbox", reverse("supplier:inbox")),
    ]
    items = navigation.mark_current(entries=entries, path=request.path)
    # The overview's address is the beginning of every other.
    items = [
        (label, url, is_current and (url != entries[0][1] or request.path == url)) for label, url, is_current in items
    ]
    values = {"desk": desk, "nav_items": items, **(context or {})}
    return htmx.render_page(request, template, values, fragment=fragment, status=status)


def _money_entries(desk: Desk) -> list[tuple[str, str]]:
    if not desk.may_see_money:
        return []
    return [("Statements", reverse("supplier:statement-list")), ("Invoices", reverse("supplier:invoice-list"))]
