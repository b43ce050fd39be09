"""What every page of the portal has: navigation and footer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from notifications import selectors as notification_selectors
from portals.shared import navigation
from portals.shared.htmx import is_htmx, render_page

if TYPE_CHECKING:
    from accounts.models import User


def me(request: HttpRequest) -> "User":
    """Return who is signed in; for views behind `customer_required`."""
    return cast("User", request.user)


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> TemplateResponse:
    """Render a page of this portal, or its `fragment` when htmx asks (which needs no navigation)."""
    values = dict(context or {})
    if not (fragment and is_htmx(request)):
        values |= {
            "nav_items": navigation.mark_current(entries=_entries(request), path=request.path),
            "footer_items": [
                ("How booking works", reverse("customer:help")),
                ("Launches", reverse("customer:launch-list")),
            ],
        }
    return render_page(request, template, values, fragment=fragment, status=status)


def _entries(request: HttpRequest) -> list[tuple[str, str]]:
    entries = [("Launches", reverse("customer:launch-list")), ("Suppliers", reverse("customer:supplier-list"))]
    if not request.user.is_authenticated:
        return [*entries, ("My trips", reverse("customer:trip-list"))]
    if request.user.kind != "customer":
        return [*entries, ("My portal", reverse("accounts:home"))]
    unread = notification_selectors.inbox_unread_count(user=request.user)
    inbox = f"Inbox ({unread})" if unread else "Inbox"
    return [
        *entries,
        ("My trips", reverse("customer:trip-list")),
        (inbox, reverse("customer:inbox")),
        ("Profile", reverse("customer:profile")),
    ]
