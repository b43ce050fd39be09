"""What every page of the portal needs: who may enter, and the navigation of the role."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from accounts import selectors as account_selectors
from accounts.enums import EmployeeRole
from common import outbox
from documents import audit_reading
from notifications import selectors as notification_selectors
from portals.shared import doors, htmx, navigation

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
IT = EmployeeRole.IT.value
SUPPORT = EmployeeRole.SUPPORT.value
FINANCE = EmployeeRole.FINANCE.value
ADMIN = EmployeeRole.ADMIN.value

# Label, URL name, roles (none: every employee); an admin has them all.
ENTRIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Overview", "employee:home", ()),
    ("Bookings", "employee:booking-list", ()),
    ("Launches", "employee:launch-list", ()),
    ("Suppliers", "employee:supplier-list", (SUPPORT,)),
    ("People", "employee:user-list", (SUPPORT, IT)),
    ("Refunds", "employee:refund-list", (FINANCE,)),
    ("Invoices", "employee:invoice-list", (FINANCE,)),
    ("Statements", "employee:statement-list", (FINANCE,)),
    ("Ledger", "employee:money-run-list", (FINANCE,)),
    ("Messages", "employee:notification-list", (IT,)),
    ("Templates", "employee:template-list", (IT,)),
    ("Mails", "employee:mail-list", (IT,)),
    ("Webhooks", "employee:webhook-list", (IT,)),
    ("System log", "employee:log-list", (IT,)),
    ("Audit trail", "employee:audit-list", (IT,)),
    ("Reconciliation", "employee:reconciliation", (IT,)),
    ("Events", "employee:event-list", (IT,)),
    ("Jobs", "employee:job-list", (IT,)),
)

# What stands over runs of entries, which stay in the order above.
HEADS = {
    **dict.fromkeys(("Bookings", "Launches", "Suppliers", "People"), "Sales"),
    **dict.fromkeys(("Refunds", "Invoices", "Statements", "Ledger"), "Money"),
    **dict.fromkeys(("Messages", "Templates", "Mails", "Webhooks"), "Messages"),
    **dict.fromkeys(("System log", "Audit trail", "Reconciliation", "Events", "Jobs"), "System"),
}


def employee_view(*roles: str) -> Callable[[View[P]], View[P]]:
    """Let employees with one of the roles in (all when none is named), and tell expected failures to them."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def noting(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            with outbox.noted():
                return view(request, *args, **kwargs)

        return doors.employee_required(*roles)(doors.translate_domain_errors()(noting))

    return decorate


def told(request: HttpRequest, sentence: str, *, level: int = messages.SUCCESS) -> None:
    """Say on the next page what was done, with a link to its entry in the audit trail."""
    numbers = outbox.noted_now()
    key = audit_reading.key_of_event_number(event_id=numbers[0]) if numbers else ""
    if key:
        address = reverse("employee:audit-entry", args=[key])
        sentence = format_html('{} <a href="{}" class="nowrap">See its audit entry</a>', sentence, address)
    messages.add_message(request, level, sentence)


def has_role(request: HttpRequest, *roles: str) -> bool:
    """Tell whether the reader has one of the roles."""
    user: Any = request.user
    return account_selectors.employee_has_role(user, *roles)


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a page of the portal with the navigation of the reader's role."""
    user: Any = request.user
    unread = notification_selectors.inbox_unread_count(user=user)
    entries = [(label, reverse(name)) for label, name, roles in ENTRIES if has_role(request, *roles)]
    entries.append((f"Inbox ({unread})" if unread else "Inbox", reverse("employee:inbox")))
    home = entries[0][1]
    items = navigation.mark_current(entries=entries, path=request.path)
    # The overview's address is the beginning of every other.
    items = [(label, url, is_current and (url != home or request.path == url)) for label, url, is_current in items]
    items.append(("Admin", reverse("admin:index"), False))
    groups = navigation.grouped(items=items, heads=HEADS)
    values = {"nav_items": items, "nav_groups": groups, **(context or {})}
    return htmx.render_page(request, template, values, fragment=fragment, status=status)
